/** Changes of a policy in its own words, made in its text: what a role sees, may reveal or set, and which routes there are. */
import { expandClassPattern } from '../../compile/classes.ts'
import type { PolicyDocument } from '../document.ts'
import { dataOf, editYaml } from './yaml-edit.ts'
import type { YamlEdit } from './yaml-edit.ts'

/** A class of a role. */
interface OfRole {
  readonly role: string
  readonly class: string
}

export type PolicyChange =
  | ({ readonly kind: 'drop-class'; readonly list: 'show' | 'write' } & OfRole)
  /** From its `reveal`; or between that and what it always sees. */
  | ({ readonly kind: 'drop-reveal' | 'reveal-to-show' | 'show-to-reveal' } & OfRole)
  /** By its `match`. */
  | { readonly kind: 'drop-route'; readonly route: string }
  | { readonly kind: 'limit-route'; readonly route: string; readonly roles: readonly string[] }
  | {
      readonly kind: 'add-field'
      readonly route: string
      readonly class: string
      readonly query: string
    }

/**
 * The text with the change made and a comment above it; undefined where it is written in a way in which that is done by hand
 * only.
 */
export function changePolicy(
  text: string,
  change: PolicyChange,
  comment: string,
): string | undefined {
  let edited: string | undefined = text
  let said: string | undefined = comment
  for (const next of stepsOf(change)) {
    const data = dataOf(edited) as PolicyDocument | undefined
    const edits = data === undefined ? undefined : next(data)
    if (edits === undefined) return undefined
    for (const edit of edits) {
      edited = editYaml(edited, { ...edit, comment: said })
      if (edited === undefined) return undefined
      said = undefined
    }
  }
  return edited
}

/** What is to be edited, by what the text says at that moment; undefined: the text does not say what it should. */
type Step = (data: PolicyDocument) => readonly YamlEdit[] | undefined

function stepsOf(change: PolicyChange): readonly Step[] {
  switch (change.kind) {
    case 'drop-class':
      return [(data) => withoutClass(data, change.list, change)]
    case 'drop-reveal':
      return [(data) => withoutReveal(data, change)]
    case 'reveal-to-show':
      return [
        (data) => keptJustification(data, change),
        (data) => withoutReveal(data, change),
        (data) => withShow(data, change),
      ]
    case 'show-to-reveal':
      return [(data) => withoutClass(data, 'show', change), (data) => withReveal(data, change)]
    case 'drop-route':
      return [(data) => withoutRoute(data, change.route)]
    case 'add-field':
      return [(data) => withField(data, change)]
    default:
      return [(data) => limitedRoute(data, change)]
  }
}

function withoutClass(
  { roles, classes }: PolicyDocument,
  list: 'show' | 'write',
  { role, class: name }: OfRole,
): readonly YamlEdit[] | undefined {
  const items = roles[role]?.[list] ?? []
  const names = Object.keys(classes)
  const path = ['roles', role, list]
  const touched = items.flatMap((pattern, index) =>
    expandClassPattern(pattern, names).includes(name) ? [{ pattern, index }] : [],
  )
  if (touched.length === 0) return undefined
  const left = items.filter((_, index) => !touched.some((one) => one.index === index))
  const seen = new Set(left.flatMap((pattern) => expandClassPattern(pattern, names)))
  // What a pattern names beside the class is named one by one.
  const spelled = new Set(touched.flatMap(({ pattern }) => expandClassPattern(pattern, names)))
  const added = [...spelled].filter((other) => other !== name && !seen.has(other))
  return [
    ...added.map((value): YamlEdit => ({ kind: 'append', path, value })),
    ...touched
      .toReversed()
      .map(({ index }): YamlEdit => ({ kind: 'remove', path: [...path, index] })),
  ]
}

// A reveal of a sensitive class may have a justification of its own, which a class that is shown needs at the role.
function keptJustification(
  { roles }: PolicyDocument,
  { role, class: name }: OfRole,
): readonly YamlEdit[] {
  const own = roles[role]?.reveal?.[name]?.justification
  if (own === undefined || roles[role]?.justification !== undefined) return []
  return [{ kind: 'insert', path: ['roles', role], name: 'justification', value: own }]
}

function withoutReveal(
  { roles }: PolicyDocument,
  { role, class: name }: OfRole,
): readonly YamlEdit[] | undefined {
  const path = ['roles', role, 'reveal']
  const names = Object.keys(roles[role]?.reveal ?? {})
  if (!names.includes(name)) return undefined
  return [{ kind: 'remove', path: names.length === 1 ? path : [...path, name] }]
}

function withReveal(
  { roles }: PolicyDocument,
  { role, class: name }: OfRole,
): readonly YamlEdit[] | undefined {
  const path = ['roles', role]
  const value = { reason: 'required' }
  if (roles[role] === undefined) return undefined
  return roles[role].reveal === undefined
    ? [{ kind: 'insert', path, name: 'reveal', value: { [name]: value } }]
    : [{ kind: 'insert', path: [...path, 'reveal'], name, value }]
}

function withShow(
  { roles }: PolicyDocument,
  { role, class: name }: OfRole,
): readonly YamlEdit[] | undefined {
  const path = ['roles', role]
  if (roles[role] === undefined) return undefined
  return roles[role].show === undefined
    ? [{ kind: 'insert', path, name: 'show', value: [name] }]
    : [{ kind: 'append', path: [...path, 'show'], value: name }]
}

function withoutRoute({ routes }: PolicyDocument, match: string): readonly YamlEdit[] | undefined {
  const index = routes.findIndex((route) => route.match === match)
  return index === -1 ? undefined : [{ kind: 'remove', path: ['routes', index] }]
}

function limitedRoute(
  { routes }: PolicyDocument,
  { route: match, roles }: PolicyChange & { readonly kind: 'limit-route' },
): readonly YamlEdit[] | undefined {
  const index = routes.findIndex((route) => route.match === match)
  if (index === -1) return undefined
  const path = ['routes', index]
  const listed = routes[index]?.roles
  if (listed === undefined) return [{ kind: 'insert', path, name: 'roles', value: [...roles] }]
  return listed
    .map((role, at) => ({ role, at }))
    .filter(({ role }) => !roles.includes(role))
    .toReversed()
    .map(({ at }) => ({ kind: 'remove', path: [...path, 'roles', at] }))
}

function withField(
  { routes }: PolicyDocument,
  { route: match, class: name, query }: PolicyChange & { readonly kind: 'add-field' },
): readonly YamlEdit[] | undefined {
  const index = routes.findIndex((route) => route.match === match)
  if (index === -1) return undefined
  const path = ['routes', index]
  const fields = routes[index]?.fields
  if (fields === undefined)
    return [{ kind: 'insert', path, name: 'fields', value: { [name]: query } }]
  const listed = fields[name]
  const inFields = [...path, 'fields']
  if (listed === undefined) return [{ kind: 'insert', path: inFields, name, value: query }]
  if (typeof listed !== 'string')
    return [{ kind: 'append', path: [...inFields, name], value: query }]
  return [
    { kind: 'remove', path: [...inFields, name] },
    { kind: 'insert', path: inFields, name, value: [listed, query] },
  ]
}
