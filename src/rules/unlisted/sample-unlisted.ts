/**
 * Looks for personal data in the strings of an answer that no line of the policy names, and counts where of which class. No value is
 * kept, and no name that the policy or its fixture does not have.
 */
import type { UnlistedFind, UnlistedSample } from '../../core/unlisted-sample.ts'
import { Budget } from '../../json/evaluate/budget.ts'
import { selectNodes } from '../../json/evaluate/select.ts'
import { isForeignName } from '../../json/foreign-name.ts'
import type { Limits } from '../../json/limits.ts'
import { namesIn } from '../../json/query/analysis.ts'
import type { Query } from '../../json/query/ast.ts'
import { quote } from '../../json/query/quote.ts'
import { readDocument } from '../../json/read-document.ts'
import { childrenOf, isContainer, memberNameOf } from '../../json/tape/children.ts'
import { KIND_OBJECT, KIND_STRING, type Tape } from '../../json/tape/tape.ts'
import { createScanner, RECOGNIZERS_MAX } from '../../recognizers/scanner.ts'
import type { ActiveRecognizer, Scanner } from '../../recognizers/scanner.ts'
import type { Span } from '../../recognizers/span.ts'
import type { SightQueries } from '../writes/sight.ts'
import { leafAt } from '../writes/leaf.ts'
import type { Step } from '../writes/write-rules.ts'

/** Characters of all strings that are looked through in one answer; of what is beyond, nothing is told. */
export const SAMPLED_UNITS_MAX = 65_536
/** Locations and classes of one answer; what is beyond is not told apart. */
export const FINDS_MAX = 100
/** Characters of their locations. */
const PLACES_UNITS_MAX = 16_384
/** Names of a fixture that may be told. */
const FIXTURE_NAMES_MAX = 10_000
/** Steps of a location that are told. */
const STEPS_MAX = 32
/** A find over so much of a string is what the string is for, not something in a text. */
const WHOLE_SHARE = 0.8

export type SampleUnlisted = (bytes: Uint8Array) => UnlistedSample

export interface SampleSource {
  readonly queries: Pick<
    SightQueries,
    'fields' | 'anywhere' | 'links' | 'cursors' | 'plain' | 'dictionaries' | 'dataSubjects'
  >
  /** Of all classes of the policy. */
  readonly recognizers: readonly ActiveRecognizer[]
  /** An answer that the author saved; its names are the policy's. */
  readonly fixture: Uint8Array | undefined
  readonly limits: Limits
}

/**
 * Takes an answer as it came: one JSON document. Throws a JsonInputError where it is none, or has names twice, and a JsonWorkError or
 * a JsonAmbiguousError where the queries cannot be decided.
 */
export function createUnlistedSampler(source: SampleSource): SampleUnlisted {
  const { queries, limits } = source
  const scanners = scannersOf(source.recognizers)
  const tellable = tellableNames(source)
  return (bytes) => {
    const tape = readDocument(bytes, limits)
    const named = namedNodes(tape, queries, limits)
    const finds = new Map<string, UnlistedFind>()
    let left = SAMPLED_UNITS_MAX
    let truncated = false
    for (const [node, steps] of stringsOf(tape)) {
      if (named[node] === 1) continue
      const { text = '' } = leafAt(tape, node) ?? {}
      if (left === 0 || text.length > left) truncated = true
      if (left === 0) break
      const looked = text.slice(0, left)
      left -= looked.length
      truncated = !addFinds(finds, looked, { scanners, steps, tellable }) || truncated
    }
    return { finds: [...finds.values()], truncated }
  }
}

function scannersOf(recognizers: readonly ActiveRecognizer[]): readonly Scanner[] {
  const groups = Math.ceil(recognizers.length / RECOGNIZERS_MAX)
  return Array.from({ length: groups }, (_, group) =>
    createScanner(recognizers.slice(group * RECOGNIZERS_MAX, (group + 1) * RECOGNIZERS_MAX)),
  )
}

// A name that looks like data is told by nobody, whoever wrote it.
function tellableNames(source: SampleSource): ReadonlySet<string> {
  const { fields, anywhere, links, cursors, plain, dictionaries, dataSubjects } = source.queries
  const all: readonly Query[] = [
    ...[...fields, ...anywhere, ...links, ...cursors, ...plain, ...dictionaries].map(
      ({ query }) => query,
    ),
    ...dataSubjects.flatMap(({ at, id }) => [at, id]),
  ]
  const names = [...all.flatMap(namesIn), ...fixtureNames(source)]
  return new Set(names.filter((name) => !isForeignName(name)))
}

