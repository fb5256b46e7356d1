/** Reads the body of an answer: held whole up to a limit, within the budget of all bodies together. */
import type { Readable } from 'node:stream'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'

/** What was held, and how to go on where that was not all. */
export interface HeldBody {
  readonly parts: readonly Buffer[]
  /** Undefined where `parts` is the whole body. */
  readonly rest: AsyncIterable<Buffer> | undefined
}

/** Throws {@link RefusedError}; the stream is then destroyed, so its connection is not used again. */
export async function readBody(
  stream: Readable,
  exchange: Exchange,
  services: Services,
): Promise<HeldBody> {
  const { bodyBytesMax } = services.policy.limits
  const parts: Buffer[] = []
  let size = 0
  const body = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await body.next()
      if (done === true) return { parts, rest: undefined }
      if (exchange.settled) throw new RefusedError('request-aborted')
      size += value.byteLength
      if (!services.heldBytes.take(value.byteLength)) throw new RefusedError('overloaded')
      exchange.heldBytes += value.byteLength
      parts.push(value)
      if (size <= bodyBytesMax) continue
      if (size > services.policy.limits.streamedBytesMax) {
        throw new RefusedError('upstream-body-refused')
      }
      return { parts, rest: goOn(body, size, services) }
    }
  } catch (cause) {
    stream.destroy()
    throw asRefused(cause)
  }
}

async function* goOn(
  body: AsyncIterator<Buffer>,
  sizeBefore: number,
  { policy }: Services,
): AsyncGenerator<Buffer> {
  let size = sizeBefore
  try {
    for (;;) {
      const { done, value } = await body.next()
      if (done === true) return
      size += value.byteLength
      if (size > policy.limits.streamedBytesMax) throw new RefusedError('upstream-body-refused')
      yield value
    }
  } catch (cause) {
    throw asRefused(cause)
  } finally {
    await body.return?.()
  }
}

function asRefused(cause: unknown): RefusedError {
  if (cause instanceof RefusedError) return cause
  const timeout = (cause as { code?: unknown } | undefined)?.code === 'UND_ERR_BODY_TIMEOUT'
  return new RefusedError(timeout ? 'upstream-timeout' : 'upstream-unreachable', { cause })
}
