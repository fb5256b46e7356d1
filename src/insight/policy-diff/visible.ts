/** What becomes newly visible, or newly masked, on one route that both policies have: for each place and role. */
import type { RouteQueries } from '../../rules/compile/route-queries.ts'
import type { CompiledRoute } from '../../rules/compile/routes.ts'
import type { RegisteredPolicy } from '../register/access-register.ts'
import { isLoosening } from './change.ts'
import type { PolicyChange } from './change.ts'
import { coverPairs } from './cover-pairs.ts'
import type { CoverPair, PairBudget } from './cover-pairs.ts'
import { atOf, differingLines, keyOf } from './place-lines.ts'
import { TOGETHER, withoutRepeated } from './repeated.ts'
import type { PlacedChange } from './repeated.ts'
import { CLEAR, compareForms } from './forms.ts'
import { classesOf, formAt, linesOf } from './sight.ts'
import type { FollowedLine, Meaning, SightSource } from './sight.ts'

/** One policy, as far as a route is concerned. */
export interface RouteSide {
  readonly route: CompiledRoute
  readonly policy: RegisteredPolicy
  readonly shown: ReadonlyMap<string, ReadonlySet<string>>
  /** With what it can come to see. */
  readonly open: ReadonlyMap<string, ReadonlySet<string>>
  readonly budget: PairBudget
}

const NOBODY: ReadonlySet<string> = new Set()

/**
 * The changes of places, for the roles that both policies have and let use the route. Where only the operator of a class is another one,
 * nothing is said here: that is told of the class.
 */
export function visibleChanges(before: RouteSide, after: RouteSide): readonly PolicyChange[] {
  const answers = changesOf(
    { ...before, queries: before.route.queries },
    { ...after, queries: after.route.queries },
  )
  const [old, now] = [before.route.errorQueries, after.route.errorQueries]
  if (old === undefined || now === undefined) return answers
  const errors = changesOf({ ...before, queries: old }, { ...after, queries: now })
  return [...answers, ...errors.map((one) => ({ ...one, at: `errors: ${one.at ?? ''}` }))]
}

interface AnswerSide extends RouteSide {
  readonly queries: RouteQueries
}

function changesOf(before: AnswerSide, after: AnswerSide): readonly PolicyChange[] {
  const [old, now] = [linesOf(before.queries), linesOf(after.queries)]
  if (isSame(before, after, old, now)) return []
  const pairs = coverPairs(old, now, after.budget)
  const route = after.route.template.text
  if (pairs === undefined)
    return [
      {
        direction: 'unclear',
        what: 'visible',
        route,
        from: 'its queries are too many to be compared',
      },
    ]
  const lines = pairs.flatMap((pair): readonly PlacedChange[] => {
    const place = placeOf(pair, old, now, [before, after])
    const differing = differingLines(pair, old, now)
    const byRole = [...changesByRole(place), ...changeTogether(place)]
    const told = byRole.some(isLoosening) ? byRole : [...byRole, ...changeOfClass(place)]
    return told.map((change) => ({
      change: { ...change, route, at: atOf(pair, old, now) },
      pair,
      causes: [
        ...differing,
        ...newlySeen(place, change.role),
        ...(before.queries.unlisted === after.queries.unlisted ? [] : ['unlisted']),
      ],
    }))
  })
  const found = new Map<string, PolicyChange>()
  for (const { change } of withoutRepeated(lines)) {
    const { direction, role, at, class: name, from, to } = change
    found.set(JSON.stringify([direction, role, at, name, from, to]), change)
  }
  return [...found.values()]
}

// Most routes of most changes: the same lines, and the same sight of what they name.
function isSame(
  before: AnswerSide,
  after: AnswerSide,
  old: readonly FollowedLine[],
  now: readonly FollowedLine[],
): boolean {
  const [keys, others] = [new Set(old.map(keyOf)), new Set(now.map(keyOf))]
  const classes = classesOf([...old, ...now].map(({ means }) => means))
  return (
    before.queries.unlisted === after.queries.unlisted &&
    keys.isSubsetOf(others) &&
    others.isSubsetOf(keys) &&
    commonRoles([before, after]).every((role) =>
      classes.every(
        (name) => before.shown.get(role)?.has(name) === after.shown.get(role)?.has(name),
      ),
    )
  )
}

/** Classes that the role sees under one policy only; of several roles together, that any does. */
function newlySeen({ sides, meanings }: Place, role: string | undefined): readonly string[] {
  const roles = role === undefined || role === TOGETHER ? commonRoles(sides) : [role]
  const [before, after] = sides
  return classesOf(meanings.flat()).filter((name) =>
    roles.some(
      (one) =>
        (before.shown.get(one)?.has(name) === true) !== (after.shown.get(one)?.has(name) === true),
    ),
  )
}

