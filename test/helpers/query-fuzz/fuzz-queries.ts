/** Coverage-guided fuzzing of the query parser: a text that runs something new is kept, and others are made of it. */
import { Random } from '../json-reference/random.ts'
import { Coverage } from './coverage.ts'
import { mutate, SEEDS } from './mutate.ts'
import type { Finding } from './oracle.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Asked after each batch. */
  readonly goesOn: (executions: number) => boolean
  /** Told each text before it is run. */
  readonly onText: (text: string) => void
}

export interface QueryFinding {
  readonly text: string
  /** What does not hold. */
  readonly law: string
  /** What was thrown instead, with its stack, or empty. */
  readonly thrown: string
}

export interface FuzzReport {
  readonly executions: number
  /** Of these, texts that are queries. */
  readonly queries: number
  /** Texts that others are made of. */
  readonly corpusSize: number
  readonly coveredRanges: number
  /** One for each law at most, with the shortest text that was found. */
  readonly findings: readonly QueryFinding[]
}

/** Reading the coverage takes as long as some hundred texts, so it is read once for so many. */
const BATCH = 200
const CORPUS_MAX = 20_000
/** One of so many queries is kept though it runs nothing new: larger ones grow of it. */
const QUERIES_PER_KEPT = 50
const FINDINGS_MAX = 3

/** Must be the first in its process to load what it watches. */
export async function fuzzQueries({ seed, goesOn, onText }: FuzzOptions): Promise<FuzzReport> {
  const coverage = new Coverage()
  const { checkQueryText, Finding } = await import('./oracle.ts')
  const random = new Random(seed)
  const refused: string[] = []
  const accepted: string[] = []
  const findings = new Map<string, QueryFinding>()
  let executions = 0
  let queries = 0
  /** Whether it is a query, or the law that does not hold. */
  const check = (text: string): boolean | Finding => {
    executions += 1
    onText(text)
    try {
      const isQuery = checkQueryText(text)
      queries += isQuery ? 1 : 0
      return isQuery
    } catch (error) {
      if (error instanceof Finding) return error
      throw error
    }
  }
  const keep = (text: string, isQuery: boolean) => {
    const corpus = isQuery ? accepted : refused
    if (corpus.length < CORPUS_MAX) corpus.push(text)
  }
  // By halves, since few texts of a batch run anything new.
  const keepNew = (texts: readonly string[]) => {
    let isQuery = false
    for (const text of texts) isQuery = check(text) === true
    const [only] = texts
    if (!coverage.hasNew(texts.length === 1) || only === undefined) return
    if (texts.length === 1) return keep(only, isQuery)
    const middle = texts.length >> 1
    keepNew(texts.slice(0, middle))
    keepNew(texts.slice(middle))
  }
  const run = (batch: readonly string[]) => {
    for (const text of batch) {
      const result = check(text)
      if (result === true && random.oneIn(QUERIES_PER_KEPT)) keep(text, true)
      if (typeof result === 'boolean' || findings.has(result.law)) continue
      findings.set(result.law, shortened(text, result, check))
    }
    if (coverage.hasNew(false)) keepNew(batch)
  }
  // What is no query ends at its first fault: changes after that show nothing.
  const parent = () => random.pick(refused.length === 0 || !random.oneIn(5) ? accepted : refused)
  run(SEEDS)
  while (goesOn(executions) && findings.size < FINDINGS_MAX) {
    run(Array.from({ length: BATCH }, () => mutate(parent(), parent(), random)))
  }
  coverage.stop()
  return {
    executions,
    queries,
    corpusSize: accepted.length + refused.length,
    coveredRanges: coverage.ranges,
    findings: [...findings.values()],
  }
}

/** Takes pieces out, ever smaller ones, as long as the same law does not hold. */
function shortened(
  found: string,
  { law, cause }: Finding,
  check: (text: string) => boolean | Finding,
): QueryFinding {
  let best = { text: found, cause }
  for (let size = found.length >> 1; size > 0; size >>= 1) {
    let at = 0
    while (at + size <= best.text.length) {
      const text = best.text.slice(0, at) + best.text.slice(at + size)
      const result = check(text)
      if (typeof result === 'boolean' || result.law !== law) at += size
      else best = { text, cause: result.cause }
    }
  }
  const thrown = best.cause instanceof Error ? (best.cause.stack ?? best.cause.message) : ''
  return { text: best.text, law, thrown }
}
