/**
 * Entity tags of our own (RFC 9110 8.8.3), over the bytes that leave, for these roles, under this policy: what the upstream says of
 * its bytes would be the same for every role.
 */
import { createHash } from 'node:crypto'
import type { AnswerCoding } from '../../rules/compiled-policy.ts'
import type { Exchange } from '../exchange.ts'

const TAG_BYTES = 18
/** Longest `If-None-Match` that is looked at. */
const CHARS_MAX = 4_096
const TAGS = /(?:W\/)?("[\x21\x23-\x7e]*")/g

/** What a tag is for. */
export interface Tagged {
  /** Masked, and without its coding. */
  readonly body: Buffer
  /** What it leaves in: the same body in another coding has another tag (RFC 9110 8.8.3.3). */
  readonly coding: AnswerCoding | undefined
}

/** The strong tag of an answer. */
export function entityTag(
  { roles, match }: Exchange,
  policySha256: string,
  { body, coding }: Tagged,
): string {
  const place = [policySha256, roles, match?.route.template.text]
  const head = JSON.stringify(coding === undefined ? place : [...place, coding])
  const digest = createHash('sha256').update(head).update('\n').update(body).digest()
  return `"${digest.subarray(0, TAG_BYTES).toString('base64url')}"`
}

/** True where the caller has these bytes already (RFC 9110 13.1.2: weak comparison). */
export function hasCurrent({ raw }: Exchange, tag: string): boolean {
  const header = raw.headers['if-none-match']?.trim()
  if (header === undefined || header.length > CHARS_MAX) return false
  return header === '*' || [...header.matchAll(TAGS)].some(([, known]) => known === tag)
}
