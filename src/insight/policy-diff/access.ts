/** Which routes and roles come and go, and what that makes visible. */
import type { CompiledRoute } from '../../rules/compile/routes.ts'
import { templatesOverlap } from '../../rules/routing/route-table.ts'
import type { RegisteredPolicy } from '../register/access-register.ts'
import type { Direction, PolicyChange } from './change.ts'
import type { PairBudget } from './cover-pairs.ts'
import { compareForms, formOf } from './forms.ts'
import { granted } from './judges.ts'
import { openByRole, shownByRole } from './sight.ts'
import { commonRoles, visibleChanges } from './visible.ts'
import type { RouteSide } from './visible.ts'

/** What stands for the form of what a role could not ask for. */
const REFUSED = 'refused'

/** All changes of who sees what, route by route in the order of the new policy. */
export function accessChanges(
  before: RegisteredPolicy,
  after: RegisteredPolicy,
  budget: PairBudget,
): readonly PolicyChange[] {
  const [old, now] = [routesOf(before), routesOf(after)]
  const [shownBefore, shownAfter] = [shownByRole(before), shownByRole(after)]
  const earlierSide = { policy: before, shown: shownBefore, open: openByRole(before), budget }
  const laterSide = { policy: after, shown: shownAfter, open: openByRole(after), budget }
  const changes: PolicyChange[] = [...roleChanges(shownBefore, shownAfter)]
  for (const [text, route] of now) {
    const side = { ...laterSide, route }
    const earlier = old.get(text)
    if (earlier === undefined) changes.push(...openedTo(side, [...allowed(side)]))
    else changes.push(...routeChanges({ ...earlierSide, route: earlier }, side))
  }
  for (const [text, route] of old)
    if (!now.has(text))
      changes.push(
        { direction: 'stricter', what: 'refused', route: text },
        ...takenOver({ ...earlierSide, route }, { ...laterSide, routes: [...now.values()] }),
      )
  return [
    ...changes,
    ...maskChanges(before, after),
    ...anywhereChanges(before, after),
    ...shownNowhere(changes, before, after),
  ]
}

/** What other routes make of the paths of one that goes. */
function takenOver(
  before: RouteSide,
  { routes, ...after }: Omit<RouteSide, 'route'> & { readonly routes: readonly CompiledRoute[] },
): readonly PolicyChange[] {
  const { template } = before.route
  return routes
    .filter((route) => templatesOverlap(route.template, template))
    .flatMap((route): readonly PolicyChange[] => [
      {
        direction: 'unclear',
        what: 'rule',
        route: template.text,
        key: 'routes[]',
        to: `its paths may be those of ${route.template.text}`,
      },
      ...routeChanges(before, { ...after, route }),
    ])
}

function routesOf({ compiled }: RegisteredPolicy): ReadonlyMap<string, CompiledRoute> {
  return new Map(compiled.routeList.map((route) => [route.template.text, route]))
}

function allowed({ route, shown }: RouteSide): ReadonlySet<string> {
  return new Set([...shown.keys()].filter((role) => route.roles?.has(role) !== false))
}

function roleChanges(
  before: RouteSide['shown'],
  after: RouteSide['shown'],
): readonly PolicyChange[] {
  return [
    ...[...after.keys()]
      .filter((role) => !before.has(role))
      .map(
        (role) => ({ direction: 'looser', what: 'allowed', role, key: `roles.${role}` }) as const,
      ),
    ...[...before.keys()]
      .filter((role) => !after.has(role))
      .map(
        (role) => ({ direction: 'stricter', what: 'refused', role, key: `roles.${role}` }) as const,
      ),
  ]
}

function routeChanges(before: RouteSide, after: RouteSide): readonly PolicyChange[] {
  const route = after.route.template.text
  const [old, now] = [allowed(before), allowed(after)]
  const visible = visibleChanges(before, after)
  return [
    ...openedTo(
      after,
      [...now].filter((role) => !old.has(role)),
    ),
    ...[...old]
      .filter((role) => !now.has(role) && after.shown.has(role))
      .map((role) => ({ direction: 'stricter', what: 'refused', route, role }) as const),
    ...visible,
    ...shownClasses(before, after, visible),
    ...purposeChanges(before, after),
  ]
}

