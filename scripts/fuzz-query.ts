/**
 * `npm run fuzz:query -- --seconds N --seed S`: fuzzes the query parser and evaluator, guided by coverage. Prints what was run and
 * every law that did not hold; each such text is saved, and the exit code is then 1.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { FuzzReport, QueryFinding } from '../test/helpers/query-fuzz/fuzz-queries.ts'
import type { FuzzOrder } from '../test/helpers/query-fuzz/worker.ts'

const FOLDER = join('.celosia', 'fuzz')
const WORKER = new URL('../test/helpers/query-fuzz/worker.ts', import.meta.url)
/** More than any text has. */
const TEXT_UNITS_MAX = 8_192
/** After the time is over; one batch takes a second. */
const GRACE_MS = 30_000
const HEAP_MB = 1_024

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
})
const findings = await run(Number(values.seed), Number(values.seconds))
for (const [index, { law, text, thrown }] of findings.entries()) {
  const file = join(FOLDER, `query-${values.seed}-${index}.json`)
  mkdirSync(FOLDER, { recursive: true })
  // As JSON: half a surrogate pair cannot be written otherwise.
  writeFileSync(file, `${JSON.stringify({ law, text })}\n`)
  console.error(`does not hold: ${law}\ntext: ${JSON.stringify(text)} (saved in ${file})`)
  if (thrown !== '') console.error(thrown)
}
process.exitCode = findings.length === 0 ? 0 : 1

/** Runs it in a thread, so that an endless loop, or a text that takes all memory, is a finding too. */
async function run(seed: number, seconds: number): Promise<readonly QueryFinding[]> {
  const current = new SharedArrayBuffer(TEXT_UNITS_MAX * 2)
  const workerData: FuzzOrder = { seed, seconds, current }
  const worker = new Worker(WORKER, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const { promise, resolve } = Promise.withResolvers<FuzzReport | string>()
  worker.once('message', resolve)
  worker.once('error', (error) => resolve(String(error)))
  const timer = setTimeout(() => resolve('it does not end'), seconds * 1000 + GRACE_MS)
  const outcome = await promise
  clearTimeout(timer)
  await worker.terminate()
  if (typeof outcome !== 'string') {
    const { executions, queries, corpusSize, coveredRanges } = outcome
    console.log(
      `fuzz:query: ${executions} executions from seed ${seed}, ${queries} queries, corpus ${corpusSize}, ${coveredRanges} ranges covered, ${outcome.findings.length} findings`,
    )
    return outcome.findings
  }
  const [length = 0, ...units] = new Uint16Array(current)
  const text = String.fromCharCode(...units.slice(0, length))
  return [{ law: 'a text ends in time and with the memory there is', text, thrown: outcome }]
}
