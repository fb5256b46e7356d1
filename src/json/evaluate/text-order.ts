/** Orders strings by Unicode scalar values (RFC 9535 2.3.5.2.2), from their bytes where these have no escapes. */
import type { Run } from './run.ts'
import { isEscaped, textOf, type Constant } from './value.ts'

/** Where a string's text stands. */
interface Bytes {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** Negative, zero or positive as the string `a` comes before, is, or comes after the string `b`. */
export function compareStrings(run: Run, a: number | Constant, b: number | Constant): number {
  if (isEscaped(run, a) || isEscaped(run, b)) {
    return compareCodePoints(textOf(run, a), textOf(run, b))
  }
  const left = bytesOf(run, a)
  const right = bytesOf(run, b)
  const length = Math.min(left.end - left.start, right.end - right.start)
  run.budget.spendComparison(length)
  for (let at = 0; at < length; at += 1) {
    const difference = (left.bytes[left.start + at] ?? 0) - (right.bytes[right.start + at] ?? 0)
    if (difference !== 0) return difference
  }
  return left.end - left.start - (right.end - right.start)
}

/** True where both strings have the same text. */
export function equalStrings(run: Run, a: number | Constant, b: number | Constant): boolean {
  if (!isEscaped(run, a) && !isEscaped(run, b) && lengthOf(run, a) !== lengthOf(run, b)) {
    return false
  }
  return compareStrings(run, a, b) === 0
}

/** Orders two decoded strings. UTF-16 units alone would put U+10000 before U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1
  if (at === length) return a.length - b.length
  if (at > 0 && isHighSurrogate(a.charCodeAt(at - 1))) at -= 1
  return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0)
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function lengthOf(run: Run, value: number | Constant): number {
  if (typeof value !== 'number') return value.utf8.length
  return (run.tape.end[value] ?? 0) - (run.tape.start[value] ?? 0) - 2
}

function bytesOf(run: Run, value: number | Constant): Bytes {
  if (typeof value !== 'number') return { bytes: value.utf8, start: 0, end: value.utf8.length }
  const { bytes, start, end } = run.tape
  return { bytes, start: (start[value] ?? 0) + 1, end: (end[value] ?? 0) - 1 }
}
