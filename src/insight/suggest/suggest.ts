/** From what was seen to what can go: what the policy gives, held against what was used of it. */
import { counted } from '../../core/counted.ts'
import type { CompiledPolicyWithQueries } from '../../rules/compile/compile-policy.ts'
import { goesBefore } from '../../rules/routing/route-table.ts'
import { byCodeUnits } from '../by-code-units.ts'
import { grantsOf } from '../policy-view.ts'
import type { RoleGrants } from '../policy-view.ts'
import { AGENTS_MAX } from './observed-use.ts'
import type { ObservedUse, Seen, SeenClass } from './observed-use.ts'
import { SUGGESTION_KINDS } from './suggestion.ts'
import type { Suggestion } from './suggestion.ts'
import { unlistedData } from './unlisted-data.ts'

/** Reveals that make a class one that a role always needs: so many, of so many agents, none of them with more than half. */
const REVEALS_MIN = 50
const REVEALING_AGENTS_MIN = 3
/** Of the answers that held the class, and of the days on which the role was seen. */
const REVEALS_SHARE = 0.5
/** Routes that are named where a class was shown. */
const ROUTES_NAMED_MAX = 3

/** What suggestions are made from. */
export interface SuggestInput {
  readonly policy: CompiledPolicyWithQueries
  readonly seen: ObservedUse
  /** Undefined: all roles, and routes that nobody calls. */
  readonly role: string | undefined
}

/** All of them, by kind, role, class and route. */
export function suggest({ policy, seen, role: only }: SuggestInput): readonly Suggestion[] {
  const grants = grantsOf(policy)
  const roles = [...policy.roles].filter((role) => only === undefined || role === only)
  const kinds = Object.keys(SUGGESTION_KINDS)
  return [
    ...roles.flatMap((role) => ofRole(role, grants, { policy, seen })),
    ...policy.routeList.flatMap((route) => ofRoute(route, { policy, seen, role: only })),
    ...(only === undefined ? unlistedData(policy, seen) : []),
  ].toSorted(
    (a, b) =>
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      byCodeUnits(a.role ?? '', b.role ?? '') ||
      byCodeUnits(a.class ?? '', b.class ?? '') ||
      byCodeUnits(a.route ?? '', b.route ?? ''),
  )
}

function ofRole(
  role: string,
  grants: RoleGrants,
  { policy, seen }: Pick<SuggestInput, 'policy' | 'seen'>,
): readonly Suggestion[] {
  const of = (name: string) => ({ role, name, who: seen.role(role), use: seen.ofClass(role, name) })
  const show = [...(grants.show.get(role) ?? [])]
  const reveal = [...(grants.reveal.get(role) ?? [])]
  const write = [...(grants.write.get(role) ?? [])]
  const sent = classesSent(role, policy, seen)
  return [
    ...show.filter((name) => !sent.has(name)).flatMap((name) => ofShow(of(name))),
    ...reveal.flatMap((name) => ofReveal(of(name))),
    ...write.flatMap((name) => ofWrite(of(name), show.includes(name))),
  ]
}

// Who sees a class may set it, and that leaves no mark on the class: whoever called a route that takes it may have.
function classesSent(
  role: string,
  { routeList, classes }: SuggestInput['policy'],
  seen: ObservedUse,
): ReadonlySet<string> {
  const called = routeList.filter(
    ({ template, effect }) =>
      effect === 'write' && seen.route(template.text)?.byRole.has(role) === true,
  )
  return new Set(
    called.flatMap(({ body }) => {
      if (body === undefined) return []
      if (body.passOpaque || body.unlisted === 'pass') return [...classes]
      return [...body.fields, ...body.anywhere].map(({ dataClass }) => dataClass)
    }),
  )
}

interface Held {
  readonly role: string
  readonly name: string
  readonly who: Seen
  readonly use: SeenClass
}

function ofShow({ role, name, who, use }: Held): readonly Suggestion[] {
  const { shown, searched, written, asked } = use
  const about = { role, class: name }
  if (shown + searched + written + asked === 0) {
    return [
      {
        kind: 'unused-show',
        ...about,
        proposal: `${role} no longer sees ${name}`,
        evidence: `never shown to it, nor used, ${inAll(who)}`,
        counts: { requests: who.requests, agents: who.agents.size },
        change: { kind: 'drop-class', list: 'show', ...about },
      },
    ]
  }
  if (searched + written + asked > 0) return []
  return [
    {
      kind: 'unproven-show',
      ...about,
      proposal: `${role} reveals ${name} where it is needed`,
      evidence: `shown ${counted(shown, 'time')} on ${routesNamed(use)}; never searched by, set or revealed, ${inAll(who)}`,
      shownOn: Object.fromEntries(use.shownOn),
      counts: { shown, routes: use.shownOn.size, requests: who.requests, agents: who.agents.size },
      change: { kind: 'show-to-reveal', ...about },
    },
  ]
}

