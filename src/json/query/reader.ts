/** Reads the text of a query from left to right, keeps its limits and fails with the position. */
import { QueryLimitError, QuerySyntaxError } from './errors.ts'
import { hintFor } from './hints.ts'

/** The bounds of one query. ERR_QUERY_LIMIT. */
export const QUERY_LIMITS = {
  /** UTF-16 units. */
  textCharsMax: 4_096,
  /** Filters, parentheses and function calls, one inside the other. */
  depthMax: 64,
  /** Segments of one query, and of each query inside its filters. */
  segmentsMax: 64,
  /** Selectors of the whole text. */
  selectorsMax: 256,
} as const

/** White space between tokens (RFC 9535 2.1.1, `B`). */
const BLANKS = ' \t\n\r'

export class QueryReader {
  readonly text: string
  #position = 0
  #depth = 0
  #selectors = 0

  /** Throws a QueryLimitError where the text is too long. */
  constructor(text: string) {
    const { textCharsMax } = QUERY_LIMITS
    if (text.length > textCharsMax) {
      throw new QueryLimitError(textCharsMax, `a query has at most ${textCharsMax} characters`)
    }
    this.text = text
  }

  get position(): number {
    return this.#position
  }

  get done(): boolean {
    return this.#position >= this.text.length
  }

  /** The character here; empty at the end. */
  get character(): string {
    return this.text.charAt(this.#position)
  }

  /** Goes back to a position that was passed. */
  rewind(position: number): void {
    this.#position = position
  }

  sees(token: string): boolean {
    return this.text.startsWith(token, this.#position)
  }

  seesAny(characters: string): boolean {
    return !this.done && characters.includes(this.character)
  }

  /** Passes the token where it comes next. */
  take(token: string): boolean {
    if (!this.sees(token)) return false
    this.#position += token.length
    return true
  }

  /** Passes what a sticky pattern matches here; undefined where it does not. */
  takePattern(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position
    const found = pattern.exec(this.text)?.[0]
    this.#position += found?.length ?? 0
    return found
  }

  skipBlanks(): void {
    while (this.seesAny(BLANKS)) this.#position += 1
  }

  /** True where white space stands at this position. */
  isBlankAt(position: number): boolean {
    return position < this.text.length && BLANKS.includes(this.text.charAt(position))
  }

  /** Runs a part of the parser one level deeper. Throws a QueryLimitError below the last level. */
  nested<T>(parse: () => T): T {
    this.#depth += 1
    if (this.#depth > QUERY_LIMITS.depthMax) {
      this.failLimit(`a query nests at most ${QUERY_LIMITS.depthMax} deep`)
    }
    const result = parse()
    this.#depth -= 1
    return result
  }

  countSelector(): void {
    this.#selectors += 1
    if (this.#selectors > QUERY_LIMITS.selectorsMax) {
      this.failLimit(`a query has at most ${QUERY_LIMITS.selectorsMax} selectors`)
    }
  }

  fail(expected: string, position = this.#position): never {
    throw new QuerySyntaxError(position, expected, hintFor(this.text, position))
  }

  failLimit(limit: string): never {
    throw new QueryLimitError(this.#position, limit)
  }
}
