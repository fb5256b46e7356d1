/** What rules need of sealed texts. keys/ provides it; rules stay free of keys and clocks. */

/** For whom, and for which place, a text is sealed. */
export interface SealedFor {
  /** The subject, told apart from all others. */
  readonly owner: string
  /** Where it may be opened: a route. */
  readonly place: string
}

export interface Sealer {
  /**
   * The text, encrypted and authenticated: it can be opened for the same owner at the same place until then. Two times the same text
   * give two different ones, of a length that tells little.
   */
  readonly seal: (text: string, sealedFor: SealedFor, untilMs: number) => string
  /** The text; undefined where it is altered, foreign, of another key, or too old. */
  readonly open: (sealed: string, sealedFor: SealedFor, nowMs: number) => string | undefined
}

/** Longest text that is sealed, in UTF-16 code units. */
export const SEALED_UNITS_MAX = 2_048
