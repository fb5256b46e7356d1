/** Resolves what a route says of a GraphQL endpoint, against the schema beside the policy. */
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  validateSchema,
} from 'graphql'
import type { GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema } from 'graphql'
import type { FieldRule, GraphqlRules, TypedSubject } from '../graphql/graphql-rules.ts'
import type { GraphqlDocument, PolicyDocument, Unlisted } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'

const DEPTH_MAX = 12
const ALIASES_MAX = 30
const COST_MAX = 5_000

export interface GraphqlSource {
  readonly document: PolicyDocument
  readonly graphql: GraphqlDocument
  readonly path: PolicyPath
  readonly unlisted: Unlisted
  /** Content of the schema by its name in the policy. */
  readonly readFile: (name: string) => Uint8Array | undefined
}

/** The rules, or undefined where there is no schema to hold them against. What is wrong is complained of. */
export function compileGraphql(
  source: GraphqlSource,
  complaints: Complaints,
): GraphqlRules | undefined {
  const { graphql, path } = source
  const schema = readSchema(source, complaints)
  if (schema === undefined) return undefined
  const fields = compileFields(source, schema, complaints)
  checkInterfaces(schema, fields, path, complaints)
  return {
    schema,
    fields,
    arguments: compileArguments(source, schema, complaints),
    subjects: compileSubjects(source, schema, complaints),
    introspection: graphql.introspection === 'pass',
    unlisted: source.unlisted,
    limits: {
      depthMax: graphql.limits?.depth ?? DEPTH_MAX,
      aliasesMax: graphql.limits?.aliases ?? ALIASES_MAX,
      costMax: graphql.limits?.cost ?? COST_MAX,
    },
  }
}

function readSchema(
  { graphql, path, readFile }: GraphqlSource,
  complaints: Complaints,
): GraphQLSchema | undefined {
  const bytes = readFile(graphql.schema)
  const at = [...path, 'schema']
  if (bytes === undefined) {
    complaints.add(at, 'the schema cannot be read', 'save it in the schema definition language')
    return undefined
  }
  try {
    const schema = buildSchema(Buffer.from(bytes).toString(), { noLocation: true })
    const [fault] = validateSchema(schema)
    if (fault === undefined) return schema
    complaints.add(at, `the schema is not valid: ${fault.message}`)
  } catch (error) {
    complaints.add(at, `the schema is not valid: ${error instanceof Error ? error.message : ''}`)
  }
  return undefined
}

function compileFields(
  { document, graphql, path }: GraphqlSource,
  schema: GraphQLSchema,
  complaints: Complaints,
): ReadonlyMap<string, FieldRule> {
  const rules = new Map<string, { classes: string[]; plain: boolean }>()
  const ruleOf = (name: string) => {
    const rule = rules.get(name) ?? { classes: [], plain: false }
    rules.set(name, rule)
    return rule
  }
  for (const [dataClass, names] of Object.entries(graphql.fields ?? {})) {
    complaints.requireKnownKey(
      [...path, 'fields', dataClass],
      'class',
      Object.keys(document.classes),
    )
    for (const [at, name] of placed(names, [...path, 'fields', dataClass])) {
      for (const one of fieldsNamed(name, at, schema, complaints))
        ruleOf(one).classes.push(dataClass)
    }
  }
  for (const [at, name] of placed(graphql.plain ?? [], [...path, 'plain'])) {
    for (const one of fieldsNamed(name, at, schema, complaints)) {
      const [typeName = '', fieldName = ''] = one.split('.')
      const type = schema.getType(typeName)
      const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
      if (field !== undefined && isCompositeType(getNamedType(field.type))) {
        complaints.add(at, `\`${name}\` is an object`, 'only leaves are plain: list its fields')
      } else ruleOf(one).plain = true
    }
  }
  return rules
}

