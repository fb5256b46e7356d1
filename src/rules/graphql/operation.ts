/**
 * One operation, from the text of a caller to what goes upstream and what is known of its answer. Everything that is not a
 * query that the schema allows, within the limits, is refused.
 */
import {
  getVariableValues,
  Kind,
  OperationTypeNode,
  parse,
  print,
  specifiedRules,
  validate,
  valueFromASTUntyped,
} from 'graphql'
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql'
import type { Reason } from '../../core/reasons.ts'
import { argumentsListed } from './check-arguments.ts'
import { formFault } from './check-limits.ts'
import { fragmentsOf } from './fragments.ts'
import type { Fragments } from './fragments.ts'
import type { GraphqlRules } from './graphql-rules.ts'
import type { GraphqlRequest } from './read-request.ts'
import { INTROSPECTION } from './place-queries.ts'
import { selectedBy } from './selected.ts'
import type { Selected } from './selected.ts'
import { hasReservedAlias, withIds } from './subject-ids.ts'

/** Lexical tokens of a document, and its longest text. */
const TOKENS_MAX = 4_000
const QUERY_CHARS_MAX = 65_536
const COMMENTS_MAX = 100
/** Length of a list that nobody asked to be shorter or longer. */
const LIST_LENGTH = 10
const LENGTH_ARGUMENTS: ReadonlySet<string> = new Set([
  'first',
  'last',
  'limit',
  'pageSize',
  'perPage',
  'take',
])

/** An operation that may go upstream. */
export interface Operation {
  /** The query as it goes upstream: the one operation, its fragments, and the ids of data subjects. */
  readonly text: string
  readonly selected: Selected
}

/** Why an operation is refused. */
export type OperationFault = Extract<Reason, `graphql-${string}`>

/** The operation, or why there is none. `seesAll`: the caller sees every class of the policy. */
export function readOperation(
  request: GraphqlRequest,
  rules: GraphqlRules,
  seesAll: boolean,
): Operation | OperationFault {
  const document = parseQuery(request.query)
  if (document === undefined) return 'graphql-malformed'
  const form = formFault(document, rules.limits)
  if (form !== undefined) return form === 'limit' ? 'graphql-limit' : 'graphql-refused'
  const operation = chosen(document, request.operationName)
  if (operation === undefined) return 'graphql-malformed'
  if (operation.operation !== OperationTypeNode.QUERY) return 'graphql-refused'
  const values = valuesOf(document, operation, request, rules)
  if (values === undefined) return 'graphql-malformed'
  if (hasReservedAlias(document)) return 'graphql-refused'
  return select(document, operation, { request, rules, seesAll, values })
}

function parseQuery(text: string): DocumentNode | undefined {
  try {
    return parse(text, {
      noLocation: true,
      maxLexicalTokens: TOKENS_MAX,
      maxSourceLength: QUERY_CHARS_MAX,
      maxComments: COMMENTS_MAX,
    })
  } catch {
    // The parser's message quotes the query.
    return undefined
  }
}

function chosen(
  { definitions }: DocumentNode,
  name: string | undefined,
): OperationDefinitionNode | undefined {
  const operations = definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  )
  if (name !== undefined) return operations.find((operation) => operation.name?.value === name)
  return operations.length === 1 ? operations[0] : undefined
}

/** The variables as the upstream will take them, with their defaults; undefined where the document or one of them is not valid. */
function valuesOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { variables }: GraphqlRequest,
  { schema }: GraphqlRules,
): GraphqlRequest['variables'] | undefined {
  const options = { maxErrors: 1, hideSuggestions: true }
  if (validate(schema, document, specifiedRules, options).length > 0) return undefined
  const declared = operation.variableDefinitions ?? []
  const names = new Set(declared.map(({ variable }) => variable.name.value))
  if (!Object.keys(variables).every((name) => names.has(name))) return undefined
  return getVariableValues(schema, declared, variables, options).variableValues?.coerced
}

interface Asked {
  readonly request: GraphqlRequest
  readonly rules: GraphqlRules
  readonly seesAll: boolean
  readonly values: GraphqlRequest['variables']
}

function select(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { request, rules, seesAll, values }: Asked,
): Operation | OperationFault {
  const { schema } = rules
  const { variables } = request
  const fragments = fragmentsOf(document)
  const sizeOf = (node: FieldNode, isList: boolean) =>
    lengthAsked(node, values) ?? (isList ? LIST_LENGTH : 1)
  const selected = selectedBy({ schema, fragments, sizeOf }, operation.selectionSet)
  const cost = selected.fields.reduce((sum, { times }) => sum + times, 0)
  if (cost > rules.limits.costMax) return 'graphql-limit'
  const asksSchema = selected.fields.some(({ node }) => INTROSPECTION.has(node.name.value))
  if (asksSchema && !rules.introspection) return 'graphql-refused'
  const source = { schema, listed: rules.arguments, variables }
  const ofData = selected.fields.filter(({ parent, node }) => !isAboutSchema(parent, node))
  if (!seesAll && !argumentsListed(source, operation, ofData)) return 'graphql-refused'
  const alone: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [operation, ...usedFragments(operation.selectionSet, fragments)],
  }
  return { text: print(withIds(alone, rules)), selected }
}

// Names that begin so are the language's own.
function isAboutSchema(parent: string, { name }: FieldNode): boolean {
  return parent.startsWith('__') || name.value.startsWith('__')
}

function usedFragments(
  selections: SelectionSetNode,
  fragments: Fragments,
): readonly FragmentDefinitionNode[] {
  const used = new Set<FragmentDefinitionNode>()
  const look = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        look(selection.selectionSet)
        continue
      }
      const fragment = fragments.get(selection.name.value)
      if (fragment === undefined || used.has(fragment)) continue
      used.add(fragment)
      look(fragment.selectionSet)
    }
  }
  look(selections)
  return [...used]
}

/** How many a field is asked for, at most: by numbers or variables, also within an object of them. */
function lengthAsked(node: FieldNode, values: GraphqlRequest['variables']): number | undefined {
  const lengths = (node.arguments ?? []).flatMap(({ name, value }) =>
    lengthsIn(name.value, valueFromASTUntyped(value, values)),
  )
  return lengths.length === 0 ? undefined : Math.max(1, ...lengths)
}

function lengthsIn(name: string, value: unknown): readonly number[] {
  if (Array.isArray(value)) return value.flatMap((one) => lengthsIn(name, one))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([inner, one]) => lengthsIn(inner, one))
  }
  const length = LENGTH_ARGUMENTS.has(name) ? Number(value ?? Number.NaN) : Number.NaN
  return Number.isFinite(length) ? [length] : []
}
