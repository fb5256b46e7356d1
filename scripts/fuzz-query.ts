/**
 * `npm run fuzz:query -- --seconds N --seed S`: fuzzes the query parser and evaluator, guided by coverage. Prints what was run and
 * every law that did not hold; each such text is saved, and the exit code is then 1.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzzQueries } from '../test/helpers/query-fuzz/fuzz-queries.ts'

const FOLDER = join('.celosia', 'fuzz')

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
const endMs = performance.now() + Number(values.seconds) * 1000
const { executions, queries, corpusSize, coveredRanges, findings } = await fuzzQueries({
  seed,
  goesOn: () => performance.now() < endMs,
})
console.log(
  `fuzz:query: ${executions} executions from seed ${seed}, ${queries} queries, corpus ${corpusSize}, ${coveredRanges} ranges covered, ${findings.length} findings`,
)
for (const [index, { text, finding }] of findings.entries()) {
  const file = join(FOLDER, `query-${seed}-${index}.json`)
  mkdirSync(FOLDER, { recursive: true })
  // As JSON: half a surrogate pair cannot be written otherwise.
  writeFileSync(file, `${JSON.stringify({ law: finding.law, text })}\n`)
  console.error(`does not hold: ${finding.law}`)
  console.error(`text: ${JSON.stringify(text)} (saved in ${file})`)
  if (finding.cause !== undefined) console.error(finding.cause)
}
process.exitCode = findings.length === 0 ? 0 : 1
