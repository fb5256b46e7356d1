/** A second place for checkpoints, out of reach of who can change the store. */

export interface Anchor {
  /** For messages: its kind and where it is, without what may be secret. */
  readonly name: string
  /** Resolves once the checkpoint is there for good. Rejects with AuditUnavailableError, in bounded time. */
  readonly write: (jws: string) => Promise<void>
}
