/** What another policy would have made of one request of the past. Pure; what a record does not tell is said to be unknown. */
import type { Reason } from '../../core/reasons.ts'
import { decide, knownRoles } from '../../rules/decide.ts'
import type { Decision, Standing } from '../../rules/decide.ts'
import { decideReveal } from '../../rules/reveal/decide-reveal.ts'
import type { CompiledRoute } from '../../rules/compile/routes.ts'
import { templatesOverlap } from '../../rules/routing/route-table.ts'
import { parseRouteTemplate } from '../../rules/routing/route-template.ts'
import type { RegisteredPolicy } from '../register/access-register.ts'
import type { PastPlaces, Sight } from './past-places.ts'
import type { PastRequest } from './past-request.ts'

/** `unknown`: it could have been any of the others. */
export type PastChange =
  | 'newly visible'
  | 'newly hidden'
  | 'would need a reveal'
  | 'newly refused'
  | 'newly allowed'
  | 'unknown'

export interface JudgedPart {
  readonly change: PastChange
  /** Undefined: the request as a whole. */
  readonly class: string | undefined
  /** Why it would be refused, or was, or cannot be told. */
  readonly reason: string | undefined
  /** Places; 0 of a request as a whole. */
  readonly places: number
}

export interface OtherPolicy {
  readonly before: RegisteredPolicy
  readonly after: RegisteredPolicy
  readonly routes: ReadonlyMap<string, CompiledRoute>
  readonly places: PastPlaces
  /** What each role saw in clear then. */
  readonly shownThen: ReadonlyMap<string, ReadonlySet<string>>
  /** Levels that both policies define alike: of others no record tells whether they would have been met. */
  readonly levels: ReadonlySet<string>
}

/** Refusals that the policy alone decided on, so that another can decide otherwise. */
const DECIDED: ReadonlySet<string> = new Set<Reason>([
  'route-forbidden',
  'purpose-missing',
  'purpose-forbidden',
  'assurance-insufficient',
  'reveal-forbidden',
  'reveal-reason-missing',
  'reveal-outside-hours',
])

/** The parts of a request that would have gone otherwise; none: all would have been as it was. */
export function judgePast(request: PastRequest, other: OtherPolicy): readonly JudgedPart[] {
  const [reason = ''] = request.reasons
  if (request.decision !== 'permit') {
    if (mayBeKnown(reason, other)) return [whole('unknown', `was ${reason}`)]
    if (!DECIDED.has(reason)) return []
    const verdict = redecide(request, other)
    if (verdict.effect === 'unknown') return [whole('unknown', verdict.reason)]
    return verdict.effect === 'permit' ? [whole('newly allowed', `was ${reason}`)] : []
  }
  const verdict = redecide(request, other)
  if (verdict.effect !== 'permit')
    return [whole(verdict.effect === 'deny' ? 'newly refused' : 'unknown', verdict.reason)]
  const { decision, route, revealed } = verdict
  const seen = new Set([...decision.masking.shown, ...revealed])
  const context = { route, seen, other }
  return [
    ...request.classes.flatMap((counts) => judgeClass(request, counts.class, context)),
    ...judgeUnlisted(request, context),
  ]
}

// The record lacks what was asked for, the path or the roles: what the other policy has more of might have been it.
function mayBeKnown(reason: string, { before, after, routes }: OtherPolicy): boolean {
  if (reason === 'role-unknown') return !after.compiled.roles.isSubsetOf(before.compiled.roles)
  if (reason !== 'route-unlisted') return false
  const listed = new Set(before.compiled.routeList.map(({ template }) => template.text))
  return ![...routes.keys()].every((text) => listed.has(text))
}

type Redecided =
  | { readonly effect: 'deny' | 'unknown'; readonly reason: string }
  | {
      readonly effect: 'permit'
      readonly decision: Extract<Decision, { effect: 'permit' }>
      readonly route: CompiledRoute
      readonly revealed: readonly string[]
    }

