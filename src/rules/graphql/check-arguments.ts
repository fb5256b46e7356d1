/**
 * Arguments search, sort and select, also by what the caller does not see. Only those that the policy lists may be used; who sees all
 * classes may use any.
 */
import { getNamedType, isInputObjectType, Kind, typeFromAST } from 'graphql'
import type { GraphQLInputType, GraphQLSchema, OperationDefinitionNode, ValueNode } from 'graphql'
import type { SelectedField } from './selected.ts'

export interface ArgumentSource {
  readonly schema: GraphQLSchema
  /** `Type.field.argument`, `InputType.field`. */
  readonly listed: ReadonlySet<string>
  readonly variables: Readonly<Record<string, unknown>>
}

/** True where every argument of the fields, and every field of the objects given for them, is listed. */
export function argumentsListed(
  source: ArgumentSource,
  operation: OperationDefinitionNode,
  fields: readonly SelectedField[],
): boolean {
  return (
    fields.every(({ parent, field, node }) =>
      (node.arguments ?? []).every(({ name, value }) => {
        const type = field.args.find((argument) => argument.name === name.value)?.type
        const listed = namesOf(parent, source.schema).some((owner) =>
          source.listed.has(`${owner}.${node.name.value}.${name.value}`),
        )
        return listed && type !== undefined && literalListed(value, type, source)
      }),
    ) &&
    (operation.variableDefinitions ?? []).every(({ variable, type: typeNode, defaultValue }) => {
      const type = typeFromAST(source.schema, typeNode as never) as GraphQLInputType | undefined
      if (type === undefined) return false
      const given = source.variables[variable.name.value]
      return (
        valueListed(given, type, source.listed) &&
        (defaultValue === undefined || literalListed(defaultValue, type, source))
      )
    })
  )
}

/** An argument may be listed for the type itself or for an interface that it has. */
function namesOf(parent: string, schema: GraphQLSchema): readonly string[] {
  const type = schema.getType(parent)
  const interfaces = type !== undefined && 'getInterfaces' in type ? type.getInterfaces() : []
  return [parent, ...interfaces.map(({ name }) => name)]
}

// Variables are looked at by themselves: here they stand for a value that may be anything of its type.
function literalListed(value: ValueNode, type: GraphQLInputType, source: ArgumentSource): boolean {
  if (value.kind === Kind.LIST) {
    return value.values.every((one) => literalListed(one, type, source))
  }
  if (value.kind !== Kind.OBJECT) return true
  const named = getNamedType(type)
  if (!isInputObjectType(named)) return true
  return value.fields.every((field) => {
    const declared = named.getFields()[field.name.value]
    return (
      declared !== undefined &&
      source.listed.has(`${named.name}.${field.name.value}`) &&
      literalListed(field.value, declared.type, source)
    )
  })
}

function valueListed(value: unknown, type: GraphQLInputType, listed: ReadonlySet<string>): boolean {
  if (Array.isArray(value)) return value.every((one) => valueListed(one, type, listed))
  const named = getNamedType(type)
  if (typeof value !== 'object' || value === null || !isInputObjectType(named)) return true
  return Object.entries(value).every(([name, inner]) => {
    const declared = named.getFields()[name]
    return (
      declared !== undefined &&
      listed.has(`${named.name}.${name}`) &&
      valueListed(inner, declared.type, listed)
    )
  })
}
