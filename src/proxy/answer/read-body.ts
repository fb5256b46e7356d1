/**
 * Reads the body of an answer, without its content coding: held whole up to a limit, within the budget of all bodies
 * together.
 */
import type { Readable } from 'node:stream'
import type { ContentCoding } from '../../rules/compiled-policy.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { decodeBody, DECODER_BYTES } from './coding/decode-body.ts'

/** The body as it comes. */
export interface AnswerBody {
  readonly stream: Readable
  readonly coding: ContentCoding | undefined
}

/** What was held, and how to go on where that was not all. */
export interface HeldBody {
  readonly parts: readonly Buffer[]
  /** Undefined where `parts` is the whole body. */
  readonly rest: AsyncIterable<Buffer> | undefined
}

/** Throws {@link RefusedError}; the stream is then destroyed, so its connection is not used again. */
export function readBody(
  answer: AnswerBody,
  exchange: Exchange,
  services: Services,
): Promise<HeldBody> {
  return read(answer, services.policy.limits.streamedBytesMax, exchange, services)
}

/** The whole body, as far as it may be held. Throws {@link RefusedError}, as above. */
export async function readWhole(
  answer: AnswerBody,
  exchange: Exchange,
  services: Services,
): Promise<readonly Buffer[]> {
  const { parts } = await read(answer, services.policy.limits.bodyBytesMax, exchange, services)
  return parts
}

/** The body as it comes, nothing of it held but `heldBytes` of the budget. Throws {@link RefusedError} while it is read. */
export function openBody(
  answer: AnswerBody,
  heldBytes: number,
  exchange: Exchange,
  services: Services,
): AsyncIterable<Buffer> {
  take(heldBytes, exchange, services)
  return goOn(open(answer, exchange, services), 0, services)
}

async function read(
  answer: AnswerBody,
  bytesMax: number,
  exchange: Exchange,
  services: Services,
): Promise<HeldBody> {
  const { bodyBytesMax } = services.policy.limits
  const parts: Buffer[] = []
  let size = 0
  let body: AsyncIterator<Buffer> | undefined
  try {
    if (answer.coding === undefined) {
      size = await readPlain(answer.stream, bodyBytesMax, (part) => {
        if (exchange.settled) throw new RefusedError('request-aborted')
        take(part.byteLength, exchange, services)
        parts.push(part)
      })
      if (size <= bodyBytesMax) return { parts, rest: undefined }
      if (size > bytesMax) throw new RefusedError('upstream-body-refused')
    }
    body = open(answer, exchange, services)
    if (size > 0) return { parts, rest: goOn(body, size, services) }
    for (;;) {
      const { done, value } = await body.next()
      if (done === true) return { parts, rest: undefined }
      if (exchange.settled) throw new RefusedError('request-aborted')
      size += value.byteLength
      take(value.byteLength, exchange, services)
      parts.push(value)
      if (size <= bodyBytesMax) continue
      if (size > bytesMax) throw new RefusedError('upstream-body-refused')
      return { parts, rest: goOn(body, size, services) }
    }
  } catch (cause) {
    answer.stream.destroy()
    await body?.return?.()
    throw asRefused(cause)
  }
}

/**
 * Takes what comes without a coding until it ends or is more than `bytesMax`; says how much it was. By events, since an
 * iterator takes a good part of a small answer's time. What comes later stays in the stream.
 */
function readPlain(
  stream: Readable,
  bytesMax: number,
  takePart: (part: Buffer) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let size = 0
    const end = () => {
      stream.off('data', onData).off('end', end).off('error', fail).off('close', closed)
      resolve(size)
    }
    const fail = (error: unknown) => {
      stream.off('data', onData).off('end', end).off('close', closed)
      reject(error)
    }
    const closed = () => fail(new Error('the answer ended before it was whole'))
    const onData = (part: Buffer) => {
      size += part.byteLength
      try {
        takePart(part)
      } catch (error) {
        fail(error)
        return
      }
      if (size <= bytesMax) return
      stream.pause()
      end()
    }
    stream.on('end', end).on('error', fail).on('close', closed).on('data', onData)
  })
}

function open(
  { stream, coding }: AnswerBody,
  exchange: Exchange,
  services: Services,
): AsyncIterator<Buffer> {
  const bytes = stream as AsyncIterable<Buffer>
  if (coding === undefined) return bytes[Symbol.asyncIterator]()
  take(DECODER_BYTES[coding], exchange, services)
  const { bodyBytesMax, streamedBytesMax } = services.policy.limits
  return decodeBody({ bytes, coding, bytesMax: Math.max(bodyBytesMax, streamedBytesMax) })
}

/** Takes this much of the budget for the exchange. Throws {@link RefusedError} `overloaded`. */
export function take(bytes: number, exchange: Exchange, { heldBytes }: Services): void {
  if (!heldBytes.take(bytes)) throw new RefusedError('overloaded')
  exchange.heldBytes += bytes
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
