/** What rules need of reversible tokens. keys/ provides it; rules stay free of keys. */

/** Fewer digits make a domain of less than a million, in which a token could be guessed (NIST SP 800-38G Rev. 1, 5.1). */
export const TOKEN_DIGITS_MIN = 6

/** More digits than any number in use; FF1 then needs one block of AES a round. */
export const TOKEN_DIGITS_MAX = 56

export interface Tokenizer {
  /**
   * As many other digits, from which the key gives `digits` back: FF1 with a tweak made of tenant, domain (a data class) and
   * `kept`, the digits that stay beside them. `digits` are {@link TOKEN_DIGITS_MIN} to {@link TOKEN_DIGITS_MAX} of 0 to 9.
   */
  readonly tokenize: (domain: string, digits: string, kept: string) => string
  /** Version of the key. A token has no room for it: who rotates the key must know which one a token was made with. */
  readonly version: number
}
