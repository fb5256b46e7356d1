/** What the audit is told of those who looked too much. Types only, and no value of a data subject. */
import type { AuditedSubject } from './audit-facts.ts'

/** A look-up rule whose threshold was passed. */
export interface FindingFacts {
  readonly id: string
  readonly timeMs: number
  readonly requestId: string
  readonly subject: AuditedSubject
  readonly address: string
  readonly claimedAddress?: string | undefined
  readonly policy: string
  /** Name of the rule in the policy. */
  readonly rule: string
  readonly classes: readonly string[]
  /** What was counted: data subjects that answers exposed, values that were searched by, ... */
  readonly counted: string
  /** Whose window it was. */
  readonly per: string
  /** A role, a network, or the pseudonym of a data subject; undefined: the subject, or its session. */
  readonly owner: string | undefined
  /** How many in the window (undefined: the counters were away), the threshold, and the window's length. */
  readonly observed: number | undefined
  readonly over: number
  readonly withinMs: number
  /** Of a count of a day that was compared with those of others. `over` is then what would not have been too much. */
  readonly compared?: ComparedFacts | undefined
  /** What was done about it: `flag`, `block`. */
  readonly actions: readonly string[]
  /** The access record that passed the threshold. */
  readonly accessId: string
}

/** With what the count of a day was compared: the past days of others with the same role. */
export interface ComparedFacts {
  readonly role: string
  readonly median: number
  /** Median of the absolute deviations from it. */
  readonly mad: number
  /** So many days of others. */
  readonly agentDays: number
  /** The robust z-score, its threshold, and the largest count that does not pass it. */
  readonly score: number
  readonly scoreMax: number
  readonly countMax: number
  /** So many of the last `of` days were too much, and `on` are enough. */
  readonly daysOver: number
  readonly on: number
  readonly of: number
}

/** Responses to look-ups that somebody ended before their time. */
export interface UnblockFacts {
  readonly id: string
  readonly timeMs: number
  /** Who did it, in their own words. */
  readonly by: string
  readonly policy: string
  /** Whose windows were emptied. */
  readonly per: string
  readonly owner: string
  readonly rules: readonly string[]
}
