/** The decision on break-glass: what was approved, to whom a role of the subject may have it, at the level that it asks. */
import type { BreakGlassGrant, BreakGlassRules } from './break-glass.ts'
import type { RevealStanding, RevealVerdict } from './decide-reveal.ts'
import type { RevealGrant, RevealRequest } from './reveal-rules.ts'

/** What was approved, as far as it decides: for whom and when is known by then. */
export interface ApprovedTerms {
  readonly classes: readonly string[]
  readonly durationMs: number
}

/** One grant for each class, or why there is none. A reason was given when it was asked for. */
export function decideBreakGlass(
  rules: BreakGlassRules,
  request: RevealRequest,
  standing: RevealStanding,
  terms: ApprovedTerms,
): RevealVerdict {
  if (standing.writes || !standing.trained) return { effect: 'deny', reason: 'reveal-forbidden' }
  const grants: RevealGrant[] = []
  for (const dataClass of request.classes) {
    const approved = terms.classes.includes(dataClass)
    const held = approved
      ? rules.grants.filter((grant) => mayHave(grant, dataClass, standing, terms))
      : []
    const good = held.find(
      ({ assurance }) => assurance === undefined || standing.assurance.has(assurance.name),
    )
    const [first] = held
    if (first === undefined) return { effect: 'deny', reason: 'grant-invalid' }
    if (good === undefined)
      return { effect: 'deny', reason: 'assurance-insufficient', level: first.assurance }
    grants.push(asReveal(good, dataClass))
  }
  return { effect: 'permit', grants }
}

function mayHave(
  { role, classes, forMs }: BreakGlassGrant,
  dataClass: string,
  { roles }: RevealStanding,
  { durationMs }: ApprovedTerms,
): boolean {
  return roles.includes(role) && classes.has(dataClass) && durationMs <= forMs
}

// No budget and no hours: that is what the second person decided on. Every use is noticed.
function asReveal({ role, assurance }: BreakGlassGrant, dataClass: string): RevealGrant {
  return {
    role,
    dataClass,
    reasonRequired: false,
    assurance,
    budgetPerDay: undefined,
    hours: undefined,
    notify: true,
  }
}