interface Place {
  readonly sides: readonly [AnswerSide, AnswerSide]
  readonly meanings: readonly [readonly Meaning[], readonly Meaning[]]
  readonly sources: readonly [SightSource, SightSource]
}

function placeOf(
  pair: CoverPair,
  old: readonly FollowedLine[],
  now: readonly FollowedLine[],
  sides: readonly [AnswerSide, AnswerSide],
): Place {
  const [before, after] = sides
  return {
    sides,
    meanings: [
      pair.before.flatMap((index) => old[index]?.means ?? []),
      pair.after.flatMap((index) => now[index]?.means ?? []),
    ],
    sources: [sourceOf(before), sourceOf(after)],
  }
}

function sourceOf({ queries, policy }: AnswerSide): SightSource {
  return { classes: policy.compiled.dataClasses, unlisted: queries.unlisted }
}

/** Roles that both policies have, and let use the route. */
export function commonRoles([before, after]: readonly [RouteSide, RouteSide]): readonly string[] {
  return [...after.shown.keys()].filter(
    (role) =>
      before.shown.has(role) &&
      before.route.roles?.has(role) !== false &&
      after.route.roles?.has(role) !== false,
  )
}

function changesByRole(place: Place): readonly PolicyChange[] {
  const { sides, meanings, sources } = place
  const [before, after] = sides
  const sameClasses = sameNames(classesOf(meanings[0]), classesOf(meanings[1]))
  return commonRoles(sides).flatMap((role): readonly PolicyChange[] => {
    const from = formAt(meanings[0], before.shown.get(role) ?? NOBODY, sources[0])
    const to = formAt(meanings[1], after.shown.get(role) ?? NOBODY, sources[1])
    const direction = compareForms(from, to)
    const cleared = (from.id === CLEAR.id) !== (to.id === CLEAR.id)
    const change = { role, class: classText(meanings), from: from.id, to: to.id }
    const untold = direction === 'neutral' || (sameClasses && !cleared && sameKinds(meanings))
    return [
      ...(untold
        ? []
        : [
            {
              ...change,
              direction,
              what: direction === 'stricter' ? 'masked' : 'visible',
            } as const,
          ]),
      ...(!sameClasses && to.id !== CLEAR.id && opens(place, role)
        ? [{ ...change, direction: 'looser', what: 'visible', to: REVEALED } as const]
        : []),
    ]
  })
}

/** What stands for the form of what a role can come to see in clear. */
const REVEALED = 'reveal'

// Another class can be one that the role may reveal.
function opens({ sides, meanings, sources }: Place, role: string): boolean {
  const [before, after] = sides
  return (
    formAt(meanings[1], after.open.get(role) ?? NOBODY, sources[1]).id === CLEAR.id &&
    formAt(meanings[0], before.open.get(role) ?? NOBODY, sources[0]).id !== CLEAR.id
  )
}

// Look-up rules, searches and writes go by class, too.
function changeOfClass({ meanings }: Place): readonly PolicyChange[] {
  const [old, now] = meanings.map(classesOf)
  if (old === undefined || now === undefined || now.length === 0) return []
  if (old.every((name) => now.includes(name))) return []
  return [
    {
      direction: 'unclear',
      what: 'rule',
      class: classText(meanings),
      from: 'watched, searched and set as one class',
      to: 'as another',
    },
  ]
}

// Roles add up: what no single role comes to see, some of them may together. Exact: of all roles that do not see one of the
// classes that hid the place, the most can be had together.
function changeTogether({ sides, meanings, sources }: Place): readonly PolicyChange[] {
  const [before, after] = sides
  const roles = commonRoles(sides)
  const hiding = classesOf(meanings[0])
  const shows = (names: readonly string[], by: RouteSide, at: 0 | 1) => {
    const seen = new Set(names.flatMap((role) => [...(by.shown.get(role) ?? [])]))
    return formAt(meanings[at], seen, sources[at]).id === CLEAR.id
  }
  const candidates = [
    roles,
    ...hiding.map((name) => roles.filter((role) => before.shown.get(role)?.has(name) !== true)),
  ]
  const opened = candidates.some(
    (names) =>
      shows(names, after, 1) &&
      !shows(names, before, 0) &&
      !names.some((role) => shows([role], after, 1)),
  )
  if (!opened) return []
  return [
    {
      direction: 'looser',
      what: 'visible',
      role: TOGETHER,
      class: classText(meanings),
      from: 'masked',
      to: CLEAR.id,
    },
  ]
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}

function sameKinds([a, b]: Place['meanings']): boolean {
  return sameNames(
    [...new Set(a.map(({ kind }) => kind))].toSorted(),
    [...new Set(b.map(({ kind }) => kind))].toSorted(),
  )
}

function classText([before, after]: Place['meanings']): string {
  const [from, to] = [before, after].map((one) => classesOf(one).join('+') || 'no class')
  return from === to ? (to ?? '') : `${from} -> ${to}`
}
