/**
 * What an operator is: the named function that conceals a value. One file each in operators/, listed in
 * operators/registry.ts. Operators are pure: no I/O, no clock, keys only through what {@link OperatorKeys} gives.
 */
import type { Edit, EditContext, Leaf } from '../json/program-source.ts'
import type { ValueDictionary } from '../recognizers/dictionary/value-dictionary.ts'
import type { ActiveRecognizer } from '../recognizers/scanner.ts'
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
  /** What it needs to know of a role set; undefined: it does the same for all. */
  readonly scan?: ScanPart
}

/** The part of an operator that looks for classes in text, and leaves those in clear that a role set sees. */
export interface ScanPart {
  readonly classes: readonly string[]
  /** Whether it counts the classes of the location itself; else each location counts as one in part. */
  readonly countsLocation: boolean
  /** The edit for a role set. */
  readonly bind: (view: ScanView) => Edit
  /** Whether a text may hold what stands in the place of values: true also where that cannot be told. */
  readonly mayHoldMask: (text: string) => boolean
}

/** How much of something leaves. */
export type ExposureForm = 'shown' | 'part' | 'hidden'

/** One role set at the locations of some classes. */
export interface ScanView {
  /** Whether the role set sees a class in clear. */
  readonly isShown: (dataClass: string) => boolean
  /** Values of the same answer that are looked for, too; undefined: none are known. */
  readonly elsewhere: (context: EditContext) => ValueDictionary | undefined
  /** Counts one value of a class that was found. */
  readonly count: (context: EditContext, dataClass: string, form: ExposureForm) => void
  /** Counts the location itself. */
  readonly countLocation: (context: EditContext, form: ExposureForm) => void
}

/** What `scan` may know of the classes of a policy. */
export interface ScannedClasses {
  readonly names: readonly string[]
  /** What finds the class in text; empty where nothing does. */
  readonly recognizersOf: (dataClass: string) => readonly ActiveRecognizer[]
  /** What is done to its values. To be asked only when all classes are there. */
  readonly maskOf: (dataClass: string) => OperatorInstance
}

/** What operators may do with keys. Undefined where the policy has no such key; operators that need it then refuse to be built. */
export interface OperatorKeys {
  readonly pseudonymizer: Pseudonymizer | undefined
  readonly tokenizer: Tokenizer | undefined
}

export interface OperatorEnvironment extends OperatorKeys {
  /** The data class that the operator works for: the domain of its pseudonyms and tokens. */
  readonly dataClass: string
  /** The classes of the policy. */
  readonly classes: ScannedClasses
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
