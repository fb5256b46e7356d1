/**
 * Puts a content coding on what leaves. It sees masked bytes only, so that neither its bytes nor their number depend on what
 * was masked.
 */
import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { AnswerCoding } from '../../../rules/compiled-policy.ts'

/** Bytes that go into a coder at once. */
const PIECE_BYTES = 65_536
/** More than ever comes out of it at once: a coder whose output is not fetched stands still. */
const WAITING = { highWaterMark: 262_144 }

const GZIP = { level: 6, windowBits: 15, memLevel: 8 }
const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 },
}

/** What a coder may keep, to be taken from the budget of all held bytes: its window and tables, and what waits in it. */
export const ENCODER_BYTES: Readonly<Record<AnswerCoding, number>> = {
  // zconf.h: (1 << (windowBits + 2)) + (1 << (memLevel + 9)).
  gzip: 262_144 + WAITING.highWaterMark,
  // A window of 256 KiB, kept several times over, and the tables of quality 4: 1.8 MiB, as measured.
  br: 2_097_152 + WAITING.highWaterMark,
}

const gzipWhole = promisify(gzip)
const brotliWhole = promisify(brotliCompress)

/** The whole body in this coding. */
export function encodeWhole(body: Buffer, coding: AnswerCoding): Promise<Buffer> {
  return coding === 'gzip' ? gzipWhole(body, GZIP) : brotliWhole(body, BROTLI)
}

/** The parts in this coding, each flushed: whoever has the bytes so far can read all parts so far. What the source throws passes through. */
export async function* encodeParts(
  parts: AsyncIterable<Buffer>,
  coding: AnswerCoding,
): AsyncGenerator<Buffer> {
  const coder = CODERS[coding]()
  // It is told to whoever writes.
  coder.on('error', () => {})
  try {
    for await (const part of parts) {
      for (let at = 0; at < part.byteLength; at += PIECE_BYTES) {
        await write(coder, part.subarray(at, at + PIECE_BYTES))
        yield* waiting(coder)
      }
    }
    coder.end()
    yield* coder as AsyncIterable<Buffer>
  } finally {
    coder.destroy()
  }
}

const CODERS: Readonly<Record<AnswerCoding, () => Transform>> = {
  gzip: () => createGzip({ ...GZIP, ...WAITING, flush: constants.Z_SYNC_FLUSH }),
  br: () =>
    createBrotliCompress({ ...BROTLI, ...WAITING, flush: constants.BROTLI_OPERATION_FLUSH }),
}

function write(coder: Transform, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    coder.write(bytes, (error) => (error instanceof Error ? reject(error) : resolve()))
  })
}

function* waiting(coder: Transform): Generator<Buffer> {
  for (;;) {
    const bytes = coder.read() as Buffer | null
    if (bytes === null) return
    yield bytes
  }
}
