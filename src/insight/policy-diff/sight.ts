/** What one role, or nobody, sees at the places that a set of queries covers, under one policy. */
import type { RouteQueries } from '../../rules/compile/route-queries.ts'
import { expandClassPattern } from '../../rules/compile/classes.ts'
import type { DataClass } from '../../rules/compile/classes.ts'
import type { RegisteredPolicy } from '../register/access-register.ts'
import type { FollowedQuery } from './cover-pairs.ts'
import { CLEAR, formOf, LINK, REDACTED, SEALED, UNLISTED } from './forms.ts'
import type { Form } from './forms.ts'

/** What one line of a route says of the places of its query. */
export type Meaning =
  | { readonly kind: 'class'; readonly dataClass: string }
  | { readonly kind: 'plain' | 'link' | 'cursor' }

export interface FollowedLine extends FollowedQuery {
  readonly means: Meaning
}

/** The lines of answers, those that hold anywhere among them. */
export function linesOf(queries: RouteQueries): readonly FollowedLine[] {
  const classed = [...queries.fields, ...queries.anywhere].map(({ query, dataClass }) => ({
    query,
    reach: 'subtree' as const,
    means: { kind: 'class', dataClass } as const,
  }))
  const led = (['link', 'cursor'] as const).flatMap((kind) =>
    queries[`${kind}s`].map(({ query }) => ({
      query,
      reach: 'subtree' as const,
      means: { kind },
    })),
  )
  const plain = queries.plain.map(({ query }) => ({
    query,
    reach: 'leaf' as const,
    means: { kind: 'plain' } as const,
  }))
  return [...classed, ...led, ...plain]
}

/** For each role, the classes that it sees in clear. */
export function shownByRole({
  document,
}: RegisteredPolicy): ReadonlyMap<string, ReadonlySet<string>> {
  const names = Object.keys(document.classes)
  return new Map(
    Object.entries(document.roles).map(([role, { show = [] }]) => [
      role,
      new Set(show.flatMap((pattern) => expandClassPattern(pattern, names))),
    ]),
  )
}

/** For each role, the classes that it sees in clear or can come to: by a reveal, or by break-glass. */
export function openByRole(policy: RegisteredPolicy): ReadonlyMap<string, ReadonlySet<string>> {
  const { roles } = policy.document
  return new Map(
    [...shownByRole(policy)].map(([role, shown]) => {
      const { reveal = {}, breakGlass } = roles[role] ?? {}
      return [role, new Set([...shown, ...Object.keys(reveal), ...(breakGlass?.classes ?? [])])]
    }),
  )
}

export interface SightSource {
  readonly classes: ReadonlyMap<string, DataClass>
  readonly unlisted: 'mask' | 'show'
}

/** The classes of what covers a place, each once. */
export function classesOf(meanings: readonly Meaning[]): readonly string[] {
  const names = meanings.flatMap((one) => (one.kind === 'class' ? one.dataClass : []))
  return [...new Set(names)].toSorted()
}

/** In which form a value leaves that these lines cover, for who sees `shown`: as the masking of a route decides it. */
export function formAt(
  meanings: readonly Meaning[],
  shown: ReadonlySet<string>,
  { classes, unlisted }: SightSource,
): Form {
  const led = (['link', 'cursor'] as const).filter((kind) =>
    meanings.some((one) => one.kind === kind),
  )
  const present = classesOf(meanings)
  if (present.length === 0 && led.length === 0)
    return meanings.length > 0 || unlisted === 'show' ? CLEAR : UNLISTED
  const forms = present
    .filter((name) => !shown.has(name))
    .map((name) => {
      const mask = classes.get(name)?.mask
      return mask === undefined ? REDACTED : formOf(mask)
    })
  const all = [...forms, ...led.map((kind) => (kind === 'link' ? LINK : SEALED))]
  const [first] = all
  if (first === undefined) return CLEAR
  if (all.every(({ id }) => id === first.id)) return first
  return all.find(({ id }) => id === 'suppress') ?? REDACTED
}