// By what is needed in the end, whichever key says it.
function purposeChanges({ route: before }: RouteSide, { route: after }: RouteSide) {
  const [old, now] = [before, after].map(({ purposes }) => purposes && [...purposes].toSorted())
  const direction = granted('all')(old, now) as Direction
  if (direction === 'neutral') return []
  const { text: route } = after.template
  const change = { direction, what: 'rule', route, key: 'routes[].purpose' } as const
  return [{ ...change, from: old?.join(' ') ?? 'none', to: now?.join(' ') ?? 'none' }]
}

/** A route that these roles could not use before. */
function openedTo({ route, shown }: RouteSide, roles: readonly string[]): readonly PolicyChange[] {
  const { text } = route.template
  return roles.flatMap((role): readonly PolicyChange[] => [
    { direction: 'looser', what: 'allowed', route: text, role },
    ...[...route.classes]
      .filter((name) => shown.get(role)?.has(name) === true)
      .map(
        (name) =>
          ({
            direction: 'looser',
            what: 'visible',
            route: text,
            role,
            class: name,
            from: REFUSED,
            to: 'show',
          }) as const,
      ),
  ])
}

// Places of a class that no query names: fields of GraphQL, errors, and what is found in texts.
function shownClasses(
  before: RouteSide,
  after: RouteSide,
  visible: readonly PolicyChange[],
): readonly PolicyChange[] {
  const route = after.route.template.text
  const classes = new Set([...before.route.classes, ...after.route.classes])
  return commonRoles([before, after]).flatMap((role) =>
    [...classes].flatMap((name): readonly PolicyChange[] => {
      const [was, is] = [before, after].map((side) => side.shown.get(role)?.has(name) === true)
      const told = visible.some(
        (one) => one.role === role && one.class?.split(/\+| -> /).includes(name),
      )
      if (was === is || told) return []
      const [from, to] = is === true ? ['masked', 'show'] : ['show', 'masked']
      return [
        {
          direction: is === true ? 'looser' : 'stricter',
          what: is === true ? 'visible' : 'masked',
          route,
          role,
          class: name,
          from,
          to,
        },
      ]
    }),
  )
}

/** A class whose operator is another one: for every role that does not see it, wherever it is, also in texts. */
function maskChanges(before: RegisteredPolicy, after: RegisteredPolicy): readonly PolicyChange[] {
  const [old, now] = [before.compiled.dataClasses, after.compiled.dataClasses]
  return [...now].flatMap(([name, { mask }]): readonly PolicyChange[] => {
    const earlier = old.get(name)?.mask
    if (earlier === undefined || earlier.id === mask.id) return []
    const direction = compareForms(formOf(earlier), formOf(mask))
    return [
      {
        direction,
        what: direction === 'stricter' ? 'masked' : 'visible',
        class: name,
        key: `classes.${name}.mask`,
        from: earlier.id,
        to: mask.id,
      },
    ]
  })
}

// Bodies of requests are looked at by these queries, too: who does not see a class may not send it.
function anywhereChanges(
  before: RegisteredPolicy,
  after: RegisteredPolicy,
): readonly PolicyChange[] {
  const bodies = after.document.routes.some(({ body }) => body !== undefined)
  if (!bodies || anywhereLines(before).isSubsetOf(anywhereLines(after))) return []
  return [{ direction: 'unclear', what: 'rule', key: 'anywhere', to: 'fewer places in requests' }]
}

function anywhereLines({ document }: RegisteredPolicy): ReadonlySet<string> {
  return new Set(
    Object.entries(document.anywhere ?? {}).flatMap(([name, queries]) =>
      [queries].flat().map((query) => JSON.stringify([name, query])),
    ),
  )
}

// What a role shows and no route has: a route added tomorrow will.
function shownNowhere(
  changes: readonly PolicyChange[],
  before: RegisteredPolicy,
  after: RegisteredPolicy,
): readonly PolicyChange[] {
  const [old, now] = [shownByRole(before), shownByRole(after)]
  return [...now].flatMap(([role, classes]) =>
    [...classes].flatMap((name): readonly PolicyChange[] => {
      const told = changes.some(
        (one) =>
          one.what === 'visible' &&
          one.role === role &&
          one.class?.split(/\+| -> /).includes(name) === true,
      )
      if (old.get(role)?.has(name) === true || told) return []
      const key = `roles.${role}.show`
      return [
        { direction: 'looser', what: 'rule', role, class: name, key, from: 'masked', to: 'show' },
      ]
    }),
  )
}
