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
/** Each slice of the texts is measured so often, and its shortest time counts: neighbours on the machine disturb little. */
const ROUNDS = 25
const SLICE_TEXTS = 10
const TEXTS_MAX = 200
/** Others are measured on fewer texts, and we on the same. */
const OTHERS_TEXTS = 20
const OTHERS_ROUNDS = 7
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
  const sentences = PROSE.map(({ text }) => flat(text))
  const kinds: readonly (readonly [what: string, texts: readonly string[]])[] = [
    ['clean text, 10 KB each', clean],
    ['clean text, a sentence each', Array.from({ length: 20 }, () => sentences).flat()],
    [`dense text, a value in ${BYTES_PER_VALUE} bytes, 10 KB each`, dense],
    ['tickets of the corpus, a value in 76 bytes', tickets],
  ]
  const rows: { what: string; megabytesPerSecond: number }[] = []
  for (const [what, texts] of kinds) {
    rows.push({ what, megabytesPerSecond: await rate(scan, texts, ROUNDS) })
  }
  const shared = dense.slice(0, OTHERS_TEXTS)
  const own = await rate(scan, shared, ROUNDS)
  const others: { name: string; times: number }[] = []
  for (const { name, scan: theirs } of await peers()) {
    const megabytesPerSecond = await rate(theirs, shared, OTHERS_ROUNDS)
    rows.push({ what: `dense text, ${name}`, megabytesPerSecond })
    others.push({ name, times: own / megabytesPerSecond })
  }
  return {
    rows,
    clean: rows[0]?.megabytesPerSecond ?? Number.NaN,
    dense: rows[2]?.megabytesPerSecond ?? Number.NaN,
    others,
  }
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

/** Megabytes in a second of CPU time, after a first round that does not count. */
async function rate(scan: Scan, all: readonly string[], rounds: number): Promise<number> {
  const texts = all.slice(0, TEXTS_MAX)
  const slices: string[][] = []
  for (let at = 0; at < texts.length; at += SLICE_TEXTS)
    slices.push(texts.slice(at, at + SLICE_TEXTS))
  const best = slices.map(() => Infinity)
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, slice] of slices.entries()) {
      const before = process.cpuUsage()
      for (const text of slice) {
        const result = scan(text)
        if (result instanceof Promise) await result
      }
      const { user, system } = process.cpuUsage(before)
      if (round > 0) best[index] = Math.min(best[index] ?? Infinity, user + system)
    }
  }
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return bytes / best.reduce((sum, microseconds) => sum + microseconds, 0)
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
