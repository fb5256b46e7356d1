/** Writes a query in one canonical form, so that two spellings of the same query can be told to be the same. */
import type {
  Comparable,
  FunctionArgument,
  FunctionCall,
  Literal,
  LogicalExpression,
  Query,
  Segment,
  Selector,
} from './ast.ts'
import { quote } from './quote.ts'

/** The query with quoted names in brackets and blanks around operators only. It parses to the same tree. */
export function formatQuery(query: Query): string {
  return `$${formatSegments(query.segments)}`
}

function formatSegments(segments: readonly Segment[]): string {
  return segments
    .map(({ kind, selectors }) => {
      const inside = selectors.map(formatSelector).join(', ')
      return kind === 'descendant' ? `..[${inside}]` : `[${inside}]`
    })
    .join('')
}

function formatSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'name':
      return quote(selector.name)
    case 'wildcard':
      return '*'
    case 'index':
      return `${selector.index}`
    case 'slice':
      return `${selector.start ?? ''}:${selector.end ?? ''}:${selector.step}`
    default:
      return `?${formatTest(selector.test)}`
  }
}

function formatTest(test: LogicalExpression): string {
  switch (test.kind) {
    case 'or':
      return test.operands
        .map((operand) => formatOperand(operand, operand.kind === 'or'))
        .join(' || ')
    case 'and':
      return test.operands.map((operand) => formatOperand(operand, isJoined(operand))).join(' && ')
    case 'not':
      return `!${formatOperand(test.operand, !isBareTest(test.operand))}`
    case 'compare':
      return `${formatValue(test.left)} ${test.operator} ${formatValue(test.right)}`
    default:
      return formatValue(test.kind === 'exists' ? { kind: 'query', query: test.query } : test)
  }
}

function formatOperand(test: LogicalExpression, inParentheses: boolean): string {
  return inParentheses ? `(${formatTest(test)})` : formatTest(test)
}

function isJoined(test: LogicalExpression): boolean {
  return test.kind === 'or' || test.kind === 'and'
}

/** True for what may follow `!` without parentheses. */
function isBareTest(test: LogicalExpression): boolean {
  return test.kind === 'exists' || test.kind === 'function'
}

function formatValue(value: Comparable | FunctionArgument): string {
  switch (value.kind) {
    case 'literal':
      return formatLiteral(value.value)
    case 'query':
      return `${value.query.from === 'root' ? '$' : '@'}${formatSegments(value.query.segments)}`
    case 'function':
      return formatCall(value.call)
    default:
      return formatTest(value.test)
  }
}

function formatCall(call: FunctionCall): string {
  return `${call.name}(${call.args.map(formatValue).join(', ')})`
}

function formatLiteral(literal: Literal): string {
  if (typeof literal === 'string') return quote(literal)
  return literal === null || typeof literal === 'boolean' ? `${literal}` : literal.number
}
