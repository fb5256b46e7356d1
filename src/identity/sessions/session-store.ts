/** Sessions of browsers, by a digest of what their cookies hold. One contract suite; in memory for one machine, in Redis for many. */

/** A session that begins. */
export interface NewSession extends SessionName {
  /** What is kept of it, sealed: the store can neither read nor make one. */
  readonly sealed: string
  /** It ends so long after it was last found. */
  readonly idleMs: number
  /** The owner's is remembered for so long. */
  readonly lifetimeMs: number
  /** Sessions of one owner; of more, the oldest ends. */
  readonly ownerMax: number
}

/** Which session, and whose. Digests: nobody's identity stands in them. */
export interface SessionName {
  readonly id: string
  readonly owner: string
}

/** Each call rejects with SessionsUnavailableError where it cannot be done, within a bounded time. */
export interface SessionStore {
  readonly begin: (session: NewSession) => Promise<void>
  /** What is kept, whose idle time begins anew; undefined where there is none, or it has ended. */
  readonly find: (id: string, idleMs: number) => Promise<string | undefined>
  /** Once it resolves, nobody finds it. */
  readonly end: (session: SessionName) => Promise<void>
  readonly close: () => Promise<void>
}
