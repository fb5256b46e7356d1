/**
 * Counts distinct data subjects per caller in sliding windows. One interface, one contract suite; in memory for one
 * machine, in Redis for many. A counter never sees an id: members are keyed pseudonyms.
 */

/** One window to add to: a rule of the policy, for one caller. */
export interface LookupWindow {
  /** Rule and caller, already pseudonymized where needed. */
  readonly key: string
  /** Pseudonyms of the data subjects exposed now; empty: only ask. At most 5,000; duplicates count once. */
  readonly members: readonly string[]
  readonly withinMs: number
  /** The threshold: a count greater than this passes it. */
  readonly over: number
}

export interface LookupState {
  /** Distinct members in the window after adding, exact up to `over + 1`; beyond it at least `over + 1`. */
  readonly distinct: number
  /** `distinct > over`. */
  readonly exceeded: boolean
  /**
   * True exactly once for each passing of the threshold: for the call that took the count past `over`. Armed again only
   * once the count has been back at or under `over` (seen by any later call, also one that only asks).
   */
  readonly crossed: boolean
}

export interface LookupCounter {
  /**
   * Adds and answers in one atomic step, one state for each window in the order given. A member's time is that of its
   * last sighting. Time is the counter's own (the server's in Redis). Rejects with CounterUnavailableError within
   * its `timeoutMs`.
   */
  readonly add: (windows: readonly LookupWindow[]) => Promise<readonly LookupState[]>
  /**
   * Adds where no window passes its threshold by it; else adds nothing to any. Either in one atomic step. `exceeded` tells which
   * windows would have passed it; `distinct` is the count with the members, `crossed` false. Each key stands once in a call. A
   * member's time is that of its last sighting. Rejects as `add` does.
   */
  readonly reserve: (windows: readonly LookupWindow[]) => Promise<readonly LookupState[]>
  readonly close: () => Promise<void>
}
