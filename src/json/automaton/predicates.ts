/** The selectors that a child's name cannot decide: indices, slices and filters, each numbered once per program. */
import { compileTest } from '../evaluate/filter.ts'
import type { Test } from '../evaluate/run.ts'
import { isSimpleTest, needsDocument } from '../query/analysis.ts'
import type { Selector } from '../query/ast.ts'
import { atomsOf, type Atom } from './atoms.ts'
import type { KeyTable } from './key-table.ts'

/** A selector whose outcome is asked for per child. */
export type Predicate =
  | { readonly kind: 'index'; readonly index: number }
  | {
      readonly kind: 'slice'
      readonly start: number | undefined
      readonly end: number | undefined
      readonly step: number
    }
  | {
      readonly kind: 'filter'
      readonly passes: Test
      /** It reads only the candidate's own members, by name. */
      readonly simple: boolean
      /** What its outcome follows from; undefined where it must be evaluated. */
      readonly atoms: readonly Atom[] | undefined
      /** It asks from the document's root. */
      readonly needsDocument: boolean
    }

/** The selectors that are predicates. */
export type PredicateSelector = Exclude<Selector, { kind: 'name' | 'wildcard' }>

/** Numbers equal selectors once, whatever query they stand in. */
export class PredicateTable {
  readonly #numbers = new Map<string, number>()
  readonly all: Predicate[] = []
  readonly #keys: KeyTable

  constructor(keys: KeyTable) {
    this.#keys = keys
  }

  /** The number of this selector. */
  numberOf(selector: PredicateSelector): number {
    const key = JSON.stringify(selector)
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.all.length
      this.all.push(predicateOf(selector, this.#keys))
      this.#numbers.set(key, number)
    }
    return number
  }
}

/** True where the outcome hangs on how many elements the array has. */
export function needsLength(predicate: Predicate): boolean {
  if (predicate.kind === 'filter') return false
  if (predicate.kind === 'index') return predicate.index < 0
  const { start, end, step } = predicate
  return (start ?? 0) < 0 || (end ?? 0) < 0 || step < -1
}

/**
 * True where a slice (RFC 9535 2.3.4.2) or index (2.3.3) selects the element at `at`. `length` is not looked at where
 * {@link needsLength} is false.
 */
export function selectsIndex(predicate: Predicate, at: number, length: number): boolean {
  if (predicate.kind === 'filter') return false
  if (predicate.kind === 'index') {
    return at === (predicate.index < 0 ? length + predicate.index : predicate.index)
  }
  const { step } = predicate
  if (step === 0) return false
  const start = fromEnd(predicate.start, length)
  const end = fromEnd(predicate.end, length)
  if (step > 0) {
    const first = Math.max(start ?? 0, 0)
    return at >= first && (end === undefined || at < end) && (at - first) % step === 0
  }
  if (start !== undefined && at > start) return false
  if (end !== undefined && at <= Math.max(end, -1)) return false
  if (step === -1) return true
  const highest = Math.min(start ?? length - 1, length - 1)
  return (highest - at) % step === 0
}

function fromEnd(bound: number | undefined, length: number): number | undefined {
  return bound !== undefined && bound < 0 ? length + bound : bound
}

function predicateOf(selector: PredicateSelector, keys: KeyTable): Predicate {
  if (selector.kind !== 'filter') return selector
  const { test } = selector
  return {
    kind: 'filter',
    passes: compileTest(test),
    simple: isSimpleTest(test),
    atoms: atomsOf(test, keys),
    needsDocument: needsDocument(test),
  }
}
