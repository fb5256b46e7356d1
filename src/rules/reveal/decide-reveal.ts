/** The decision on a reveal: each class that is asked for needs a role that may reveal it, and everything that this asks. */
import type { Reason } from '../../core/reasons.ts'
import type { AssuranceLevel } from '../trust.ts'
import { fitsDomain } from '../routing/parameter-types.ts'
import { isWithin } from './local-time.ts'
import type { RevealGrant, RevealReason, RevealRequest, RevealRules } from './reveal-rules.ts'

/** What plays a part beside the request. */
export interface RevealStanding {
  readonly roles: readonly string[]
  /** Names of the assurance levels that the subject meets now. */
  readonly assurance: ReadonlySet<string>
  readonly trained: boolean
  /** Whether the request changes something: a reveal is for looking only. */
  readonly writes: boolean
  readonly nowMs: number
}

export type RevealVerdict =
  | { readonly effect: 'permit'; readonly grants: readonly RevealGrant[] }
  | {
      readonly effect: 'deny'
      readonly reason: Reason
      /** The level that would have to be met. */
      readonly level?: AssuranceLevel | undefined
    }

/** One grant for each class, or why there is none. */
export function decideReveal(
  rules: RevealRules | undefined,
  request: RevealRequest,
  standing: RevealStanding,
): RevealVerdict {
  if (rules === undefined || standing.writes || !standing.trained) return deny('reveal-forbidden')
  if (request.reason !== undefined && !isReason(rules, request.reason))
    return deny('reveal-malformed')
  const grants: RevealGrant[] = []
  for (const dataClass of request.classes) {
    const verdict = decideClass(rules, dataClass, request, standing)
    if (verdict.effect === 'deny') return verdict
    grants.push(...verdict.grants)
  }
  return { effect: 'permit', grants }
}

/** True where the policy knows the code, and the ticket is of its type. */
export function isReason(
  { reasons, ticket: domain }: RevealRules,
  { code, ticket }: RevealReason,
): boolean {
  if (!reasons.has(code)) return false
  if (domain === undefined) return ticket === undefined
  return ticket !== undefined && fitsDomain(domain, ticket)
}

// Roles add up: one that grants it is enough. Of several the one with the largest budget.
function decideClass(
  rules: RevealRules,
  dataClass: string,
  request: RevealRequest,
  standing: RevealStanding,
): RevealVerdict {
  const candidates = rules.grants.filter(
    (grant) => grant.dataClass === dataClass && standing.roles.includes(grant.role),
  )
  const verdicts = candidates.map((grant) => judge(grant, rules, request, standing))
  const granted = verdicts.flatMap((verdict) => (verdict.effect === 'permit' ? verdict.grants : []))
  const [best] = granted.toSorted((a, b) => budgetOf(b) - budgetOf(a))
  if (best !== undefined) return { effect: 'permit', grants: [best] }
  // What the caller can do something about comes first.
  const steps = verdicts.filter(({ effect }) => effect === 'deny')
  return steps.find((verdict) => 'level' in verdict) ?? steps[0] ?? deny('reveal-forbidden')
}

function budgetOf({ budgetPerDay }: RevealGrant): number {
  return budgetPerDay ?? Number.POSITIVE_INFINITY
}

function judge(
  grant: RevealGrant,
  { timeZone }: RevealRules,
  { reason }: RevealRequest,
  { assurance, nowMs }: RevealStanding,
): RevealVerdict {
  const { hours, assurance: level, reasonRequired } = grant
  if (reasonRequired && reason === undefined) return deny('reveal-reason-missing')
  if (hours !== undefined && !isWithin(hours, nowMs, timeZone)) return deny('reveal-outside-hours')
  if (level !== undefined && !assurance.has(level.name))
    return { effect: 'deny', reason: 'assurance-insufficient', level }
  return { effect: 'permit', grants: [grant] }
}

function deny(reason: Reason): RevealVerdict {
  return { effect: 'deny', reason }
}
