/** One content coding is taken off a body, whatever pieces it comes in; anything but one whole coding is refused. */
import {
  brotliCompressSync,
  constants,
  crc32,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import * as fc from 'fast-check'
import { test } from 'tap'
import { decodeBody } from '../../src/proxy/answer/coding/decode-body.ts'
import { RefusedError } from '../../src/proxy/refused.ts'
import type { ContentCoding } from '../../src/rules/compiled-policy.ts'

const BYTES_MAX = 64 * 1024 * 1024
const MIB = 1_048_576

interface Form {
  readonly name: string
  readonly coding: ContentCoding
  readonly encode: (body: Buffer) => Buffer
}

const FORMS: readonly Form[] = [
  { name: 'gzip', coding: 'gzip', encode: (body) => gzipSync(body) },
  { name: 'gzip with every part of a header', coding: 'gzip', encode: gzipWithHeader },
  { name: 'deflate as zlib', coding: 'deflate', encode: (body) => deflateSync(body) },
  { name: 'deflate without zlib', coding: 'deflate', encode: (body) => deflateRawSync(body) },
  { name: 'br', coding: 'br', encode: (body) => brotliCompressSync(body, QUICK) },
  { name: 'zstd', coding: 'zstd', encode: (body) => zstdCompressSync(body, CHECKED) },
]
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }

/** A member with extra field, name, comment and the checksum of its header (RFC 1952 2.3.1). */
function gzipWithHeader(body: Buffer): Buffer {
  const plain = gzipSync(body)
  const header = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3]),
    Buffer.from([3, 0, 7, 0, 9]),
    Buffer.from('export.json\0a comment\0', 'latin1'),
  ])
  const check = Buffer.alloc(2)
  check.writeUInt16LE(crc32(header) & 0xffff)
  return Buffer.concat([header, check, plain.subarray(10)])
}

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function decoded(
  coding: ContentCoding,
  bytes: AsyncIterable<Buffer>,
  bytesMax = BYTES_MAX,
): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of decodeBody({ bytes, coding, bytesMax })) parts.push(part)
  return Buffer.concat(parts)
}

/** The reason for which it is refused, or `taken`. */
async function reasonOf(run: Promise<unknown>): Promise<string> {
  try {
    await run
    return 'taken'
  } catch (error) {
    return error instanceof RefusedError ? error.reason : String(error)
  }
}

function outcome(coding: ContentCoding, bytes: AsyncIterable<Buffer>): Promise<string> {
  return reasonOf(decoded(coding, bytes))
}

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 })
const body = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ maxLength: 500 }).map((text) => Buffer.from(text.repeat(20))),
)

test('what was coded comes out as it went in, whatever pieces it comes in', async (t) => {
  for (const { name, coding, encode } of FORMS) {
    await fc.assert(
      fc.asyncProperty(body, sizes, async (bytes, cuts) => {
        const out = await decoded(coding, pieces(encode(bytes), cuts))
        return out.equals(bytes)
      }),
      { numRuns: 40 },
    )
    t.pass(name)
    const large = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, at) => at * 7)))
    t.ok((await decoded(coding, pieces(encode(large), [16_384]))).equals(large), `${name}, large`)
  }
})

test('a body that is cut anywhere is refused', async (t) => {
  const text = Buffer.from(
    JSON.stringify({ users: Array.from({ length: 40 }, (_, id) => ({ id })) }),
  )
  for (const { name, coding, encode } of FORMS) {
    const whole = encode(text)
    for (let end = 0; end < whole.length; end += 1) {
      const reason = await outcome(coding, pieces(whole.subarray(0, end), [97]))
      if (reason !== 'upstream-coding-refused') t.fail(`${name} cut at ${end}: ${reason}`)
    }
    t.pass(name)
  }
})

test('whatever stands behind the end of the coding is refused, in the same piece or the next', async (t) => {
  const text = Buffer.from('{"id":7}')
  for (const { name, coding, encode } of FORMS) {
    const whole = encode(text)
    const tails = [Buffer.from([0]), Buffer.from('}'), Buffer.alloc(5_000, 0x20)]
    for (const tail of tails) {
      for (const cut of [[100_000], [whole.length], [1]]) {
        const bytes = Buffer.concat([whole, tail])
        t.equal(await outcome(coding, pieces(bytes, cut)), 'upstream-coding-refused', name)
      }
    }
  }
})

