/** Visits the parts of queries and filters. Recursion is as deep as the parser allowed, `QUERY_LIMITS.depthMax`. */
import type {
  Comparable,
  FilterQuery,
  FunctionArgument,
  FunctionCall,
  LogicalExpression,
  Segment,
  Selector,
} from './ast.ts'

/** What is told of the parts; each is optional. */
export interface QueryVisitor {
  readonly selector?: (selector: Selector) => void
  /** A query inside a filter. */
  readonly filterQuery?: (query: FilterQuery) => void
  readonly call?: (call: FunctionCall) => void
}

/** Visits every selector, inner query and call of the segments, from left to right. */
export function walkSegments(segments: readonly Segment[], visitor: QueryVisitor): void {
  for (const segment of segments) {
    for (const selector of segment.selectors) {
      visitor.selector?.(selector)
      if (selector.kind === 'filter') walkTest(selector.test, visitor)
    }
  }
}

/** Visits every selector, inner query and call of a filter, from left to right. */
export function walkTest(test: LogicalExpression, visitor: QueryVisitor): void {
  switch (test.kind) {
    case 'or':
    case 'and':
      for (const operand of test.operands) walkTest(operand, visitor)
      return
    case 'not':
      walkTest(test.operand, visitor)
      return
    case 'exists':
      walkQuery(test.query, visitor)
      return
    case 'compare':
      walkOperand(test.left, visitor)
      walkOperand(test.right, visitor)
      return
    default:
      walkCall(test.call, visitor)
  }
}

function walkOperand(operand: Comparable | FunctionArgument, visitor: QueryVisitor): void {
  if (operand.kind === 'query') walkQuery(operand.query, visitor)
  else if (operand.kind === 'function') walkCall(operand.call, visitor)
  else if (operand.kind === 'logical') walkTest(operand.test, visitor)
}

function walkQuery(query: FilterQuery, visitor: QueryVisitor): void {
  visitor.filterQuery?.(query)
  walkSegments(query.segments, visitor)
}

function walkCall(call: FunctionCall, visitor: QueryVisitor): void {
  visitor.call?.(call)
  for (const argument of call.args) walkOperand(argument, visitor)
}
