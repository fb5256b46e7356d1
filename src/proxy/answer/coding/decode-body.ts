/**
 * Takes one content coding off a body (RFC 9110 8.4), as it comes and with back-pressure, under a cap of size and ratio.
 * A body that is cut, damaged, followed by anything, or not of the coding it says is refused.
 */
import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import type { ContentCoding } from '../../../rules/compiled-policy.ts'
import { RefusedError } from '../../refused.ts'
import { GzipFraming, TRAILER_BYTES } from './gzip-framing.ts'

/** Bytes that come out of a coding at once. */
const CHUNK_BYTES = 65_536
/** A body that grows more than this is a bomb, once it has passed the size below. */
const RATIO_MAX = 100
const RATIO_FREE_BYTES = 1_048_576
/** RFC 9659 3: a decoder need not have a larger window than 8 MiB. */
const ZSTD_WINDOW_LOG_MAX = 23

/** What a decoder may keep, to be taken from the budget of all held bytes: its window, and what it hands on. */
export const DECODER_BYTES: Readonly<Record<ContentCoding, number>> = {
  gzip: 65_536 + CHUNK_BYTES,
  deflate: 65_536 + CHUNK_BYTES,
  // RFC 7932 9.1: a window is at most 16 MiB.
  br: 16_777_216 + CHUNK_BYTES,
  zstd: 2 ** ZSTD_WINDOW_LOG_MAX + CHUNK_BYTES,
}

/** A body with its coding. */
export interface CodedBody {
  readonly bytes: AsyncIterable<Buffer>
  readonly coding: ContentCoding
  /** Coded bytes that are taken at most: what decodes to nothing has an end too. */
  readonly bytesMax: number
}

/** The decoded bytes. Throws {@link RefusedError} `upstream-coding-refused`; what the source throws passes through. */
export async function* decodeBody(body: CodedBody): AsyncGenerator<Buffer> {
  const feed = new Feed(body)
  const decoder = DECODERS[body.coding](await feed.begin())
  const pumping = pump(feed, decoder)
  let size = 0
  try {
    for await (const part of decoder as AsyncIterable<Buffer>) {
      size += part.length
      if (size > RATIO_FREE_BYTES && size > feed.received * RATIO_MAX) throw refused()
      feed.gzip?.sum(part)
      yield part
    }
    // The decoder stops at the end of the coding: bytes that it did not use stand behind it.
    await pumping
    if (!feed.ended || feed.handedOn - decoder.bytesWritten !== feed.trailerBytes) throw refused()
    if (feed.gzip?.holds() === false) throw refused()
  } catch (cause) {
    if (feed.failure !== undefined) throw feed.failure
    throw cause instanceof RefusedError ? cause : refused(cause)
  } finally {
    feed.stopped = true
    decoder.destroy()
  }
}

// Never rejects: what goes wrong at the source is kept in the feed, what goes wrong in the decoder is its own.
async function pump(feed: Feed, decoder: Decoder): Promise<void> {
  decoder.on('error', () => {})
  // A write that is under way when the decoder is destroyed does not end by itself.
  let goOn: (() => void) | undefined
  decoder.once('close', () => goOn?.())
  try {
    for await (const bytes of feed.bytes()) {
      if (feed.stopped) break
      // Once the decoder has ended, what is left is counted.
      if (decoder.destroyed) {
        if (feed.handedOn - decoder.bytesWritten > feed.trailerBytes) break
      } else {
        await new Promise<void>((resolve) => {
          goOn = resolve
          decoder.write(bytes, () => resolve())
        })
      }
    }
    decoder.end()
  } catch (cause) {
    feed.failure ??= cause
    decoder.destroy(cause as Error)
  }
}

function refused(cause?: unknown): RefusedError {
  return new RefusedError('upstream-coding-refused', { cause })
}

type Decoder = Transform & { readonly bytesWritten: number }

const DECODERS: Readonly<Record<ContentCoding, (first: Buffer) => Decoder>> = {
  gzip: () => createInflateRaw({ chunkSize: CHUNK_BYTES }),
  deflate: (first) =>
    isZlib(first)
      ? createInflate({ chunkSize: CHUNK_BYTES })
      : createInflateRaw({ chunkSize: CHUNK_BYTES }),
  br: () =>
    createBrotliDecompress({
      chunkSize: CHUNK_BYTES,
      params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: false },
    }),
  zstd: () =>
    createZstdDecompress({
      chunkSize: CHUNK_BYTES,
      params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
    }),
}

/** `deflate` is zlib (RFC 9110 8.4.1.2); some send it bare. A zlib header is divisible by 31 (RFC 1950 2.2). */
function isZlib(bytes: Buffer): boolean {
  const [cmf = 0, flg = 0] = bytes
  return (cmf & 0x0f) === 8 && (cmf * 256 + flg) % 31 === 0
}

/** The coded side: counts what comes and what is handed on to the decoder, and keeps what went wrong on the way. */
class Feed {
  readonly gzip: GzipFraming | undefined
  received = 0
  handedOn = 0
  ended = false
  /** Nobody wants more of it. */
  stopped = false
  failure: unknown
  readonly #body: CodedBody
  readonly #source: AsyncIterator<Buffer>
  #begun: Buffer = Buffer.alloc(0)

  constructor(body: CodedBody) {
    this.#body = body
    this.#source = body.bytes[Symbol.asyncIterator]()
    this.gzip = body.coding === 'gzip' ? new GzipFraming() : undefined
  }

  /** Bytes behind the end of the coding that belong to it. */
  get trailerBytes(): number {
    return this.gzip === undefined ? 0 : TRAILER_BYTES
  }

  /** The first two bytes or more, fewer only where there are no more. They are handed on later. */
  async begin(): Promise<Buffer> {
    while (this.#begun.length < 2) {
      const { done, value } = await this.#source.next()
      if (done === true) {
        this.ended = true
        break
      }
      this.#begun = Buffer.concat([this.#begun, value])
    }
    return this.#begun
  }

  async *bytes(): AsyncGenerator<Buffer> {
    try {
      yield* this.#hand(this.#begun)
      while (!this.ended) {
        const { done, value } = await this.#source.next()
        if (done === true) this.ended = true
        else yield* this.#hand(value)
      }
    } finally {
      if (!this.ended) await this.#source.return?.()
    }
  }

  *#hand(chunk: Buffer): Generator<Buffer> {
    this.received += chunk.length
    if (this.received > this.#body.bytesMax) throw refused()
    const bytes = this.gzip?.take(chunk) ?? chunk
    this.handedOn += bytes.length
    if (bytes.length > 0) yield bytes
  }
}
