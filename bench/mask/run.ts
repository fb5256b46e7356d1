/**
 * `npm run bench:mask`: the masking step alone, as ratios of CPU time within one run. Prints each ratio, its goal and
 * whether it holds; exits 1 where one is missed.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { warmUp } from '../../src/json/warm-up.ts'
import type { Concurrency } from './concurrent.ts'
import { measure, median, sunk } from './measure.ts'
import type { Candidate } from './measure.ts'
import { payloads } from './payloads.ts'
import { pseudonymRates } from './pseudonyms.ts'
import { D200, D5, HALF, R200, R5, R50 } from './rule-sets.ts'
import type { Rule } from './rule-sets.ts'
import { engine, v0, v1, v2 } from './variants.ts'

const ROUNDS = 7
const MIB = 1_048_576

interface Row {
  readonly what: string
  readonly value: number
  readonly goal: number
  readonly unit: string
  readonly kind: 'at least' | 'at most'
}

const rows: Row[] = []
const documents = new Map(payloads().map(({ name, bytes }) => [name, bytes]))
const document = (name: string) => documents.get(name) ?? Buffer.alloc(0)
const atLeast = (what: string, value: number, goal: number, unit = 'x') =>
  rows.push({ what, value, goal, unit, kind: 'at least' })
const atMost = (what: string, value: number, goal: number, unit: string) =>
  rows.push({ what, value, goal, unit, kind: 'at most' })
const progress = (text: string) => process.stderr.write(`measuring ${text}\n`)

/** CPU times on one document, as ratios to the engine's: greater is better for the engine. */
function against(
  name: string,
  rules: readonly Rule[],
  others: readonly Candidate[],
  unlisted: 'show' | 'mask' = 'show',
) {
  progress(`${name}, ${rules.length} rules${unlisted === 'mask' ? ', unlisted masked' : ''}`)
  const times = measure(
    [{ name: 'engine', mask: engine(rules, unlisted) }, ...others],
    document(name),
    ROUNDS,
  )
  const own = times.get('engine') ?? Number.NaN
  return (other: string) => (times.get(other) ?? Number.NaN) / own
}

const base: Candidate = { name: 'v0', mask: v0 }
warmUp()

for (const rules of [R5, R50]) {
  const [expected, ...others] = [v2(rules), v1(rules), engine(rules)].map((mask) =>
    JSON.stringify(JSON.parse(mask(document('list')).toString())),
  )
  if (others.some((masked) => masked !== expected)) throw new Error('the variants do not agree')
}

const list = against('list', R5, [base, { name: 'v2', mask: v2(R5) }, { name: 'v1', mask: v1(R5) }])
atLeast('list, 5 rules: engine to v0', list('v0'), 1.5)
atLeast('list, 5 rules: engine to v2', list('v2'), 2.3)
atLeast('list, 5 rules: engine to v1', list('v1'), 6)
for (const [name, goal] of [
  ['list-pretty', 1.3],
  ['list-escaped', 1.3],
  ['list-raw', 2.3],
  ['user', 1.9],
  ['ticket', 2.2],
  ['nasty', 3.5],
  ['long-text', 1],
] as const) {
  atLeast(`${name}, 5 rules: engine to v0`, against(name, R5, [base])('v0'), goal)
}

const fifty = against('list', R50, [
  base,
  { name: 'v1', mask: v1(R50) },
  { name: '200', mask: engine(R200) },
])
atLeast('list, 50 rules, 6 edits/KB: engine to v0', fifty('v0'), 1.2)
atLeast('list, 50 rules, 6 edits/KB: engine to v1', fifty('v1'), 15)
atLeast('list, 200 rules to 50: speed', 1 / fifty('200'), 0.85)
for (const name of ['list-pretty', 'list-escaped', 'list-raw', 'user', 'ticket']) {
  atLeast(`${name}, 50 rules: engine to v0`, against(name, R50, [base])('v0'), 1)
}
const deep = against('list', D5, [{ name: '200', mask: engine(D200) }])
atLeast('list, 200 `$..` rules to 5: speed', 1 / deep('200'), 0.85)
const unlisted = against('list', HALF, [base, { name: 'v2', mask: v2(HALF, 'mask') }], 'mask')
atLeast('list, unlisted masked: engine to v0', unlisted('v0'), 0.3)
atLeast('list, unlisted masked: engine to v2', unlisted('v2'), 1.3)

const concurrency = (variant: string): Concurrency => {
  progress(`18 MB, 20 at once, ${variant}`)
  return JSON.parse(child('concurrent.ts', variant)) as Concurrency
}
const [streams, plain, tree] = [concurrency('engine'), concurrency('v0'), concurrency('v2')]
atLeast('18 MB, 20 at once: CPU of v0 to engine', plain.cpuMs / streams.cpuMs, 2.5)
atLeast('18 MB, 20 at once: CPU of v2 to engine', tree.cpuMs / streams.cpuMs, 3.8)
const slices = streams.slicesMs.toSorted((a, b) => a - b)
atMost(
  '18 MB, 20 at once: slice, 99.9th percentile',
  slices[Math.floor(slices.length * 0.999)] ?? Number.NaN,
  2,
  'ms',
)
atMost(
  '18 MB, 20 at once: memory growth per stream',
  streams.memoryGrowthBytes / 20 / MIB,
  3,
  'MiB',
)

progress('first call')
atMost(
  'list: first call after warm-up (median of 5 processes)',
  median(Array.from({ length: 5 }, () => Number(child('first-call.ts')))),
  3,
  'ms',
)
progress('pseudonyms')
const { cold, warm } = pseudonymRates()
atLeast('pseudonyms, none in the cache', cold, 250_000, '/s')
atLeast('pseudonyms, 90 % in the cache', warm, 2_000_000, '/s')

print()

function child(file: string, ...args: string[]): string {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return execFileSync(process.execPath, ['--expose-gc', path, ...args], {
    encoding: 'utf8',
    maxBuffer: 67_108_864,
  })
}

function holds({ kind, value, goal }: Row): boolean {
  return kind === 'at least' ? value >= goal : value <= goal
}

function shown(value: number, unit: string): string {
  return `${value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)} ${unit}`
}

function print(): void {
  const width = Math.max(...rows.map(({ what }) => what.length))
  for (const row of rows) {
    const goal = `${row.kind} ${shown(row.goal, row.unit)}`
    console.log(
      `${row.what.padEnd(width)}  ${shown(row.value, row.unit).padStart(14)}  ${goal.padEnd(22)}  ${holds(row) ? 'holds' : 'MISSED'}`,
    )
  }
  const missed = rows.filter((row) => !holds(row)).length
  console.log(
    `${rows.length - missed} of ${rows.length} goals hold; Node ${process.version}, ${process.arch}; ratios of CPU time, medians of ${ROUNDS} (checksum ${sunk()})`,
  )
  process.exitCode = missed > 0 ? 1 : 0
}
