/** The decision: may this subject use this route, and under which masking. Pure; the obligation is the masking itself. */
import type { Reason } from '../core/reasons.ts'
import type { CompiledPolicy, Route, RouteMasking } from './compiled-policy.ts'
import type { Purpose } from './purpose/purpose.ts'
import type { AssuranceLevel } from './trust.ts'

/** What of a subject plays a part. */
export interface Standing {
  /** Known roles, sorted, as {@link knownRoles} gives them. */
  readonly roles: readonly string[]
  /** Names of the assurance levels that it meets now. */
  readonly assurance: ReadonlySet<string>
  /** False where its privacy training is overdue, or not known: it then sees no class in clear. */
  readonly trained: boolean
  /** What it asks for; `any` for tools of authors. Undefined: it does not say. */
  readonly purpose: Purpose | 'any' | undefined
  /** Classes that it may see in clear for this request only, sorted. */
  readonly revealed: readonly string[]
}

export type Decision =
  | {
      readonly effect: 'permit'
      readonly reasons: readonly Reason[]
      readonly masking: RouteMasking
      /** The roles that answers are masked for. */
      readonly maskedFor: readonly string[]
    }
  | {
      readonly effect: 'deny'
      readonly reasons: readonly [Reason, ...Reason[]]
      /** The level that would have to be met. */
      readonly level?: AssuranceLevel
    }

/** Decides by route and standing. `route` undefined: no route matched. */
export function decide(route: Route | undefined, standing: Standing): Decision {
  const { roles, assurance, trained, revealed } = standing
  if (roles.length === 0) return { effect: 'deny', reasons: ['role-unknown'] }
  if (route === undefined) return { effect: 'deny', reasons: ['route-unlisted'] }
  const allowed = route.roles
  if (allowed !== undefined && !roles.some((role) => allowed.has(role))) {
    return { effect: 'deny', reasons: ['route-forbidden'] }
  }
  const purpose = purposeFault(route, standing)
  if (purpose !== undefined) return { effect: 'deny', reasons: [purpose] }
  const maskedFor = trained ? roles : []
  const masking = route.maskingFor(maskedFor, trained ? revealed : [])
  // Who sees a class may set it, and needs for both what the class needs.
  const ofRecord = route.write?.read.maskingFor(maskedFor).assurance ?? []
  const level = [route.assurance, ...masking.assurance, ...ofRecord].find(
    (needed) => needed !== undefined && !assurance.has(needed.name),
  )
  if (level !== undefined) return { effect: 'deny', reasons: ['assurance-insufficient'], level }
  const reasons: Reason[] = trained ? ['role-permits'] : ['role-permits', 'training-overdue']
  return { effect: 'permit', reasons, masking, maskedFor }
}

function purposeFault({ purposes }: Route, { purpose }: Standing): Reason | undefined {
  if (purposes === undefined || purpose === 'any') return undefined
  if (purpose === undefined) return 'purpose-missing'
  return purposes.has(purpose.name) ? undefined : 'purpose-forbidden'
}

/** The standing of a subject of which nothing but the roles is asked: for tools of authors, who have no token. */
export function ofRoles(policy: CompiledPolicy, names: readonly string[]): Standing {
  return {
    roles: knownRoles(policy, names),
    assurance: new Set(policy.assurance.keys()),
    trained: true,
    purpose: 'any',
    revealed: [],
  }
}

/** The roles of a token that the policy knows, sorted, each once. Names are compared exactly. */
export function knownRoles(policy: CompiledPolicy, names: readonly string[]): readonly string[] {
  const known = names.filter((name) => policy.roles.has(name))
  return known.length < 2 ? known : [...new Set(known)].toSorted()
}