// Names below what a class covers, and of objects whose names are masked, may be data in a fixture, too.
function fixtureNames({ fixture, queries, limits }: SampleSource): readonly string[] {
  if (fixture === undefined) return []
  const tape = readDocument(fixture, limits)
  const named = namedNodes(tape, queries, limits)
  const budget = new Budget(limits.filterStepsMax)
  const dictionaries = new Set(
    queries.dictionaries.flatMap(({ query }) => selectNodes(query, tape, budget)),
  )
  const names = new Set<string>()
  for (let node = 0; node < tape.count && names.size < FIXTURE_NAMES_MAX; node += 1) {
    if (tape.kind[node] !== KIND_OBJECT || named[node] === 1 || dictionaries.has(node)) continue
    for (const member of childrenOf(tape, node)) names.add(memberNameOf(tape, member))
  }
  return [...names]
}

/** [node]: 1 where a line of the policy names it: with all below it, or as `plain` the leaf alone. */
function namedNodes(
  tape: Tape,
  { fields, anywhere, links, cursors, plain }: SampleSource['queries'],
  { filterStepsMax }: Limits,
): Uint8Array {
  const named = new Uint8Array(tape.count)
  const budget = new Budget(filterStepsMax)
  for (const { query } of [...fields, ...anywhere, ...links, ...cursors]) {
    for (const node of selectNodes(query, tape, budget)) named.fill(1, node, tape.next[node])
  }
  for (const { query } of plain) {
    for (const node of selectNodes(query, tape, budget))
      if (!isContainer(tape, node)) named[node] = 1
  }
  return named
}

/** Every string of the document with the way to it, in order. */
function* stringsOf(tape: Tape): Generator<readonly [node: number, steps: readonly Step[]]> {
  const open: { readonly node: number; readonly end: number; index: number }[] = []
  const steps: Step[] = []
  for (let node = 0; node < tape.count; node += 1) {
    while (open.length > 0 && node >= (open.at(-1)?.end ?? 0)) {
      open.pop()
      steps.pop()
    }
    const parent = open.at(-1)
    if (parent !== undefined) {
      const step = tape.kind[parent.node] === KIND_OBJECT ? memberNameOf(tape, node) : parent.index
      parent.index += 1
      steps[open.length - 1] = step
    }
    if (isContainer(tape, node)) {
      open.push({ node, end: tape.next[node] ?? 0, index: 0 })
    } else if (tape.kind[node] === KIND_STRING) yield [node, steps.slice(0, open.length)]
  }
}

interface Place {
  readonly scanners: readonly Scanner[]
  readonly steps: readonly Step[]
  readonly tellable: ReadonlySet<string>
}

/** False where there was no room for all of them. */
function addFinds(
  finds: Map<string, UnlistedFind>,
  text: string,
  { scanners, steps, tellable }: Place,
): boolean {
  const spans = scanners.flatMap(({ find }) => find(text).spans)
  if (spans.length === 0) return true
  const isTold = (step: Step) => typeof step === 'number' || tellable.has(step)
  const near = steps.slice(0, STEPS_MAX)
  const at = `$${near.map((step) => (typeof step === 'string' && isTold(step) ? `[${quote(step)}]` : '[*]')).join('')}`
  const isNamed = steps.length <= STEPS_MAX && steps.every(isTold)
  for (const name of new Set(spans.map(({ dataClass }) => dataClass))) {
    const key = JSON.stringify([at, name])
    const found = finds.get(key)
    if (found === undefined && !hasRoom(finds, at)) return false
    const whole = spans.some((span) => span.dataClass === name && isWhole(span, text)) ? 1 : 0
    finds.set(key, {
      at,
      class: name,
      named: isNamed,
      count: (found?.count ?? 0) + 1,
      whole: (found?.whole ?? 0) + whole,
    })
  }
  return true
}

function hasRoom(finds: ReadonlyMap<string, UnlistedFind>, at: string): boolean {
  const units = [...finds.values()].reduce((sum, find) => sum + find.at.length, at.length)
  return finds.size < FINDS_MAX && units <= PLACES_UNITS_MAX
}

function isWhole({ pieces }: Span, text: string): boolean {
  const covered = pieces.reduce((sum, { start, end }) => sum + end - start, 0)
  return covered >= text.trim().length * WHOLE_SHARE
}
