/**
 * Checks a whole JSON value and finds its end without matching anything: what is held back is looked over with it
 * before the walk over the same bytes.
 */
import { isUtf8 } from 'node:buffer'
import { DEFAULT_LIMITS } from '../limits.ts'
import { JsonDepthError, JsonInputError, JsonSyntaxError } from '../errors.ts'
import { scanScalar, skipSpace } from './scan-scalar.ts'
import { scanString } from './scan-string.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const ARRAY_OPEN = 0x5b
const OBJECT_OPEN = 0x7b
const OBJECT_CLOSE = 0x7d
/** What lies between the code of an opening bracket and its closing one. */
const OPEN_TO_CLOSE = 2

/** The bytes at hand. */
export interface Bytes {
  readonly bytes: Buffer
  /** Over the same bytes. */
  readonly view: DataView
  readonly length: number
}

/** Closing brackets that are awaited; grows with the depth of what is skipped, up to the limit. */
let awaited = new Uint8Array(64)

/**
 * The position after the value at `from`, or -1 where the bytes end within it. A number counts as whole only where
 * something follows it. `depthMax` is how deep this value may nest. Throws a JsonSyntaxError or JsonDepthError.
 */
export function skipValue(source: Bytes, from: number, depthMax: number): number {
  const { bytes, length } = source
  let at = from
  let depth = 0
  for (;;) {
    if (at >= length) return -1
    const open = bytes[at] as number
    if (open === ARRAY_OPEN || open === OBJECT_OPEN) {
      if (depth >= depthMax) throw new JsonDepthError(at, 'deeper than the limit')
      if (depth === awaited.length) awaited = doubled(awaited)
      awaited[depth] = open + OPEN_TO_CLOSE
      depth += 1
      at = skipSpace(bytes, at + 1, length)
      if (at < length && bytes[at] !== open + OPEN_TO_CLOSE) {
        if (open === OBJECT_OPEN) at = skipName(source, at)
        if (at < 0) return -1
        continue
      }
    } else {
      at = skipLeaf(source, at)
      if (at < 0 || depth === 0) return at
    }
    let byte = 0
    for (;;) {
      at = skipSpace(bytes, at, length)
      if (at >= length) return -1
      byte = bytes[at] as number
      if (byte !== awaited[depth - 1]) break
      at += 1
      depth -= 1
      if (depth === 0) return at
    }
    if (byte !== COMMA)
      throw new JsonSyntaxError(at, 'expected a comma or the end of the container')
    at = skipSpace(bytes, at + 1, length)
    if (awaited[depth - 1] === OBJECT_CLOSE) at = skipName(source, at)
    if (at < 0) return -1
  }
}

/** The position of the value after the member name at `at`, or -1 where the bytes end before it. */
export function skipName(source: Bytes, at: number): number {
  const { bytes, view, length } = source
  if (at >= length) return -1
  if (bytes[at] !== QUOTE) throw new JsonSyntaxError(at, 'expected a member name')
  const quote = scanString(bytes, view, at + 1, length)
  return quote < 0 ? -1 : skipColon(source, quote + 1)
}

/** The position of the value after the colon, or -1 where the bytes end before it. */
export function skipColon(source: Bytes, from: number): number {
  const { bytes, length } = source
  const colon = skipSpace(bytes, from, length)
  if (colon >= length) return -1
  if (bytes[colon] !== COLON) throw new JsonSyntaxError(colon, 'expected a colon')
  const value = skipSpace(bytes, colon + 1, length)
  return value < length ? value : -1
}

/** True for exactly one JSON value in UTF-8, with or without white space around it. */
export function isJsonText(json: Uint8Array): boolean {
  if (!isUtf8(json)) return false
  const bytes = Buffer.concat([json, Buffer.from(' ')])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const { length } = bytes
  try {
    const start = skipSpace(bytes, 0, length)
    const end = skipValue({ bytes, view, length }, start, DEFAULT_LIMITS.depthMax)
    return end >= 0 && skipSpace(bytes, end, length) === length
  } catch (error) {
    if (error instanceof JsonInputError) return false
    throw error
  }
}

/** The position after a string, number or literal, or -1. */
function skipLeaf(source: Bytes, at: number): number {
  const { bytes, view, length } = source
  if (bytes[at] === QUOTE) {
    const quote = scanString(bytes, view, at + 1, length)
    return quote < 0 ? -1 : quote + 1
  }
  const end = scanScalar(bytes, at, length)
  const literal = bytes[at] as number
  return end === length && literal < ARRAY_OPEN ? -1 : end
}

function doubled(from: Uint8Array): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(from.length * 2)
  to.set(from)
  return to
}
