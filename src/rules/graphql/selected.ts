/**
 * What an operation selects: each place of the answer with the fields of the schema that can stand there. Aliases and fragments are
 * resolved; the document has been validated before.
 */
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  Kind,
} from 'graphql'
import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLOutputType,
  GraphQLSchema,
  SelectionSetNode,
} from 'graphql'
import type { Segment } from '../../json/query/ast.ts'
import type { Fragments } from './fragments.ts'

/** A place of the answer. */
export interface SelectedPlace {
  readonly segments: readonly Segment[]
  /** `Type.field` of all fields that can stand there, by object types. */
  readonly fields: Set<string>
  /** Lists around the value. */
  readonly lists: number
  /** False for objects, which are gone into. */
  readonly leaf: boolean
}

/** A place where objects stand. */
export interface ObjectPlace {
  readonly segments: readonly Segment[]
  /** Names of the object types that can stand there. */
  readonly types: Set<string>
}

/** One field as it is selected, for those who look at its arguments. */
export interface SelectedField {
  readonly parent: string
  readonly field: GraphQLField<unknown, unknown>
  readonly node: FieldNode
  /** How many such fields the lists around it make. */
  readonly times: number
}

export interface Selected {
  readonly places: readonly SelectedPlace[]
  readonly objects: readonly ObjectPlace[]
  readonly fields: readonly SelectedField[]
}

export interface SelectionSource {
  readonly schema: GraphQLSchema
  readonly fragments: Fragments
  /** How long a list is asked to be. */
  readonly sizeOf: (node: FieldNode, isList: boolean) => number
}

/** Resolves the selections of a query. */
export function selectedBy(source: SelectionSource, root: SelectionSetNode): Selected {
  const collector = new Collector(source)
  const query = source.schema.getQueryType()
  if (query !== undefined && query !== null)
    collector.walk(root, query, { segments: [child('data')], times: 1 })
  return collector.result()
}

interface Around {
  readonly segments: readonly Segment[]
  readonly times: number
}

class Collector {
  readonly #source: SelectionSource
  readonly #places = new Map<string, SelectedPlace>()
  readonly #objects = new Map<string, ObjectPlace>()
  readonly #fields: SelectedField[] = []

  constructor(source: SelectionSource) {
    this.#source = source
  }

  result(): Selected {
    return {
      places: [...this.#places.values()],
      objects: [...this.#objects.values()],
      fields: this.#fields,
    }
  }

  walk({ selections }: SelectionSetNode, parent: GraphQLCompositeType, around: Around): void {
    this.#object(parent, around)
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        this.#field(selection, parent, around)
        continue
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : this.#source.fragments.get(selection.name.value)
      if (fragment === undefined) continue
      const condition = fragment.typeCondition?.name.value
      const type = condition === undefined ? parent : this.#source.schema.getType(condition)
      if (type !== undefined && isCompositeType(type)) {
        this.walk(fragment.selectionSet, type, around)
      }
    }
  }

  #field(node: FieldNode, parent: GraphQLCompositeType, around: Around): void {
    const field = this.#source.schema.getField(parent, node.name.value)
    if (field === undefined) return
    const lists = listsOf(field.type)
    const named = getNamedType(field.type)
    const segments = [...around.segments, child((node.alias ?? node.name).value)]
    const times = around.times * this.#source.sizeOf(node, lists > 0)
    this.#fields.push({ parent: parent.name, field, node, times })
    const composite = isCompositeType(named)
    const place = this.#place(segments, lists, !composite)
    for (const name of this.#typesOf(parent)) place.fields.add(`${name}.${node.name.value}`)
    if (!composite || node.selectionSet === undefined) return
    const inside = [...segments, ...Array.from({ length: lists }, () => EACH)]
    this.walk(node.selectionSet, named, { segments: inside, times })
  }

  #place(segments: readonly Segment[], lists: number, leaf: boolean): SelectedPlace {
    const key = JSON.stringify(segments)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = { segments, fields: new Set<string>(), lists, leaf }
    this.#places.set(key, place)
    return place
  }

  #object(parent: GraphQLCompositeType, { segments }: Around): void {
    const key = JSON.stringify(segments)
    const place = this.#objects.get(key) ?? { segments, types: new Set<string>() }
    this.#objects.set(key, place)
    for (const name of this.#typesOf(parent)) place.types.add(name)
  }

  /** The object types that a type stands for. */
  #typesOf(type: GraphQLCompositeType): readonly string[] {
    if (!isAbstractType(type)) return [type.name]
    return this.#source.schema.getPossibleTypes(type).map(({ name }) => name)
  }
}

const EACH: Segment = { kind: 'child', selectors: [{ kind: 'wildcard' }] }

/** The member of this name. */
export function child(name: string): Segment {
  return { kind: 'child', selectors: [{ kind: 'name', name }] }
}

/** As many steps into the elements of lists. */
export function each(times: number): readonly Segment[] {
  return Array.from({ length: times }, () => EACH)
}

function listsOf(type: GraphQLOutputType): number {
  const inner = getNullableType(type)
  return isListType(inner) ? 1 + listsOf(inner.ofType) : 0
}
