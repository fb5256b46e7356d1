/** What leaves in a coding: whole, or in parts of which each can be read as soon as it is there. */
import { brotliDecompressSync, constants, gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { test } from 'tap'
import { encodeParts, encodeWhole } from '../../../src/proxy/answer/coding/encode-body.ts'

/** Decodes as far as it goes. */
const DECODERS = {
  gzip: (bytes: Buffer) => gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }),
  br: (bytes: Buffer) =>
    brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
}
const WHOLE = { gzip: gunzipSync, br: brotliDecompressSync }

for (const coding of ['gzip', 'br'] as const) {
  test(`${coding}: what went in comes out, in parts or whole`, async (t) => {
    const parts = fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(parts, async (pieces) => {
        const all = Buffer.concat(pieces)
        const coded = await collect(
          encodeParts(source(pieces.map((one) => Buffer.from(one))), coding),
        )
        t.ok(all.equals(WHOLE[coding](coded)))
        t.ok(all.equals(WHOLE[coding](await encodeWhole(all, coding))))
      }),
      { numRuns: 50 },
    )
  })

  test(`${coding}: each part can be read before the next is asked for`, async (t) => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at * 31) >> 7))
    const parts = [Buffer.from(':\n\n'), Buffer.alloc(0), noise, Buffer.from('{"id":7}\n')]
    const out: Buffer[] = []
    const given: Buffer[] = []
    const feed = async function* () {
      for (const part of parts) {
        if (given.length > 0) {
          const readable = DECODERS[coding](Buffer.concat(out))
          t.ok(Buffer.concat(given).equals(readable), `all of the first ${given.length}`)
        }
        given.push(part)
        yield part
      }
    }
    for await (const bytes of encodeParts(feed(), coding)) out.push(bytes)
    t.ok(Buffer.concat(parts).equals(WHOLE[coding](Buffer.concat(out))))
  })

  test(`${coding}: what the source throws ends it, and what it gave is not ended as if whole`, async (t) => {
    const out: Buffer[] = []
    const broken = async function* () {
      yield Buffer.from('{"id":7,')
      throw new Error('cut')
    }
    await t.rejects(
      (async () => {
        for await (const bytes of encodeParts(broken(), coding)) out.push(bytes)
      })(),
      { message: 'cut' },
    )
    t.throws(() => WHOLE[coding](Buffer.concat(out)))
  })

  test(`${coding}: who stops early ends the source`, async (t) => {
    let ended = false
    const endless = async function* () {
      try {
        for (;;) yield Buffer.from('x')
      } finally {
        ended = true
      }
    }
    for await (const bytes of encodeParts(endless(), coding)) if (bytes.length > 0) break
    t.ok(ended)
  })
}

async function* source(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts
}

async function collect(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all)
}
