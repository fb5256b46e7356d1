/**
 * The places of an answer as queries of a masking program. Where several fields of the schema can stand at one place and they are
 * not all treated, there is no right way to treat it.
 */
import type { Segment } from '../../json/query/ast.ts'
import { formatQuery } from '../../json/query/format.ts'
import type { Query } from '../../json/query/ast.ts'
import type { GraphqlRules } from './graphql-rules.ts'
import { child, each } from './selected.ts'
import type { Selected, SelectedPlace } from './selected.ts'
import { idAlias } from './subject-ids.ts'

/** A place with one class of what can stand there. */
export interface ClassPlace {
  readonly query: Query
  readonly dataClass: string
  /** The fields of the schema that have the class: names in the query are the caller's. */
  readonly told: string
}

/** A place where a data subject can stand. */
export interface SubjectPlace {
  readonly kind: string
  readonly at: Query
  readonly id: Query
}

export interface PlaceQueries {
  readonly classes: readonly ClassPlace[]
  readonly plain: readonly Query[]
  /** What is taken out of the answer. */
  readonly removed: readonly Query[]
  readonly subjects: readonly SubjectPlace[]
}

const TYPE_NAME = '__typename'
/** Fields that ask about the schema, not about data. */
export const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type'])
const ERRORS = [child('errors'), ...each(1)]

/** The queries, or undefined where a place cannot be treated in one way. */
export function placeQueries(selected: Selected, rules: GraphqlRules): PlaceQueries | undefined {
  const classes: ClassPlace[] = []
  const plain: Query[] = [queryOf([...ERRORS, child('path'), ...each(1)])]
  for (const place of selected.places) {
    const treated = treatmentOf(place, rules)
    if (treated === undefined) return undefined
    for (const dataClass of treated.classes) {
      const having = [...place.fields].filter((name) =>
        rules.fields.get(name)?.classes.includes(dataClass),
      )
      const told = having.toSorted().join(', ')
      classes.push({ query: queryOf(place.segments), dataClass, told })
    }
    if (treated.plain) plain.push(plainQuery(place))
  }
  const subjects = subjectsOf(selected, rules)
  return {
    classes,
    plain,
    // What an upstream says of its errors is not of the schema.
    removed: [
      ...subjects.map(({ at, id }) => queryOf([...at.segments, ...id.segments])),
      ...[
        [child('extensions')],
        [...ERRORS, child('extensions')],
        [...ERRORS, child('locations')],
      ].map(queryOf),
    ],
    subjects,
  }
}

interface PlaceTreatment {
  readonly classes: ReadonlySet<string>
  readonly plain: boolean
}

function treatmentOf(
  place: SelectedPlace,
  { fields: rules, unlisted }: GraphqlRules,
): PlaceTreatment | undefined {
  const { fields, leaf } = place
  const none = new Set<string>()
  if (isAboutSchema(place)) return { classes: none, plain: true }
  const all = [...fields].map((name) =>
    name.endsWith(`.${TYPE_NAME}`) ? { classes: [], plain: true } : rules.get(name),
  )
  const classes = new Set(all.flatMap((rule) => rule?.classes ?? []))
  // No field at all: below an interface that no type of the schema has, nothing is known of what an upstream puts there.
  const open =
    all.length === 0 ||
    all.some((rule) => rule === undefined || (rule.classes.length === 0 && !rule.plain))
  if (classes.size > 0) return open ? undefined : { classes, plain: false }
  return { classes: none, plain: leaf && (!open || unlisted === 'show') }
}

// Of the fields that can stand there none is of data: a union can put both under one name.
function isAboutSchema({ fields }: SelectedPlace): boolean {
  return fields.size > 0 && [...fields].every((name) => INTROSPECTION.has(name.split('.')[1] ?? ''))
}

function plainQuery(place: SelectedPlace): Query {
  const { segments, lists } = place
  const inside: Segment = { kind: 'descendant', selectors: [{ kind: 'wildcard' }] }
  return queryOf([...segments, ...(isAboutSchema(place) ? [inside] : each(lists))])
}

function subjectsOf({ objects }: Selected, { subjects }: GraphqlRules): readonly SubjectPlace[] {
  return subjects.flatMap(({ kind, type }, number) =>
    objects
      .filter(({ types }) => types.has(type))
      .map(({ segments }) => ({
        kind,
        at: queryOf(segments),
        id: queryOf([child(idAlias(number))]),
      })),
  )
}

function queryOf(segments: readonly Segment[]): Query {
  return { text: formatQuery({ text: '', segments }), segments }
}