test('a second member is refused; frames of zstd are one body (RFC 8878 3.1)', async (t) => {
  for (const { name, coding, encode } of FORMS) {
    const twice = Buffer.concat([encode(Buffer.from('[1')), encode(Buffer.from(']'))])
    for (const cut of [[100_000], [1], [7]]) {
      const expected = coding === 'zstd' ? 'taken' : 'upstream-coding-refused'
      t.equal(await outcome(coding, pieces(twice, cut)), expected, name)
    }
  }
})

test('what is not of the coding that it says is refused', async (t) => {
  for (const { coding } of FORMS) {
    for (const other of FORMS.filter((form) => form.coding !== coding)) {
      const bytes = other.encode(Buffer.from(JSON.stringify({ email: 'jane@example.com' })))
      t.equal(
        await outcome(coding, pieces(bytes, [50])),
        'upstream-coding-refused',
        `${other.name} as ${coding}`,
      )
    }
    for (const plain of ['', '{', '{"id":7}', `{"text":"${'long '.repeat(3_000)}"}`]) {
      t.equal(await outcome(coding, pieces(Buffer.from(plain), [100])), 'upstream-coding-refused')
    }
  }
})

test('a checksum that does not fit is refused', async (t) => {
  const text = Buffer.from('{"id":7}')
  for (const { name, coding, encode } of FORMS) {
    // Without zlib, deflate has no checksum, and neither has br.
    if (name === 'deflate without zlib' || coding === 'br') continue
    const damaged = Buffer.from(encode(text))
    const last = damaged.length - 1
    const at = coding === 'gzip' ? last - 5 : last
    damaged[at] = (damaged[at] ?? 0) ^ 1
    t.equal(await outcome(coding, pieces(damaged, [100])), 'upstream-coding-refused', name)
  }
})

test('gzip with reserved flags, another method, or a header without end is refused', async (t) => {
  const whole = gzipSync(Buffer.from('{}'))
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(whole)
    bytes[at] = value
    return bytes
  }
  const endless = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
    Buffer.alloc(100_000, 0x61),
  ])
  for (const bytes of [changed(3, 0x20), changed(3, 0x80), changed(2, 7), changed(0, 0), endless]) {
    t.equal(await outcome('gzip', pieces(bytes, [1_000])), 'upstream-coding-refused')
  }
})

test('a bomb is given up early: the memory it takes does not grow with it', async (t) => {
  for (const { name, coding, encode } of FORMS) {
    let out = 0
    const bomb = encode(Buffer.alloc(48 * MIB))
    const counted = async () => {
      const bytes = pieces(bomb, [512])
      for await (const part of decodeBody({ bytes, coding, bytesMax: BYTES_MAX }))
        out += part.length
    }
    t.equal(await reasonOf(counted()), 'upstream-coding-refused', name)
    t.ok(out <= 8 * MIB, `${name}: ${out} bytes came out`)
  }
})

test('a body that decodes to nothing has an end too', async (t) => {
  // Empty stored blocks of deflate (RFC 1951 3.2.4), without a last one.
  const endless = async function* () {
    for (;;)
      yield Buffer.from(
        [0, 0, 0, 0xff, 0xff].concat(...Array.from({ length: 200 }, () => [0, 0, 0, 0xff, 0xff])),
      )
  }
  t.equal(await reasonOf(decoded('deflate', endless(), 100_000)), 'upstream-coding-refused')
})

test('what goes wrong at the source is told as it is', async (t) => {
  for (const { coding, encode } of FORMS) {
    const whole = encode(Buffer.from(JSON.stringify(Array.from({ length: 5_000 }, (_, at) => at))))
    const broken = async function* () {
      yield whole.subarray(0, 100)
      throw new Error('the connection ended')
    }
    await t.rejects(decoded(coding, broken()), { message: 'the connection ended' })
  }
})

test('whoever stops reading ends the source', async (t) => {
  for (const { coding, encode } of FORMS) {
    const random = Buffer.from(
      Array.from({ length: 400_000 }, (_, at) => (at * at * 31 + at) % 251),
    )
    let ended = false
    const source = async function* () {
      try {
        yield* pieces(encode(random), [1_000])
      } finally {
        ended = true
      }
    }
    for await (const part of decodeBody({ bytes: source(), coding, bytesMax: BYTES_MAX })) {
      t.ok(part.length > 0)
      break
    }
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(ended, true, coding)
  }
})
