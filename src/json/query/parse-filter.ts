/** Parses filters (RFC 9535 2.3.5.1): `||`, `&&`, `!`, parentheses, comparisons and tests. */
import type { Comparable, LogicalExpression } from './ast.ts'
import { FUNCTIONS } from './functions.ts'
import { parseOperand, requireComparable } from './parse-operand.ts'
import type { QueryReader } from './reader.ts'

/** Longer ones first. */
const OPERATORS = ['==', '!=', '<=', '>=', '<', '>'] as const
type Operator = (typeof OPERATORS)[number]

/** A logical expression, and the white space after it. Throws a QuerySyntaxError or QueryLimitError. */
export function parseTest(reader: QueryReader): LogicalExpression {
  return reader.nested(() => {
    const operands = [parseAnd(reader)]
    while (reader.take('||')) {
      reader.skipBlanks()
      operands.push(parseAnd(reader))
    }
    return joined('or', operands)
  })
}

function parseAnd(reader: QueryReader): LogicalExpression {
  const operands = [parseBasic(reader)]
  reader.skipBlanks()
  while (reader.take('&&')) {
    reader.skipBlanks()
    operands.push(parseBasic(reader))
    reader.skipBlanks()
  }
  return joined('and', operands)
}

function joined(kind: 'or' | 'and', operands: readonly LogicalExpression[]): LogicalExpression {
  const [only] = operands
  return operands.length === 1 && only !== undefined ? only : { kind, operands }
}

function parseBasic(reader: QueryReader): LogicalExpression {
  if (reader.take('!')) {
    reader.skipBlanks()
    const operand = reader.sees('(') ? parseParentheses(reader) : parseNegated(reader)
    return { kind: 'not', operand }
  }
  return reader.sees('(') ? parseParentheses(reader) : parseComparisonOrTest(reader)
}

function parseParentheses(reader: QueryReader): LogicalExpression {
  reader.take('(')
  reader.skipBlanks()
  const test = parseTest(reader)
  if (!reader.take(')')) reader.fail('")"')
  return test
}

/** After `!` stands a test, not a comparison. */
function parseNegated(reader: QueryReader): LogicalExpression {
  const { operand } = parseOperand(reader, parseTest)
  reader.skipBlanks()
  if (OPERATORS.some((operator) => reader.sees(operator))) {
    reader.fail('no comparison after "!" without parentheses, as in !(@.a == 1)')
  }
  return toTest(reader, operand)
}

function parseComparisonOrTest(reader: QueryReader): LogicalExpression {
  const left = parseOperand(reader, parseTest)
  reader.skipBlanks()
  const operator = takeOperator(reader)
  if (operator === undefined) return toTest(reader, left.operand)
  reader.skipBlanks()
  const right = parseOperand(reader, parseTest)
  return {
    kind: 'compare',
    operator,
    left: requireComparable(reader, left),
    right: requireComparable(reader, right),
  }
}

function takeOperator(reader: QueryReader): Operator | undefined {
  return OPERATORS.find((operator) => reader.take(operator))
}

/** A query tests for existence, a function of LogicalType by its result; nothing else is a test. */
function toTest(reader: QueryReader, operand: Comparable): LogicalExpression {
  if (operand.kind === 'query') return { kind: 'exists', query: operand.query }
  if (operand.kind === 'function' && FUNCTIONS[operand.call.name].result === 'logical') {
    return { kind: 'function', call: operand.call }
  }
  return reader.fail('a comparison: "==", "!=", "<", "<=", ">" or ">="')
}
