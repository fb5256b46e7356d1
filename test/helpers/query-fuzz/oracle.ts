/** What must hold for every text that is read as a query. */
import { isDeepStrictEqual } from 'node:util'
import { JsonAmbiguousError, JsonWorkError } from '../../../src/json/errors.ts'
import { Budget } from '../../../src/json/evaluate/budget.ts'
import { selectNodes } from '../../../src/json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import { isSimpleTest, namesIn, needsDocument } from '../../../src/json/query/analysis.ts'
import { isSingular } from '../../../src/json/query/ast.ts'
import type { Query } from '../../../src/json/query/ast.ts'
import { QueryLimitError, QuerySyntaxError } from '../../../src/json/query/errors.ts'
import { formatQuery } from '../../../src/json/query/format.ts'
import { parseQuery, parseRelativeQuery, queryWarnings } from '../../../src/json/query/parse.ts'
import { QUERY_LIMITS } from '../../../src/json/query/reader.ts'
import { buildTape } from '../../../src/json/tape/tape.ts'
import { countedSteps } from './count-steps.ts'

/** Looks of the parser for each character of the text. It needs about six; with more than these it reads parts again and again. */
const STEPS_PER_CHARACTER_MAX = 16
/** Enough for most queries over the documents below; the others must end as they promise. */
const EVALUATION_STEPS_MAX = 20_000
/** No text takes a thousandth of it; this only catches what neither count sees. */
const TIME_MS_MAX = 5_000

const TAPES = [
  '{"a":{"b":[1,2.50,-3e2,9007199254740993,null],"c":"abc"},"b":[{"a":1},{"a":"a","b":false}],"it\'s":"😀"}',
  '[[0,[1,[2]]],{"\\u0061":"\\ud83d\\ude00\\n","":{"a":[]}},"a",true,null,1e400,{}]',
  '{"a":1,"a":{"b":2},"b":{"x":1,"x":2},"c":[{"a":1,"a":1}]}',
  '"a"',
].map((text) => {
  const bytes = Buffer.from(text)
  return buildTape(bytes, 0, bytes.length, DEFAULT_LIMITS)
})

/** A law that does not hold for a text. `law` names it, and stays the same while the text is made shorter. */
export class Finding extends Error {
  readonly law: string

  constructor(law: string, options?: ErrorOptions) {
    super(law, options)
    this.law = law
  }
}

/** True where the text is a query. Throws a {@link Finding} where a law does not hold. */
export function checkQueryText(text: string): boolean {
  const begun = performance.now()
  const query = parsed(text)
  checkRelative(text, query)
  if (query instanceof Error) return false
  const again = checkFormat(query)
  checkAnalysis(query)
  for (const tape of TAPES) checkEvaluation(tape, query, again)
  if (performance.now() - begun > TIME_MS_MAX) throw new Finding('a query takes seconds')
  return true
}

type Refusal = QuerySyntaxError | QueryLimitError

function parsed(text: string): Query | Refusal {
  const stepsMax = STEPS_PER_CHARACTER_MAX * (text.length + 1)
  try {
    return countedSteps(stepsMax, () => parseQuery(text))
  } catch (error) {
    if (!isRefusal(error)) throw new Finding('parseQuery throws its own errors', { cause: error })
    if (!(error.position >= 0 && error.position <= text.length)) {
      throw new Finding('the position of a fault lies in the text')
    }
    return error
  }
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof QuerySyntaxError || error instanceof QueryLimitError
}

/** `@` in the place of `$` gives the same answer, but for queries of more than one node. */
function checkRelative(text: string, query: Query | Refusal): void {
  if (!text.startsWith('$')) return
  try {
    const relative = parseRelativeQuery(`@${text.slice(1)}`)
    if (query instanceof Error || !isSingular(query.segments)) {
      throw new Finding('parseRelativeQuery takes no more than parseQuery')
    }
    if (!isDeepStrictEqual(relative.segments, query.segments)) {
      throw new Finding('parseRelativeQuery reads as parseQuery does')
    }
  } catch (error) {
    if (!isRefusal(error)) throw error
    const expected = query instanceof Error ? query.code : 'ERR_QUERY_SYNTAX'
    const single = !(query instanceof Error) && isSingular(query.segments)
    if (single || error.code !== expected) throw new Finding('parseRelativeQuery takes no less')
  }
}

/** The query as it is read from its canonical form; undefined where that is longer than a query may be. */
function checkFormat(query: Query): Query | undefined {
  const canonical = formatQuery(query)
  try {
    const again = parseQuery(canonical)
    if (!isDeepStrictEqual(again.segments, query.segments)) {
      throw new Finding('the canonical form is the same query')
    }
    if (formatQuery(again) !== canonical) throw new Finding('the canonical form is a fixpoint')
    return again
  } catch (error) {
    const tooLong = error instanceof QueryLimitError && canonical.length > QUERY_LIMITS.textCharsMax
    if (tooLong) return undefined
    if (error instanceof Finding) throw error
    throw new Finding('the canonical form is a query', { cause: error })
  }
}

function checkAnalysis(query: Query): void {
  try {
    queryWarnings(query)
    namesIn(query)
    for (const selector of query.segments.flatMap(({ selectors }) => selectors)) {
      if (selector.kind !== 'filter') continue
      if (isSimpleTest(selector.test) && needsDocument(selector.test)) {
        throw new Finding('a simple filter looks at the candidate only')
      }
    }
  } catch (error) {
    if (error instanceof Finding) throw error
    throw new Finding('analysis never throws', { cause: error })
  }
}

type Tape = (typeof TAPES)[number]

function checkEvaluation(tape: Tape, query: Query, again: Query | undefined): void {
  const nodes = evaluated(tape, query)
  if (again !== undefined && !isDeepStrictEqual(evaluated(tape, again), nodes)) {
    throw new Finding('the canonical form selects the same nodes')
  }
}

function evaluated(tape: Tape, query: Query): readonly number[] | string {
  try {
    return selectNodes(query, tape, new Budget(EVALUATION_STEPS_MAX))
  } catch (error) {
    if (error instanceof JsonWorkError || error instanceof JsonAmbiguousError) return error.code
    throw new Finding('selectNodes throws its own errors', { cause: error })
  }
}
