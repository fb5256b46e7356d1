/** Holds the whole body of an answer, within the limit of one body and of all bodies together. */
import type { Readable } from 'node:stream'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'

/** Throws {@link RefusedError}; the stream is then destroyed, so its connection is not used again. */
export async function readBody(
  stream: Readable,
  exchange: Exchange,
  services: Services,
): Promise<readonly Buffer[]> {
  const { bodyBytesMax } = services.policy.limits
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      size += part.byteLength
      if (size > bodyBytesMax) throw new RefusedError('upstream-body-refused')
      if (!services.heldBytes.take(part.byteLength)) throw new RefusedError('overloaded')
      exchange.heldBytes += part.byteLength
      parts.push(part)
    }
    return parts
  } catch (cause) {
    stream.destroy()
    if (cause instanceof RefusedError) throw cause
    throw new RefusedError(isTimeout(cause) ? 'upstream-timeout' : 'upstream-unreachable', {
      cause,
    })
  }
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'UND_ERR_BODY_TIMEOUT'
}
