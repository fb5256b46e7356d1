/** Cuts a search expression into tokens, and hands them out one after the other. What is no token makes the whole none. */

export interface Token {
  readonly kind: string
  /** As it stands, quotes and all. */
  readonly text: string
}

/** Kinds of tokens with sticky patterns, tried in order. The kind `space` is left out. */
export type TokenKinds = readonly (readonly [kind: string, pattern: RegExp])[]

/** Tokens of one expression. */
const TOKENS_MAX = 400

export class TokenReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length
  }

  /** The next token's kind, or the empty string at the end. */
  get kind(): string {
    return this.#tokens[this.#at]?.kind ?? ''
  }

  /** The next token's text, or the empty string at the end. */
  get text(): string {
    return this.#tokens[this.#at]?.text ?? ''
  }

  next(): Token | undefined {
    const token = this.#tokens[this.#at]
    this.#at += 1
    return token
  }

  /** Steps over the next token where it is of this kind. */
  takes(kind: string): boolean {
    if (this.kind !== kind) return false
    this.#at += 1
    return true
  }

  /** Steps over the next token where it is this word, whatever its case. */
  takesWord(word: string): boolean {
    if (this.kind !== 'word' || this.text.toLowerCase() !== word) return false
    this.#at += 1
    return true
  }
}

/** Undefined where the text is not made of these tokens. */
export function tokenize(text: string, kinds: TokenKinds): TokenReader | undefined {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const token = tokenAt(text, at, kinds)
    if (token === undefined || tokens.length >= TOKENS_MAX) return undefined
    if (token.kind !== 'space') tokens.push(token)
    at += token.text.length
  }
  return new TokenReader(tokens)
}

function tokenAt(text: string, at: number, kinds: TokenKinds): Token | undefined {
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined && found !== '') return { kind, text: found }
  }
  return undefined
}