function redecide(request: PastRequest, other: OtherPolicy): Redecided {
  const { compiled } = other.after
  const roles = knownRoles(compiled, request.roles)
  const route = other.routes.get(request.route ?? '')
  const { asked, assurance, trained, purposeName } = request
  if (roles.length > 0 && route !== undefined && asked !== undefined) {
    const refusal = revealRefusal(request, route, roles, other)
    if (refusal !== undefined) return refusal
  }
  const standing: Standing = {
    roles,
    assurance,
    trained,
    purpose:
      purposeName === undefined ? undefined : { name: purposeName, header: '', ticket: undefined },
    revealed: (asked?.classes ?? []).toSorted(),
  }
  if (roles.length > 0 && route === undefined && isTaken(request.route, other))
    return { effect: 'unknown', reason: 'another route may take its path' }
  const decision = decide(route, standing)
  if (decision.effect === 'permit' && route !== undefined) {
    const needed = [route.assurance, ...decision.masking.assurance]
    const doubtful = needed.find((level) => level !== undefined && !other.levels.has(level.name))
    if (doubtful !== undefined) return untold(doubtful.name)
    return { effect: 'permit', decision, route, revealed: standing.revealed }
  }
  if (decision.effect === 'permit') return { effect: 'deny', reason: 'route-unlisted' }
  const { level, reasons } = decision
  if (level !== undefined && !other.levels.has(level.name)) return untold(level.name)
  if (reasons[0] === 'purpose-missing' && isDerived(route, other))
    return { effect: 'unknown', reason: 'the purpose might be recognized' }
  return { effect: 'deny', reason: reasons[0] }
}

function untold(level: string): Redecided {
  return { effect: 'unknown', reason: `the level ${level} is another one` }
}

function isTaken(route: string | undefined, { routes }: OtherPolicy): boolean {
  const template = parseRouteTemplate(route ?? '')
  return (
    'segments' in template &&
    [...routes.values()].some((one) => templatesOverlap(one.template, template))
  )
}

function isDerived(route: CompiledRoute | undefined, { after }: OtherPolicy): boolean {
  return [...(route?.purposes ?? [])].some(
    (name) => (after.compiled.purposes.get(name) ?? []).length > 0,
  )
}

function revealRefusal(
  { asked, assurance, trained, timeMs }: PastRequest,
  route: CompiledRoute,
  roles: readonly string[],
  { after: { compiled }, levels }: OtherPolicy,
): Redecided | undefined {
  if (asked === undefined) return undefined
  if (asked.granted) {
    const granted = asked.classes.every((name) =>
      compiled.breakGlass?.grants.some(
        ({ role, classes }) => roles.includes(role) && classes.has(name),
      ),
    )
    return granted ? undefined : { effect: 'deny', reason: 'grant-invalid' }
  }
  const verdict = decideReveal(
    compiled.reveal,
    { classes: asked.classes, reason: asked.reason, text: undefined, grant: undefined },
    { roles, assurance, trained, writes: route.effect !== 'read', nowMs: timeMs },
  )
  if (verdict.effect === 'permit') return undefined
  const { reason, level } = verdict
  return level !== undefined && !levels.has(level.name)
    ? untold(level.name)
    : { effect: 'deny', reason }
}

interface ClassContext {
  readonly route: CompiledRoute
  /** Of this request, with what it reveals. */
  readonly seen: ReadonlySet<string>
  readonly other: OtherPolicy
}

