/** What shipping writes to a log: fixed messages and these fields. No field has room for what a record holds. */

export interface ShippingFields {
  /** SHA-256 of the shipping file. */
  readonly shipping?: string
  /** Name of the sink in the shipping file. */
  readonly sink?: string
  /** One sentence, made of fixed words, codes and statuses. */
  readonly problem?: string | undefined
  readonly records?: number
  readonly waitMs?: number
  /** Why a record was put aside. */
  readonly reason?: string
  /** Place of a record in its stream or journal. */
  readonly position?: string
}

export interface ShippingLog {
  readonly info: (message: string, fields?: ShippingFields) => void
  readonly warn: (message: string, fields?: ShippingFields) => void
}
