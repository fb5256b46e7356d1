/** The errors of queries. Messages quote nothing but the grammar; the query itself is the author's. */
import { CelosiaError } from '../../core/errors.ts'

/** The text is no query of RFC 9535. */
export class QuerySyntaxError extends CelosiaError {
  readonly code = 'ERR_QUERY_SYNTAX'
  /** UTF-16 offset in the text, from 0. */
  readonly position: number
  /** What could stand there, in words. */
  readonly expected: string
  /** How to write what was probably meant. */
  readonly hint: string | undefined

  constructor(position: number, expected: string, hint?: string) {
    super(`at ${position}: expected ${expected}${hint === undefined ? '' : ` (${hint})`}`)
    this.position = position
    this.expected = expected
    this.hint = hint
  }
}

/** The query is larger than QUERY_LIMITS allow. */
export class QueryLimitError extends CelosiaError {
  readonly code = 'ERR_QUERY_LIMIT'
  /** UTF-16 offset in the text, from 0. */
  readonly position: number

  constructor(position: number, limit: string) {
    super(`at ${position}: ${limit}`)
    this.position = position
  }
}
