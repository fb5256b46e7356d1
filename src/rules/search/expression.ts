/** A search expression, whatever language it was written in: terms joined by and, or, not. Data only. */

export type Expression =
  | Term
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }

/** One comparison of a field with a value. */
export interface Term {
  readonly kind: 'term'
  /** Undefined: a word that is looked for in all fields. */
  readonly field: string | undefined
  /** As the language writes it. */
  readonly operator: string
  readonly value: string
  /** How the value stands in the language: within quotes, or bare. */
  readonly quoted: boolean
  /** Whether it asks for equality with the whole value, as far as the language tells. */
  readonly equals: boolean
}

/** Terms of one expression. */
export const TERMS_MAX = 50
/** Parentheses within parentheses. */
export const DEPTH_MAX = 16
/** Characters of one expression. */
export const EXPRESSION_CHARS_MAX = 2_000

/** The terms of an expression, in order. */
export function termsOf(expression: Expression): readonly Term[] {
  switch (expression.kind) {
    case 'term':
      return [expression]
    case 'not':
      return termsOf(expression.operand)
    default:
      return expression.operands.flatMap(termsOf)
  }
}
