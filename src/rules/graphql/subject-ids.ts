/**
 * Ids of data subjects, asked for with every object that is one: else a caller could leave them out, and look at any number of
 * people without being counted.
 */
import { isAbstractType, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import type { DocumentNode, GraphQLSchema, SelectionNode } from 'graphql'
import type { GraphqlRules, TypedSubject } from './graphql-rules.ts'

const PREFIX = 'celosia_'

/** The name under which the id of the subject with this number stands in the answer. It is taken out of it again. */
export function idAlias(number: number): string {
  return `${PREFIX}id_${number}`
}

/** True where a caller uses a name that is the gateway's. */
export function hasReservedAlias(document: DocumentNode): boolean {
  let found = false
  visit(document, {
    Field: ({ alias, name }) => {
      found ||= (alias ?? name).value.startsWith(PREFIX)
    },
  })
  return found
}

/** The document with the ids. */
export function withIds(document: DocumentNode, { schema, subjects }: GraphqlRules): DocumentNode {
  if (subjects.length === 0) return document
  const types = new TypeInfo(schema)
  return visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet: {
        leave: (node) => {
          const parent = types.getParentType()?.name ?? ''
          const ids = subjects.flatMap((subject, number) => idFor(subject, number, parent, schema))
          return ids.length === 0
            ? undefined
            : { ...node, selections: [...node.selections, ...ids] }
        },
      },
    }),
  )
}

function idFor(
  { type, idField }: TypedSubject,
  number: number,
  parent: string,
  schema: GraphQLSchema,
): readonly SelectionNode[] {
  const id: SelectionNode = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: idAlias(number) },
    name: { kind: Kind.NAME, value: idField },
  }
  if (parent === type) return [id]
  const around = schema.getType(parent)
  if (around === undefined || !isAbstractType(around)) return []
  if (!schema.getPossibleTypes(around).some(({ name }) => name === type)) return []
  const condition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } } as const
  return [
    {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: condition,
      selectionSet: { kind: Kind.SELECTION_SET, selections: [id] },
    },
  ]
}
