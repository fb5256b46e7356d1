/** What the rows about answers of an upstream have in common. */
import type { Reason } from '../../src/core/reasons.ts'
import type { UpstreamAnswer } from '../helpers/upstream-answers.ts'
import type { Outcome } from './attack-table.ts'

/** The largest body that the policy of these rows takes. */
export const BODY_BYTES_MAX = 65_536

/** How long the policy of these rows waits for an answer, and between two parts of it. */
export const ANSWER_TIMEOUT_MS = 700

/** The header line of the one type that is taken. */
export const JSON_TYPE = 'Content-Type: application/json'

/** What becomes of a whole answer whose status, type or coding is none that leaves. */
export const STATUS_REFUSED: Reason = 'upstream-status-refused'
export const TYPE_REFUSED: Reason = 'upstream-type-refused'
export const CODING_REFUSED: Reason = 'upstream-coding-refused'

/** What becomes of an answer that is no whole HTTP message. */
export const BROKEN: Reason = 'upstream-unreachable'

/** What a row about an answer says: its number, name, answer and outcome. */
export type Row = readonly [id: string, name: string, answer: UpstreamAnswer, expect: Outcome]

/** A status line and header lines, with the empty line. */
export function head(status: string, ...lines: readonly string[]): string {
  return [`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n')
}

/** An answer whose length is right, with whatever header lines are given. */
export function withLines(body: string | Buffer, ...lines: readonly string[]): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([
    Buffer.from(head('200 OK', ...lines, `Content-Length: ${bytes.length}`), 'latin1'),
    bytes,
  ])
}
