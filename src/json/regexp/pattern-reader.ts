/** Reads a pattern from left to right by code points, and fails with the position. */
import type { RegexpFault } from './ast.ts'

/** Carries a fault out of the parser; never leaves regexp/. */
export class PatternFailure extends Error {
  readonly fault: RegexpFault

  constructor(fault: RegexpFault) {
    super(fault.message)
    this.fault = fault
  }
}

export class PatternReader {
  readonly #pattern: string
  #position = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  get done(): boolean {
    return this.#position >= this.#pattern.length
  }

  /** True where this text comes next. */
  sees(text: string): boolean {
    return this.#pattern.startsWith(text, this.#position)
  }

  /** True where one of these characters comes next. */
  seesAny(characters: string): boolean {
    return !this.done && characters.includes(this.#pattern.charAt(this.#position))
  }

  /** Passes this text where it comes next. */
  take(text: string): boolean {
    if (!this.sees(text)) return false
    this.#position += text.length
    return true
  }

  /** Passes one code point. Fails at the end and at half a surrogate pair. */
  codePoint(): number {
    const codePoint = this.#pattern.codePointAt(this.#position)
    if (codePoint === undefined) return this.fail('a character')
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) return this.fail('a whole character')
    this.#position += codePoint > 0xffff ? 2 : 1
    return codePoint
  }

  /** Passes digits, maybe none. */
  digits(): string {
    const from = this.#position
    while (this.seesAny('0123456789')) this.#position += 1
    return this.#pattern.slice(from, this.#position)
  }

  /** Passes everything up to this character, and the character; undefined where it does not come. */
  until(character: string): string | undefined {
    const end = this.#pattern.indexOf(character, this.#position)
    if (end < 0) return undefined
    const text = this.#pattern.slice(this.#position, end)
    this.#position = end + 1
    return text
  }

  fail(expected: string): never {
    const position = this.#position
    throw new PatternFailure({ kind: 'syntax', position, message: `expected ${expected}` })
  }

  failSize(message: string): never {
    throw new PatternFailure({ kind: 'size', position: this.#position, message })
  }
}