function judgeClass(
  request: PastRequest,
  dataClass: string,
  context: ClassContext,
): readonly JudgedPart[] {
  const { route, seen, other } = context
  const counts = request.classes.find((one) => one.class === dataClass)
  if (counts === undefined) return []
  const places = request.places?.filter((one) => one.class === dataClass)
  const searched = searchedBy(request, dataClass, other)
  if (searched !== undefined) {
    const at = places?.map((one) => one.at) ?? []
    const sights = new Set(
      (at.length > 0 ? at : [undefined]).map((place) =>
        other.places.sight({ route, dataClass, at: place, shown: seen, searched }),
      ),
    )
    const [only, ...others] = sights
    const sight = only === undefined || others.length > 0 ? 'unknown' : only
    const { shown, revealed, masked } = counts
    return partsOf({ sight, clear: shown + revealed, masked }, dataClass, request, context)
  }
  const groups = (places ?? []).map(({ at, operator, count }) => ({
    sight: other.places.sight({ route, dataClass, at, shown: seen }),
    clear: operator === 'show' || operator === 'reveal' ? count : 0,
    masked: operator === 'show' || operator === 'reveal' ? 0 : count,
  }))
  const left = {
    clear: counts.shown + counts.revealed - sum(groups, 'clear'),
    masked: counts.masked - sum(groups, 'masked'),
  }
  // Without a ledger of locations all of them; with one, what was found in texts.
  const sight: Sight =
    places === undefined
      ? other.places.sight({ route, dataClass, at: undefined, shown: seen })
      : seen.has(dataClass)
        ? 'clear'
        : 'masked'
  return [...groups, { sight, ...left }].flatMap((group) =>
    partsOf(group, dataClass, request, context),
  )
}

// Texts in which nothing was found left as they were: they count as shown, and the ledger tells them by the operator that looked.
function searchedBy(
  { roles, trained, asked }: PastRequest,
  dataClass: string,
  { shownThen, before }: OtherPolicy,
): string | undefined {
  const mask = before.compiled.dataClasses.get(dataClass)?.mask
  if (mask?.scan === undefined) return undefined
  const inClear =
    trained &&
    (asked?.classes.includes(dataClass) === true ||
      roles.some((role) => shownThen.get(role)?.has(dataClass) === true))
  return inClear ? undefined : mask.id
}

/** What stands for the class of what no line names. */
const UNLISTED = '(what no line names)'

// Only a ledger of locations counts it.
function judgeUnlisted(
  { places = [] }: PastRequest,
  { route, seen, other }: ClassContext,
): readonly JudgedPart[] {
  return places.flatMap((one): readonly JudgedPart[] => {
    if (one.class !== undefined) return []
    const sight = other.places.unlistedSight(route, one.at, seen)
    if (sight === 'masked') return []
    const [change, reason] =
      sight === 'clear' ? (['newly visible'] as const) : (['unknown', OTHER_LINES] as const)
    return [{ change, class: UNLISTED, reason, places: one.count }]
  })
}

const OTHER_TEXTS = 'what would be found in its texts is not on record'
const OTHER_LINES = 'its lines are others, or too many, and the record does not tell which'

interface Group {
  readonly sight: Sight
  readonly clear: number
  readonly masked: number
}

function partsOf(
  { sight, clear, masked }: Group,
  dataClass: string,
  { roles }: PastRequest,
  { other }: ClassContext,
): readonly JudgedPart[] {
  const part = (change: PastChange, places: number, reason?: string): readonly JudgedPart[] =>
    places > 0 ? [{ change, class: dataClass, reason, places }] : []
  if (sight === 'same') return []
  if (sight === 'unknown') return part('unknown', clear + masked, OTHER_LINES)
  if (sight === 'searched') return part('unknown', clear + masked, OTHER_TEXTS)
  if (sight === 'clear') return part('newly visible', masked)
  const mayReveal = other.after.compiled.reveal?.grants.some(
    (grant) => grant.dataClass === dataClass && roles.includes(grant.role),
  )
  return part(mayReveal === true ? 'would need a reveal' : 'newly hidden', clear)
}

function whole(change: PastChange, reason: string): JudgedPart {
  return { change, class: undefined, reason, places: 0 }
}

function sum(groups: readonly Group[], of: 'clear' | 'masked'): number {
  return groups.reduce((all, group) => all + group[of], 0)
}
