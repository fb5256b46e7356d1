/** Whether an answer leaves in a content coding, and in which. */
import type { AnswerCoding } from '../../rules/compiled-policy.ts'
import type { Exchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import type { Admission } from './admit.ts'
import { acceptedCoding } from './coding/accept-encoding.ts'
import { encodeWhole, ENCODER_BYTES } from './coding/encode-body.ts'
import { take } from './read-body.ts'

/** Smaller answers leave as they are: a coding saves no packet. */
const BYTES_MIN = 1_024

/**
 * Undefined: it leaves without. `bytes`: how long it is before; undefined where nobody knows yet. Lengths of a coded answer tell of what
 * stands in it twice. So there is none where a page of somebody else's can have a browser ask, nor around what is revealed once.
 */
export function answerCoding(
  { raw, match, ambient, reveal }: Exchange,
  { kind }: Admission,
  bytes: number | undefined,
): AnswerCoding | undefined {
  const codings = match?.route.compress ?? []
  if (kind !== 'body' || codings.length === 0) return undefined
  if (ambient !== undefined || reveal !== undefined) return undefined
  const small = bytes !== undefined && bytes < BYTES_MIN
  return acceptedCoding(raw.headers['accept-encoding'], { codings, small })
}

/** Puts the coding on. Throws RefusedError `overloaded` where there is no memory for it. */
export async function encodeHeld(
  body: Buffer,
  coding: AnswerCoding,
  exchange: Exchange,
  services: Services,
): Promise<Buffer> {
  // What comes out is hardly ever longer than what goes in.
  take(ENCODER_BYTES[coding] + body.byteLength, exchange, services)
  return encodeWhole(body, coding)
}
