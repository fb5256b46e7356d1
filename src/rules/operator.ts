/**
 * What an operator is: the named function that conceals a value. One file each in operators/, listed in
 * operators/registry.ts. Operators are pure: no I/O, no clock, keys only through what {@link OperatorKeys} gives.
 */
import type { Edit, EditContext, Leaf } from '../json/program-source.ts'
import type { Pseudonymizer } from './pseudonymizer.ts'
import type { Tokenizer } from './tokenizer.ts'

/** How an operator leaves a value, for counting and for the order of protection. */
export interface OperatorInstance {
  /** Name in the policy, `keepLast`. */
  readonly name: string
  /** Canonical text of name and parameters, `keepLast(4)`: equal texts are the same instance. */
  readonly id: string
  /** What is done to a leaf. */
  readonly leaf: Edit
  /** What is done to an object or array as a whole; undefined: each leaf below is treated by `leaf`. */
  readonly container: Edit | undefined
  /** True where a part of the value, or a pseudonym of it, leaves: such a location is an exposure in part. */
  readonly partial: boolean
}

/** What operators may do with keys. Undefined where the policy has no such key; operators that need it then refuse to be built. */
export interface OperatorKeys {
  readonly pseudonymizer: Pseudonymizer | undefined
  readonly tokenizer: Tokenizer | undefined
}

export interface OperatorEnvironment extends OperatorKeys {
  /** The data class that the operator works for: the domain of its pseudonyms and tokens. */
  readonly dataClass: string
}

/** One operator as the policy language sees it. */
export interface OperatorDefinition<Parameters = unknown> {
  readonly name: string
  /** One sentence for docs/policy.md. */
  readonly summary: string
  /** JSON Schema of the parameter: what stands after the name in `{ keepLast: 4 }`. Undefined: takes none (`mask: email`). */
  readonly parameters: object | undefined
  /** An example of the whole `mask:` value in YAML, used by docs and tests. */
  readonly example: string
  /** Throws OperatorParameterError where the parameters fit the schema but not each other. */
  readonly build: (parameters: Parameters, environment: OperatorEnvironment) => OperatorInstance
}

export type { Edit, EditContext, Leaf }
