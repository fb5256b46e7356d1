/** The syntax tree of a query, in the words of RFC 9535. Data only. */

/** A whole JSONPath expression: `$` and its segments (RFC 9535 2.1). */
export interface Query {
  /** The text as the author wrote it. */
  readonly text: string
  readonly segments: readonly Segment[]
}

/** `kind: 'child'` is `[...]` or `.name`; `'descendant'` is `..[...]` or `..name` (2.5). */
export interface Segment {
  readonly kind: 'child' | 'descendant'
  readonly selectors: readonly Selector[]
}

/** One selector of a segment (2.3). Indices and slice bounds are within the I-JSON range (2.1). */
export type Selector =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'index'; readonly index: number }
  | {
      readonly kind: 'slice'
      readonly start: number | undefined
      readonly end: number | undefined
      readonly step: number
    }
  | { readonly kind: 'filter'; readonly test: LogicalExpression }

/** A logical expression (2.3.5.1). `or` and `and` have two or more operands. */
export type LogicalExpression =
  | { readonly kind: 'or'; readonly operands: readonly LogicalExpression[] }
  | { readonly kind: 'and'; readonly operands: readonly LogicalExpression[] }
  | { readonly kind: 'not'; readonly operand: LogicalExpression }
  | { readonly kind: 'exists'; readonly query: FilterQuery }
  | {
      readonly kind: 'compare'
      readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>='
      readonly left: Comparable
      readonly right: Comparable
    }
  /** A function of LogicalType used as a test: `match`, `search`. */
  | { readonly kind: 'function'; readonly call: FunctionCall }

/** A query inside a filter: from the candidate (`@`) or from the document (`$`). */
export interface FilterQuery {
  readonly from: 'candidate' | 'root'
  readonly segments: readonly Segment[]
}

/** A side of a comparison (2.3.5.2). A query here is singular. */
export type Comparable =
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'query'; readonly query: FilterQuery }
  | { readonly kind: 'function'; readonly call: FunctionCall }

/** A literal. Numbers keep their source text, since a double cannot hold a 64-bit id. */
export type Literal = string | boolean | null | { readonly number: string }

/** A call of one of the five functions of RFC 9535 2.4. */
export interface FunctionCall {
  readonly name: 'length' | 'count' | 'match' | 'search' | 'value'
  readonly args: readonly FunctionArgument[]
}

export type FunctionArgument =
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'query'; readonly query: FilterQuery }
  | { readonly kind: 'function'; readonly call: FunctionCall }
  | { readonly kind: 'logical'; readonly test: LogicalExpression }

/** True where the query can select at most one node: only name and index selectors, one a segment (2.3.5.1). */
export function isSingular(segments: readonly Segment[]): boolean {
  return segments.every((segment) => {
    if (segment.kind !== 'child' || segment.selectors.length !== 1) return false
    const selector = segment.selectors[0]
    return selector?.kind === 'name' || selector?.kind === 'index'
  })
}
