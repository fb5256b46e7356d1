/** The comparisons of filters (RFC 9535 2.3.5.2.2): typed, never converting, exact. */
import type { LogicalExpression } from '../query/ast.ts'
import { KIND_ARRAY, KIND_NUMBER, KIND_OBJECT, KIND_STRING } from '../tape/tape.ts'
import { compareDecimals, smallNumber } from './decimal.ts'
import { nameText, requireUniqueNames } from './members.ts'
import type { Run } from './run.ts'
import { compareStrings, equalStrings } from './text-order.ts'
import { kindOf, textOf, type Constant, type Value } from './value.ts'

export type Operator = Extract<LogicalExpression, { kind: 'compare' }>['operator']

/** Steps that comparing two numbers by their digits is worth. */
const DECIMAL_STEPS = 8

/** The outcome of one comparison. Throws a JsonAmbiguousError where an object compared has a name twice. */
export function compare(run: Run, operator: Operator, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return equal(run, a, b)
    case '!=':
      return !equal(run, a, b)
    case '<':
      return less(run, a, b)
    case '>':
      return less(run, b, a)
    case '<=':
      return less(run, a, b) || equal(run, a, b)
    default:
      return less(run, b, a) || equal(run, a, b)
  }
}

function equal(run: Run, a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return a === b
  run.budget.spend(1)
  const kind = kindOf(run, a)
  if (kind !== kindOf(run, b)) return false
  if (kind === KIND_STRING) return equalStrings(run, a, b)
  if (kind === KIND_NUMBER) return compareNumbers(run, a, b) === 0
  if (typeof a !== 'number' || typeof b !== 'number') return true
  if (kind === KIND_ARRAY) return equalArrays(run, a, b)
  if (kind === KIND_OBJECT) return equalObjects(run, a, b)
  return true
}

function less(run: Run, a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return false
  run.budget.spend(1)
  const kind = kindOf(run, a)
  if (kind !== kindOf(run, b)) return false
  if (kind === KIND_STRING) return compareStrings(run, a, b) < 0
  return kind === KIND_NUMBER && compareNumbers(run, a, b) < 0
}

function compareNumbers(run: Run, a: number | Constant, b: number | Constant): number {
  const left = smallOf(run, a)
  const right = smallOf(run, b)
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right
  run.budget.spend(DECIMAL_STEPS)
  return compareDecimals(textOf(run, a), textOf(run, b))
}

function smallOf(run: Run, value: number | Constant): number {
  if (typeof value !== 'number') return value.small
  const { bytes, start, end } = run.tape
  return smallNumber(bytes, start[value] ?? 0, end[value] ?? 0)
}

function equalArrays(run: Run, a: number, b: number): boolean {
  const { next } = run.tape
  const afterA = next[a] ?? 0
  const afterB = next[b] ?? 0
  let left = a + 1
  let right = b + 1
  while (left < afterA && right < afterB) {
    if (!equal(run, left, right)) return false
    left = next[left] ?? afterA
    right = next[right] ?? afterB
  }
  return left >= afterA && right >= afterB
}

function equalObjects(run: Run, a: number, b: number): boolean {
  requireUniqueNames(run, a)
  requireUniqueNames(run, b)
  const members = new Map<string, number>()
  const { next } = run.tape
  const afterB = next[b] ?? 0
  for (let child = b + 1; child < afterB; child = next[child] ?? afterB) {
    members.set(nameText(run, child), child)
  }
  const afterA = next[a] ?? 0
  let count = 0
  for (let child = a + 1; child < afterA; child = next[child] ?? afterA) {
    const other = members.get(nameText(run, child))
    if (other === undefined || !equal(run, child, other)) return false
    count += 1
  }
  return count === members.size
}
