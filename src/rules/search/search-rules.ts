/** What a route says of searches, compiled. Data only. */
import type { Query } from '../../json/query/ast.ts'
import type { Grammar } from './grammar.ts'
import type { WholeValueForm } from './whole-value.ts'

export interface SearchRules {
  readonly place: SearchPlace
  readonly grammar: Grammar
  /** Fields that an expression may name. */
  readonly fields: ReadonlyMap<string, FieldRule>
  /** What words without a field look into; undefined: they are not understood. */
  readonly words: FieldRule | undefined
  /** Classes that may be searched by a whole value by those who do not see them, with the form of such a value. */
  readonly exact: ReadonlyMap<string, WholeValueForm>
}

/** Where the expression is: a query parameter, a parameter of the path, or a location in the body. */
export type SearchPlace =
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'path'; readonly name: string }
  | { readonly kind: 'body'; readonly query: Query }

export type FieldRule =
  | { readonly kind: 'plain' }
  /** No personal data, and no other values than these. */
  | { readonly kind: 'values'; readonly values: ReadonlySet<string> }
  | { readonly kind: 'class'; readonly dataClass: string }
