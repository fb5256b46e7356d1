/**
 * Counts what callers do in sliding windows. One interface, one contract suite; in memory for one machine, in Redis for
 * many. A counter never sees an id: members are keyed pseudonyms, or digests.
 */

/** One window to add to: a rule of the policy, for one whom it watches. */
export interface LookupWindow {
  /** Rule and whom it watches, already pseudonymized where needed. */
  readonly key: string
  /** What is counted, each once in the window; empty: only ask. At most 5,000; duplicates count once. */
  readonly members: readonly string[]
  readonly withinMs: number
  /** The threshold: a count greater than this passes it. */
  readonly over: number
  /** The count must be back at this or below before the threshold can be passed again. Default: `over`. */
  readonly rearm?: number
  /** So long after one passing no other is told. Default 0. */
  readonly cooldownMs?: number
  /** So long after a passing was told the window is active, whatever its count. Default 0. */
  readonly lastsMs?: number
  /** True: a passing is not told by this call, and waits for the next that is not quiet. */
  readonly quiet?: boolean
  /**
   * True: members are added for the time being, only where they are not there yet and the threshold is not passed. The state has
   * what was added; a later call names it in `drop`, and adds for good what stays. What nobody takes back stays, too.
   */
  readonly hold?: boolean
  /** Taken back, before anything is added: only where nobody has added them for good meanwhile. */
  readonly drop?: readonly HeldMember[]
  /**
   * For each member its neighbours. Then the count is the length of the longest chain: of members of which each was added while
   * a neighbour was in the window, and continues the longest that such a neighbour ends. At most 1,000 latest members are known.
   */
  readonly near?: readonly (readonly string[])[]
  /** Then the count is that of the day, and what tells is how far it is from those of others: `over` and `rearm` play no part. */
  readonly baseline?: Baseline
}

/**
 * How the count of a day is compared with those of others in groups, each of whom counts at most once a day: by the robust z-score
 * 0.6745 (x - median) / MAD (Iglewicz and Hoaglin) over their past days. The window's own past days are not among them.
 */
export interface Baseline {
  /** With each of these it is compared, and the lowest of the scores that are known is what counts. At most 16, each once. */
  readonly groups: readonly string[]
  /** Added to the counter's time before that is cut into days: how far local time is from UTC. */
  readonly offsetMs: number
  /** Past days that are looked at; today is not one. */
  readonly days: number
  /** With fewer past days of others, all of them together, the score is not known. */
  readonly agentDays: number
  /** The MAD is taken for at least this. */
  readonly floor: number
  /** A score greater than this is one of a day that is too much. */
  readonly over: number
  /** So many of the last `of` days, today among them, must be too much. */
  readonly on: number
  readonly of: number
  /** True: members are never the same twice, so that their number is enough. */
  readonly plain: boolean
}

/** What a count was compared with. */
export interface Compared {
  readonly group: string
  readonly median: number
  readonly mad: number
  /** Of how many past days of others. */
  readonly agentDays: number
  readonly score: number
  /** How many of the last days were too much, today among them. */
  readonly daysOver: number
}

/** A member that was added for the time being. */
export interface HeldMember {
  readonly member: string
  /** When, as the counter tells it. */
  readonly at: number
}

export interface LookupState {
  /** The count in the window after adding, exact up to `over + 1`; beyond it at least `over + 1`. */
  readonly distinct: number
  /** `distinct > over`. */
  readonly exceeded: boolean
  /**
   * True exactly once for each passing of the threshold: for the call that took the count past `over`. Armed again only
   * once the count has been back at or under `rearm` (seen by any later call, also one that only asks), and the cool-down is over.
   */
  readonly crossed: boolean
  /** `exceeded`, or within `lastsMs` after a passing was told. */
  readonly active: boolean
  /** For how long the window has not been empty. */
  readonly ageMs: number
  /** What this call added for the time being. */
  readonly held: readonly HeldMember[]
  /** True where counts were lost within the window: there may have been more. */
  readonly lost?: boolean
  /** Of a baseline, where the score is known. Then `exceeded` tells whether enough days were too much. */
  readonly compared?: Compared
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
   * member's time is that of its last sighting. Only key, members, length and threshold play a part. Rejects as `add` does.
   */
  readonly reserve: (windows: readonly LookupWindow[]) => Promise<readonly LookupState[]>
  /** Empties the windows with these keys, as if nothing had ever been counted there. Rejects as `add` does. */
  readonly forget: (keys: readonly string[]) => Promise<void>
  /** From now on what is there is taken for all that there was: windows are known again. Rejects as `add` does. */
  readonly acceptLoss: () => Promise<void>
  readonly close: () => Promise<void>
}
