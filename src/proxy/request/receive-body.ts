/** Receives the body of a request: held whole up to a limit, within the budget of all bodies together and within a time. */
import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'

/** Longest wait for a body, from the end of the headers. Below the listener's own limit, whose end nobody would record. */
export const BODY_TIMEOUT_MS = 20_000

/** Throws {@link RefusedError}: body-too-large, body-too-slow, overloaded, request-aborted. */
export async function receiveBody(
  exchange: Exchange,
  services: Services,
  bytesMax = services.policy.limits.requestBodyBytesMax,
): Promise<Buffer> {
  const { raw } = exchange
  if (Number(raw.headers['content-length'] ?? 0) > bytesMax)
    throw new RefusedError('body-too-large')
  const parts: Buffer[] = []
  let size = 0
  const take = (part: Buffer) => {
    size += part.byteLength
    if (size > bytesMax) throw new RefusedError('body-too-large')
    if (!services.heldBytes.take(part.byteLength)) throw new RefusedError('overloaded')
    exchange.heldBytes += part.byteLength
    parts.push(part)
  }
  if (raw.destroyed) throw new RefusedError('request-aborted')
  exchange.wantBody()
  await drained(raw, take)
  if (exchange.settled) throw new RefusedError('request-aborted')
  return Buffer.concat(parts)
}

// By events, since an iterator that is left would destroy the request, and the connection that the refusal goes back on.
function drained(raw: IncomingMessage, take: (part: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(new RefusedError('body-too-slow')), BODY_TIMEOUT_MS)
    const end = (refused?: unknown) => {
      clearTimeout(timer)
      raw.off('data', onData).off('end', onEnd).off('close', onClose)
      if (refused === undefined) resolve()
      else reject(refused)
    }
    const onData = (part: Buffer) => {
      try {
        take(part)
      } catch (refused) {
        end(refused)
      }
    }
    const onEnd = () => end()
    const onClose = () => end(new RefusedError('request-aborted'))
    raw.on('data', onData).on('end', onEnd).on('close', onClose)
    // Its details are those of the close that follows.
    raw.on('error', () => undefined)
  })
}
