/** `selfTest` as its author wrote it, after the schema has been checked. */

export interface SelfTestDocument {
  readonly interval?: string
  readonly timeout?: string
  readonly onLeak?: 'flag' | 'refuse-route' | 'refuse-all'
  readonly records?: readonly CanaryDocument[]
  readonly direct?: readonly {
    readonly upstream: string
    readonly path: string
    readonly refused?: readonly number[]
  }[]
}

/** A record that exists to be asked for. */
export interface CanaryDocument {
  readonly name: string
  readonly get: string
  readonly purpose?: string
  /** Role sets to ask as. Left out: each role of the route by itself. */
  readonly as?: readonly (readonly string[])[]
  readonly hidden: readonly HiddenDocument[]
}

/** A value that is planted in it. Exactly one of `env` and `file` says what it is. */
export interface HiddenDocument {
  readonly class: string
  readonly env?: string
  readonly file?: string
  /** Roles that must not be told it. Left out: those that do not show its class. */
  readonly from?: readonly string[]
  readonly kept?: readonly string[]
}