/** `Type.field` of each object type that the name stands for: of an interface, all that have it. */
function fieldsNamed(
  name: string,
  at: PolicyPath,
  schema: GraphQLSchema,
  complaints: Complaints,
): readonly string[] {
  const [typeName = '', fieldName = ''] = name.split('.')
  const type = schema.getType(typeName)
  if (type === undefined || !(isObjectType(type) || isInterfaceType(type))) {
    complaints.requireKnown(
      at,
      'type of the schema',
      typeName,
      fieldTypes(schema).map(({ name: one }) => one),
    )
    return []
  }
  if (
    !complaints.requireKnown(at, `field of ${typeName}`, fieldName, Object.keys(type.getFields()))
  ) {
    return []
  }
  const objects = objectsOf(type, schema)
  if (objects.length === 0) {
    complaints.add(
      at,
      `no type of the schema has the interface ${typeName}`,
      'save the whole schema: what an answer has there would not be masked by a class',
    )
  }
  return objects.map((one) => `${one}.${fieldName}`)
}

function objectsOf(
  type: GraphQLObjectType | GraphQLInterfaceType,
  schema: GraphQLSchema,
): readonly string[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [type.name]
}

function fieldTypes(schema: GraphQLSchema): readonly (GraphQLObjectType | GraphQLInterfaceType)[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) || isInterfaceType(type),
  )
}

// Through an interface nobody sees which type a value is of: where one of them has a class, none may be left open.
function checkInterfaces(
  schema: GraphQLSchema,
  rules: ReadonlyMap<string, FieldRule>,
  path: PolicyPath,
  complaints: Complaints,
): void {
  for (const type of fieldTypes(schema).filter((one) => isInterfaceType(one))) {
    for (const field of Object.keys(type.getFields())) {
      const names = objectsOf(type, schema).map((one) => `${one}.${field}`)
      const listed = names.filter((name) => rules.has(name))
      const classed = listed.find((name) => (rules.get(name)?.classes.length ?? 0) > 0)
      const missing = names.find((name) => !rules.has(name))
      if (classed === undefined || missing === undefined) continue
      complaints.add(
        [...path, 'fields'],
        `\`${classed}\` has a class and \`${missing}\` is not listed; both can be asked for as \`${type.name}.${field}\``,
        `give \`${missing}\` a class too, or list it under plain`,
      )
    }
  }
}

function compileArguments(
  { graphql, path }: GraphqlSource,
  schema: GraphQLSchema,
  complaints: Complaints,
): ReadonlySet<string> {
  const known = new Set(
    Object.values(schema.getTypeMap()).flatMap((type) => {
      if (isInputObjectType(type))
        return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)
      if (!isObjectType(type) && !isInterfaceType(type)) return []
      return Object.values(type.getFields()).flatMap((field) =>
        field.args.map((argument) => `${type.name}.${field.name}.${argument.name}`),
      )
    }),
  )
  for (const [index, name] of (graphql.arguments ?? []).entries()) {
    complaints.requireKnown([...path, 'arguments', index], 'argument of the schema', name, known)
  }
  return new Set(graphql.arguments)
}

function compileSubjects(
  { graphql, path }: GraphqlSource,
  schema: GraphQLSchema,
  complaints: Complaints,
): readonly TypedSubject[] {
  return (graphql.dataSubjects ?? []).flatMap(({ kind, type: name, id }, index) => {
    const at = [...path, 'dataSubjects', index]
    const objects = fieldTypes(schema).filter((one) => isObjectType(one))
    const type = objects.find((one) => one.name === name)
    if (type === undefined) {
      complaints.requireKnown(
        [...at, 'type'],
        'object type of the schema',
        name,
        objects.map((one) => one.name),
      )
      return []
    }
    if (
      !complaints.requireKnown([...at, 'id'], `field of ${name}`, id, Object.keys(type.getFields()))
    )
      return []
    const field = type.getFields()[id]
    if (field === undefined || !isLeafType(getNullableType(field.type)) || field.args.length > 0) {
      complaints.add(
        [...at, 'id'],
        `\`${id}\` is no id`,
        'an id is one string or number, without arguments',
      )
    }
    return [{ kind, type: name, idField: id }]
  })
}

function placed(
  names: string | readonly string[],
  path: PolicyPath,
): readonly (readonly [PolicyPath, string])[] {
  if (typeof names === 'string') return [[path, names]]
  return names.map((name, index) => [[...path, index], name])
}
