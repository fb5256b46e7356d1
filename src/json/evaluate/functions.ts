/** What `length`, `count` and `value` answer (RFC 9535 2.4.4, 2.4.5, 2.4.8). */
import { KIND_ARRAY, KIND_OBJECT, KIND_STRING } from '../tape/tape.ts'
import { childCount } from './children.ts'
import { requireUniqueNames } from './members.ts'
import type { Run, Visitor } from './run.ts'
import { constantNumber, kindOf, textOf, type Value } from './value.ts'

/** Characters of a string, elements of an array, members of an object; of anything else Nothing. */
export function lengthOf(run: Run, value: Value): Value {
  if (value === undefined) return undefined
  const kind = kindOf(run, value)
  if (kind === KIND_STRING) return constantNumber(codePointCount(textOf(run, value)))
  if (typeof value !== 'number') return undefined
  if (kind === KIND_OBJECT) requireUniqueNames(run, value)
  else if (kind !== KIND_ARRAY) return undefined
  return constantNumber(childCount(run, value))
}

/** How many nodes a query selects. */
export function countOf(run: Run, visit: Visitor, node: number): Value {
  let count = 0
  visit(run, node, () => {
    count += 1
    return false
  })
  return constantNumber(count)
}

/** The node that a query selects where it selects exactly one, otherwise Nothing. */
export function onlyNodeOf(run: Run, visit: Visitor, node: number): Value {
  let found: Value
  const more = visit(run, node, (selected) => {
    if (found !== undefined) return true
    found = selected
    return false
  })
  return more ? undefined : found
}

function codePointCount(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    if ((text.codePointAt(at) ?? 0) > 0xffff) at += 1
    count += 1
  }
  return count
}
