/**
 * `npm run eval:text`: how well the recognizers do, and how fast. Prints precision and recall on the held-back part of the corpus,
 * recall on disguised values, and on Presidio's texts where they are at hand; then throughput, beside other packages where they
 * are installed, and the longest that a hostile text takes. Exits 1 where a goal is missed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readLabelled } from '../../src/redaction/evaluation/read-labelled.ts'
import {
  lowerBound,
  precisionOf,
  recallOf,
  ScoreBoard,
} from '../../src/redaction/evaluation/score.ts'
import type { Score } from '../../src/redaction/evaluation/score.ts'
import { generateDisguised } from '../../test/helpers/text-corpus/disguises.ts'
import {
  corpusScanner,
  evaluate,
  findKinds,
  labelsOf,
} from '../../test/helpers/text-corpus/evaluate.ts'
import { GOALS } from '../../test/helpers/text-corpus/goals.ts'
import { hostileTimes } from './hostile.ts'
import { measureThroughput } from './throughput.ts'

const PRESIDIO = fileURLToPath(
  new URL('../../../shared/data/pii/presidio-synth-v2.json', import.meta.url),
)
/** What the corpus calls the classes that labels of Presidio are read as. */
const KINDS_OF_CLASSES: Readonly<Record<string, string>> = {
  'payment.card': 'card',
  'contact.email': 'email',
  'payment.iban': 'iban',
  'contact.phone': 'phone',
  'id.national': 'ssn',
  'contact.ip': 'ip',
}

let missed = 0

function goal(what: string, holds: boolean): void {
  if (!holds) missed += 1
  console.log(`  ${holds ? 'holds ' : 'MISSED'}  ${what}`)
}

const percent = (value: number): string =>
  Number.isNaN(value) ? '     -' : (value * 100).toFixed(2).padStart(6)

function printScores(title: string, scores: readonly Score[]): void {
  console.log(`\n${title}`)
  console.log('  class           n  precision  95 % >=   recall  95 % >=')
  for (const score of scores) {
    const figures = [
      precisionOf(score),
      lowerBound(score.right, score.found),
      recallOf(score),
      lowerBound(score.covered, score.labelled),
    ].map(percent)
    const [precision, precisionBound, recall, recallBound] = figures
    console.log(
      `  ${score.kind.padEnd(10)} ${String(score.labelled).padStart(6)}     ${precision}   ${precisionBound}   ${recall}   ${recallBound}`,
    )
  }
}

const { scores, altered } = evaluate('held-back')
printScores('Support tickets, templates held back', scores)
for (const { kind, precision, recall } of GOALS.kinds) {
  const score = scores.find((entry) => entry.kind === kind)
  const reached =
    score !== undefined && precisionOf(score) >= precision && recallOf(score) >= recall
  goal(`${kind}: precision at least ${precision}, recall at least ${recall}`, reached)
}
const { lines, alteredMax } = GOALS.decoys
goal(
  `decoys: ${altered.length} of ${lines} lines altered, at most ${alteredMax}`,
  altered.length <= alteredMax,
)

const scanner = corpusScanner(true)
console.log('\nDisguised values: part of them that is found (no goal)')
const disguises = new Map<string, { found: number; all: number }>()
for (const entry of generateDisguised()) {
  const [label] = labelsOf(entry)
  if (label === undefined) continue
  const row = `${entry.disguise}, ${label.kind}`
  const counts = disguises.get(row) ?? { found: 0, all: 0 }
  const board = new ScoreBoard()
  // An opening tag in front of the value is no part of it.
  const start = entry.text.startsWith('<', label.start)
    ? entry.text.indexOf('>', label.start) + 1
    : label.start
  board.add(entry.text, [{ ...label, start }], findKinds(scanner, entry.text))
  counts.found += board.scores().find(({ kind }) => kind === label.kind)?.covered ?? 0
  counts.all += 1
  disguises.set(row, counts)
}
for (const [row, { found, all }] of disguises)
  console.log(`  ${row.padEnd(42)} ${percent(found / all)}`)

if (existsSync(PRESIDIO)) {
  printScores('Presidio, synthetic texts', presidioScores())
} else console.log(`\nMISSING: ${PRESIDIO} (microsoft/presidio-research); not measured`)

console.log('\nThroughput of all default recognizers, CPU time of one core')
const throughput = await measureThroughput()
for (const { what, megabytesPerSecond } of throughput.rows) {
  console.log(
    `  ${what.padEnd(58)} ${megabytesPerSecond.toFixed(megabytesPerSecond < 10 ? 3 : 0).padStart(8)} MB/s`,
  )
}
goal(
  `clean text: at least ${GOALS.throughput.cleanMBs} MB/s`,
  throughput.clean >= GOALS.throughput.cleanMBs,
)
goal(
  `dense text: at least ${GOALS.throughput.denseMBs} MB/s`,
  throughput.dense >= GOALS.throughput.denseMBs,
)
for (const { name, times } of throughput.others) {
  goal(
    `${times.toFixed(0)} times as fast as ${name}, at least ${GOALS.throughput.timesOthers}`,
    times >= GOALS.throughput.timesOthers,
  )
}

console.log(`\nHostile texts of ${GOALS.hostile.bytes} bytes, milliseconds`)
for (const { what, milliseconds } of hostileTimes(GOALS.hostile.bytes)) {
  goal(`${what}: ${milliseconds.toFixed(1)}`, milliseconds <= GOALS.hostile.millisecondsMax)
}
console.log(missed === 0 ? '\nAll goals hold.' : `\n${missed} goals are missed.`)
process.exitCode = missed === 0 ? 0 : 1

function presidioScores(): readonly Score[] {
  const board = new ScoreBoard()
  const kinds = new Set(Object.values(KINDS_OF_CLASSES))
  for (const { text, labels } of readLabelled(readFileSync(PRESIDIO, 'utf8'))) {
    const found = findKinds(scanner, text).filter(({ kind }) => kinds.has(kind))
    const own = labels.map((label) => ({ ...label, kind: KINDS_OF_CLASSES[label.kind] ?? '' }))
    board.add(text, own, found)
  }
  return board.scores()
}
