/** How many bytes of text the recognizers read in a second of CPU time, and other packages beside them. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { corpusScanner } from '../../test/helpers/text-corpus/evaluate.ts'
import { generateCorpus } from '../../test/helpers/text-corpus/generate.ts'
import { PROSE } from './prose.ts'

/** Out of the way of everything that looks at this repository. */
const PEERS = fileURLToPath(new URL('../../node_modules/.cache/text-peers/', import.meta.url))
const REDACT_PII = 'redact-pii'
const OPEN_REDACTION = '@openredaction/openredaction'
const INSTALL = `npm install --prefix node_modules/.cache/text-peers ${REDACT_PII}@3.4.0 ${OPEN_REDACTION}@1.0.4`
const ROUNDS = 7
const ROUND_MS = 150
const TEXT_UNITS = 10_000
/** In dense text a personal value stands in so many bytes. */
const BYTES_PER_VALUE = 200

interface Throughput {
  readonly rows: readonly { readonly what: string; readonly megabytesPerSecond: number }[]
  readonly clean: number
  readonly dense: number
  readonly others: readonly { readonly name: string; readonly times: number }[]
}

type Scan = (text: string) => unknown

export async function measureThroughput(): Promise<Throughput> {
  const scanner = corpusScanner()
  const scan: Scan = (text) => scanner.find(text)
  const clean = inTexts(repeated(PROSE.map(({ text }) => text)))
  const dense = inTexts(denseLines())
  const tickets = generateCorpus('held-back').tickets.map(({ text }) => flat(text))
  const rows = [
    { what: 'clean text, 10 KB each', megabytesPerSecond: rate(scan, clean) },
    {
      what: 'clean text, a sentence each',
      megabytesPerSecond: rate(
        scan,
        PROSE.map(({ text }) => flat(text)),
      ),
    },
    {
      what: `dense text, a value in ${BYTES_PER_VALUE} bytes, 10 KB each`,
      megabytesPerSecond: rate(scan, dense),
    },
    { what: 'tickets of the corpus, a value in 76 bytes', megabytesPerSecond: rate(scan, tickets) },
  ]
  const own = rows[2]?.megabytesPerSecond ?? Number.NaN
  const others: { name: string; times: number }[] = []
  for (const { name, scan: theirs } of await peers()) {
    const megabytesPerSecond = await asyncRate(theirs, dense)
    rows.push({ what: `dense text, ${name}`, megabytesPerSecond })
    others.push({ name, times: own / megabytesPerSecond })
  }
  return { rows, clean: rows[0]?.megabytesPerSecond ?? Number.NaN, dense: own, others }
}

/** Tickets with so much prose behind each that there is one value in so many bytes. */
function denseLines(): readonly string[] {
  let sentence = 0
  return generateCorpus('held-back').tickets.map(({ text, labels, language }) => {
    const own = PROSE.filter((entry) => entry.language === language)
    let line = text
    while (Buffer.byteLength(line) < labels.length * BYTES_PER_VALUE && own.length > 0) {
      line += ` ${own[sentence++ % own.length]?.text ?? ''}`
    }
    return line
  })
}

function repeated(lines: readonly string[]): readonly string[] {
  return Array.from({ length: 200 }, () => lines).flat()
}

/** The lines in texts of about 10 KB. */
function inTexts(lines: readonly string[]): readonly string[] {
  const texts: string[] = []
  let text = ''
  for (const line of lines) {
    text += `${line}\n\n`
    if (text.length < TEXT_UNITS) continue
    texts.push(flat(text))
    text = ''
  }
  return texts
}

/** As it comes off the wire: in one piece. */
function flat(text: string): string {
  return Buffer.from(text).toString()
}

/** The best of some rounds, so that neighbours disturb little. */
function rate(scan: Scan, texts: readonly string[]): number {
  let best = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage()
    let bytes = 0
    const started = performance.now()
    while (performance.now() - started < ROUND_MS) {
      for (const text of texts.slice(0, 200)) {
        scan(text)
        bytes += Buffer.byteLength(text)
      }
    }
    best = Math.max(best, megabytesPerSecond(bytes, process.cpuUsage(before)))
  }
  return best
}

async function asyncRate(scan: Scan, texts: readonly string[]): Promise<number> {
  const before = process.cpuUsage()
  const started = performance.now()
  let bytes = 0
  for (const text of texts) {
    await scan(text)
    bytes += Buffer.byteLength(text)
    if (performance.now() - started > ROUND_MS * ROUNDS) break
  }
  return megabytesPerSecond(bytes, process.cpuUsage(before))
}

function megabytesPerSecond(bytes: number, { user, system }: NodeJS.CpuUsage): number {
  return bytes / (user + system)
}

interface RedactPii {
  readonly SyncRedactor: new () => { readonly redact: (text: string) => string }
}
interface OpenRedactionPackage {
  readonly OpenRedaction: new () => { readonly detect: (text: string) => Promise<unknown> }
}

/** None where they are not installed. */
async function peers(): Promise<readonly { readonly name: string; readonly scan: Scan }[]> {
  if (!existsSync(`${PEERS}node_modules`)) {
    console.log(`  MISSING: other packages are not measured; they come with ${INSTALL}`)
    return []
  }
  const require = createRequire(`${PEERS}package.json`)
  const { SyncRedactor } = require(REDACT_PII) as RedactPii
  const path = require.resolve(OPEN_REDACTION)
  const { OpenRedaction } = (await import(pathToFileURL(path).href)) as OpenRedactionPackage
  const [redactor, open] = [new SyncRedactor(), new OpenRedaction()]
  return [
    { name: REDACT_PII, scan: (text) => redactor.redact(text) },
    { name: OPEN_REDACTION, scan: (text) => open.detect(text) },
  ]
}
