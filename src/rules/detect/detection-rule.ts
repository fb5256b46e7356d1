/** A rule on who looks too much, ready to be counted by. Data only, as compiled from the policy. */
import type { AssuranceLevel } from '../trust.ts'
import type { Hours } from '../reveal/reveal-rules.ts'

export interface DetectionRule {
  readonly name: string
  /** Whose window it is: each of these has one of its own. */
  readonly per: DetectionOwner
  /** Undefined: what is exposed of any class counts. */
  readonly classes: ReadonlySet<string> | undefined
  /** Texts of the templates; undefined: all. */
  readonly routes: ReadonlySet<string> | undefined
  /** One of these is enough; undefined: anything. */
  readonly effects: ReadonlySet<RequestEffect> | undefined
  /** One of these is enough; undefined: for any purpose, or none. */
  readonly purposes: ReadonlySet<string> | undefined
  /** Hours of work: only what happens outside counts. Undefined: at any time. */
  readonly outside: WorkHours | undefined
  readonly counts: Counted
  /** Of traps: the ids that nobody has a reason to look at, by kind of data subject. */
  readonly traps: ReadonlyMap<string, ReadonlySet<string>>
  /** Undefined: a threshold tells what is too much. */
  readonly baseline: RoleBaseline | undefined
  /** 0 for a first look, for a trap, and with a baseline. */
  readonly over: number
  readonly withinMs: number
  /** The count must be back at this before the threshold can be passed again. */
  readonly rearm: number
  readonly cooldownMs: number
  /** Of a first look: so long must the owner of the window have been known. */
  readonly afterMs: number
  /** What happens where the counters are away. */
  readonly whenUnknown: 'refuse' | 'flag'
  /** What happens, by the words of the policy. */
  readonly actions: readonly DetectionAction[]
  /** Responses last at least so long after the threshold was passed. */
  readonly lastsMs: number
  /** Of a step-up: the level. */
  readonly stepUp: AssuranceLevel | undefined
  /** Of a throttle: so many requests in so long a time. */
  readonly throttle: { readonly requests: number; readonly withinMs: number } | undefined
}

/** What others with the same role do tells what is too much: robust z-scores of days. */
export interface RoleBaseline {
  /** The same for all rules that count the same: what others counted by another rule is no measure. */
  readonly measure: string
  /** A score greater than this is one of a day that is too much. */
  readonly over: number
  /** Past days that are looked at. */
  readonly days: number
  /** Fewer days of others, all together, say nothing. More than `days`, so that one other is never enough. */
  readonly agentDays: number
  /** The MAD is taken for at least this. */
  readonly floor: number
  /** So many of the last `of` days, today among them, must be too much. */
  readonly on: number
  readonly of: number
  /** IANA name. */
  readonly timeZone: string
}

export type DetectionOwner = 'subject' | 'role' | 'session' | 'address' | 'dataSubject'

/** What a request does. A search, a reveal and an export are reads, too. */
export type RequestEffect = 'read' | 'search' | 'write' | 'reveal' | 'export'

/**
 * `runOfIds`: the longest chain of ids next to each other. `firstClass`: a class that was not looked at within the window.
 * `trap`: a data subject that nobody has a reason to look at.
 */
export type Counted =
  | 'dataSubject'
  | 'searchTerm'
  | 'agent'
  | 'requests'
  | 'locations'
  | 'runOfIds'
  | 'firstClass'
  | 'trap'

export type DetectionAction = PlainAction | 'stepUp' | 'throttle'

/** Actions that need nothing to be told. */
export type PlainAction = 'flag' | 'notify' | 'mask' | 'reason' | 'block'

export interface WorkHours extends Hours {
  /** IANA name. */
  readonly timeZone: string
}
