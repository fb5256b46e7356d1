/** The function extensions of RFC 9535 2.4, by their types. */
import type { FunctionCall } from './ast.ts'

/** `value`: a literal, a query of at most one node, or a function of that result. `nodes`: any query. */
export interface FunctionType {
  readonly parameters: readonly ('value' | 'nodes')[]
  /** A `value` is compared; a `logical` is a test. */
  readonly result: 'value' | 'logical'
}

export const FUNCTIONS: Readonly<Record<FunctionCall['name'], FunctionType>> = {
  length: { parameters: ['value'], result: 'value' },
  count: { parameters: ['nodes'], result: 'value' },
  match: { parameters: ['value', 'value'], result: 'logical' },
  search: { parameters: ['value', 'value'], result: 'logical' },
  value: { parameters: ['nodes'], result: 'value' },
}

export function isFunctionName(name: string): name is FunctionCall['name'] {
  return Object.hasOwn(FUNCTIONS, name)
}