function ofReveal({ role, name, who, use }: Held): readonly Suggestion[] {
  const about = { role, class: name }
  if (use.asked === 0) {
    return [
      {
        kind: 'unused-reveal',
        ...about,
        proposal: `${role} may no longer reveal ${name}`,
        evidence: `never asked for, ${inAll(who)}`,
        counts: { requests: who.requests, agents: who.agents.size },
        change: { kind: 'drop-reveal', ...about },
      },
    ]
  }
  const { answers, revealedAnswers, revealedOn, revealedTo } = use
  const most = Math.max(0, ...revealedTo.values())
  const isFrequent =
    revealedAnswers >= REVEALS_MIN &&
    revealedAnswers >= answers * REVEALS_SHARE &&
    revealedOn.size >= who.days.size * REVEALS_SHARE &&
    revealedTo.size >= REVEALING_AGENTS_MIN &&
    most * 2 <= revealedAnswers
  if (!isFrequent) return []
  const agents = counted(revealedTo.size, 'agent', AGENTS_MAX)
  return [
    {
      kind: 'frequent-reveal',
      ...about,
      proposal: `${role} always sees ${name}: this loosens the policy`,
      evidence: `revealed in ${revealedAnswers} of ${answers} answers that held it, on ${revealedOn.size} of ${counted(who.days.size, 'day')}, by ${agents}`,
      counts: {
        revealed_answers: revealedAnswers,
        answers,
        days: revealedOn.size,
        days_seen: who.days.size,
        agents: revealedTo.size,
      },
      change: { kind: 'reveal-to-show', ...about },
    },
  ]
}

// Who sees a class sets it without this, and records count what was set by others.
function ofWrite({ role, name, who, use }: Held, isShown: boolean): readonly Suggestion[] {
  if (use.written > 0 || isShown) return []
  const about = { role, class: name }
  return [
    {
      kind: 'unused-write',
      ...about,
      proposal: `${role} may no longer set ${name}`,
      evidence: `never set by it, ${inAll(who)}`,
      counts: { requests: who.requests, agents: who.agents.size },
      change: { kind: 'drop-class', list: 'write', ...about },
    },
  ]
}

type PolicyRoute = CompiledPolicyWithQueries['routeList'][number]

function ofRoute(
  { template, roles }: PolicyRoute,
  { policy, seen, role: only }: SuggestInput,
): readonly Suggestion[] {
  const route = template.text
  const calls = seen.route(route)
  if (calls === undefined) {
    if (only !== undefined) return []
    return [
      {
        kind: 'unused-route',
        route,
        proposal: 'the route goes',
        evidence: `not called once in ${counted(seen.accesses, 'request')}`,
        counts: { requests: seen.accesses },
        change: takenOver(template, policy) ?? { kind: 'drop-route', route },
      },
    ]
  }
  const allowed = [...(roles ?? policy.roles)]
  const isUnused = (role: string) =>
    !calls.byRole.has(role) && (only === undefined || role === only)
  const [unused, left] = [allowed.filter(isUnused), allowed.filter((role) => !isUnused(role))]
  if (unused.length === 0 || left.length === 0) return []
  return [
    {
      kind: 'unused-route-role',
      route,
      roles: unused,
      ...(only !== undefined && { role: only }),
      proposal: `only for ${left.join(', ')}`,
      evidence: `called ${counted(calls.requests, 'time')}, never by ${unused.join(', ')}`,
      counts: { requests: calls.requests },
      change: { kind: 'limit-route', route, roles: left },
    },
  ]
}

// By the lines of another route its paths could tell more, to others: no patch makes that so.
function takenOver(
  template: PolicyRoute['template'],
  { routeList }: SuggestInput['policy'],
): { readonly why: string } | undefined {
  const next = routeList.find((other) => goesBefore(template, other.template))
  return next && { why: `its paths would be those of ${next.template.text}` }
}

function routesNamed({ shownOn }: SeenClass): string {
  const names = [...shownOn].toSorted((a, b) => b[1] - a[1]).map(([route]) => route)
  const more = names.length - ROUTES_NAMED_MAX
  return `${names.slice(0, ROUTES_NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function inAll({ requests, agents }: Seen): string {
  if (requests === 0) return 'and nobody of this role was seen'
  return `in ${counted(requests, 'request')} of ${counted(agents.size, 'agent', AGENTS_MAX)}`
}
