/** Coverage-guided fuzzing of the query parser: a text that runs something new is kept, and others are made of it. */
import { Random } from '../json-reference/random.ts'
import { Coverage } from './coverage.ts'
import { mutate, SEEDS } from './mutate.ts'
import type { Finding } from './oracle.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Asked after each batch. */
  readonly goesOn: (executions: number) => boolean
}

export interface QueryFinding {
  readonly text: string
  readonly finding: Finding
}

export interface FuzzReport {
  readonly executions: number
  /** Of these, texts that are queries. */
  readonly queries: number
  readonly corpus: readonly string[]
  readonly coveredRanges: number
  /** One for each law at most, with the shortest text that was found. */
  readonly findings: readonly QueryFinding[]
}

/** Reading the coverage takes as long as some hundred texts, so it is read once for so many. */
const BATCH = 100
const CORPUS_MAX = 20_000
const FINDINGS_MAX = 3

export async function fuzzQueries({ seed, goesOn }: FuzzOptions): Promise<FuzzReport> {
  const coverage = new Coverage()
  const { checkQueryText, Finding } = await import('./oracle.ts')
  const random = new Random(seed)
  const corpus: string[] = []
  const findings = new Map<string, QueryFinding>()
  let executions = 0
  let queries = 0
  const law = (text: string): Finding | undefined => {
    executions += 1
    try {
      if (checkQueryText(text)) queries += 1
      return undefined
    } catch (error) {
      if (error instanceof Finding) return error
      throw error
    }
  }
  const run = (batch: readonly string[]) => {
    for (const text of batch) {
      const finding = law(text)
      if (finding === undefined || findings.has(finding.law)) continue
      findings.set(finding.law, shortened({ text, finding }, law))
    }
    if (!coverage.hasNew(false)) return
    for (const text of batch) {
      law(text)
      if (coverage.hasNew(true) && corpus.length < CORPUS_MAX) corpus.push(text)
    }
  }
  run(SEEDS)
  while (goesOn(executions) && findings.size < FINDINGS_MAX) {
    run(
      Array.from({ length: BATCH }, () => mutate(random.pick(corpus), random.pick(corpus), random)),
    )
  }
  coverage.stop()
  const coveredRanges = coverage.size
  return { executions, queries, corpus, coveredRanges, findings: [...findings.values()] }
}

/** Takes pieces out, ever smaller ones, as long as the same law does not hold. */
function shortened(found: QueryFinding, law: (text: string) => Finding | undefined): QueryFinding {
  let best = found
  for (let size = best.text.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size <= best.text.length;) {
      const text = best.text.slice(0, at) + best.text.slice(at + size)
      const finding = law(text)
      if (finding?.law === found.finding.law) best = { text, finding }
      else at += size
    }
  }
  return best
}
