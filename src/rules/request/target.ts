/**
 * One canonical target from the raw request line. The path is split as it stands: nothing is decoded, joined or
 * resolved, and what would need it is refused. The caller's bytes are never forwarded; the path is built anew.
 */

import { formatPairs, parsePairs } from './pairs.ts'
import type { Pairs } from './pairs.ts'

/** Longest request target. */
const TARGET_CHARS_MAX = 8_192
/** RFC 3986 pchar without percent-encoding and ";": each record has one spelling, so none is needed. */
const PATH = /^\/[A-Za-z0-9._~:@,+=!$'()*&/-]*$/

export interface Target {
  /** Path segments as they stand; an empty one means "//" or a "/" at the end, which no route has. */
  readonly parts: readonly string[]
  /** Decoded names and values, in order. */
  readonly parameters: Pairs
}

/** The target, or undefined where it is not in origin-form (RFC 9112 3.2.1) or not canonical. */
export function parseTarget(raw: string): Target | undefined {
  if (raw.length > TARGET_CHARS_MAX) return undefined
  const mark = raw.indexOf('?')
  const path = mark === -1 ? raw : raw.slice(0, mark)
  if (!PATH.test(path)) return undefined
  const parts = path.slice(1).split('/')
  if (parts.some((part) => part === '.' || part === '..')) return undefined
  const parameters = mark === -1 ? [] : parsePairs(raw.slice(mark + 1), { lines: false })
  return parameters === undefined ? undefined : { parts, parameters }
}

/** Path and query, written anew. */
export function formatTarget({ parts, parameters }: Target): string {
  const query = parameters.length === 0 ? '' : `?${formatPairs(parameters)}`
  return `/${parts.join('/')}${query}`
}
