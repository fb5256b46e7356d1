/** Who may see a class in clear for one request, and under which conditions. Data only, as compiled from the policy. */
import type { AssuranceLevel } from '../trust.ts'
import type { ParameterDomain } from '../routing/parameter-types.ts'

export interface RevealRules {
  /** Codes that a reason can be. */
  readonly reasons: ReadonlySet<string>
  /** What the ticket of a reason is; undefined: a reason names none. */
  readonly ticket: ParameterDomain | undefined
  /** IANA name of the zone that days and hours are those of. */
  readonly timeZone: string
  readonly grants: readonly RevealGrant[]
  /** Undefined: reasons are codes only. */
  readonly freeText: FreeTextRules | undefined
}

/** A text that may be given beside the code. */
export interface FreeTextRules {
  /** Public key of X25519, SubjectPublicKeyInfo in base64: the record has the text encrypted for its owner. */
  readonly key: string
  /** True where something is found that must not stand in it, or it has more packed inside than is looked at. */
  readonly holdsPersonalData: (text: string) => boolean
}

/** What one role may see of one class, for one request. */
export interface RevealGrant {
  readonly role: string
  readonly dataClass: string
  readonly reasonRequired: boolean
  readonly assurance: AssuranceLevel | undefined
  /** Distinct data subjects a day; undefined: any number. */
  readonly budgetPerDay: number | undefined
  /** Undefined: at any time. */
  readonly hours: Hours | undefined
  /** Whether each reveal raises a finding. */
  readonly notify: boolean
}

/** Hours of some days of the week, in minutes from midnight; the end is not in them. */
export interface Hours {
  /** 1 is Monday, 7 Sunday (ISO 8601). */
  readonly days: ReadonlySet<number>
  readonly fromMinute: number
  readonly toMinute: number
}

/** What a caller asks to see in clear. */
export interface RevealRequest {
  /** Names as they were given, sorted, each once. */
  readonly classes: readonly string[]
  readonly reason: RevealReason | undefined
  /** Why, in words of the caller; undefined: none. */
  readonly text: string | undefined
  /** The id of a grant that a second person approved; undefined: by the role itself. */
  readonly grant: string | undefined
}

/** Why: a code of the policy, and the ticket that it is about. */
export interface RevealReason {
  readonly code: string
  readonly ticket: string | undefined
}
