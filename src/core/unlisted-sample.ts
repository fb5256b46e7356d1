/** What the audit is told of an answer that was looked through for personal data that no line of the policy names. Types only. */

/** Strings of an answer at one location, which no line of the policy names, in which data of a class was found. */
export interface UnlistedFind {
  /** A normalized path with `[*]` for indices and for names that neither the policy nor its fixture has. */
  readonly at: string
  readonly class: string
  /** True where no name of the path is hidden by `[*]`. */
  readonly named: boolean
  readonly count: number
  /** Of them, those that are nearly all of the string. */
  readonly whole: number
}

/** What was found in an answer that was looked through; nothing, too. */
export interface UnlistedSample {
  readonly finds: readonly UnlistedFind[]
  /** True where not all of it was looked through, or told. */
  readonly truncated: boolean
}
