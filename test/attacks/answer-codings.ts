/** Answers in a content coding that the policy lists: one, whole and alone, is taken off; the rest is refused. */
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { userBody } from '../helpers/helpdesk-answers.ts'
import {
  chunkedAnswer,
  cutAnswer,
  dripAnswer,
  jsonAnswer,
  type UpstreamAnswer,
} from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import {
  BODY_BYTES_MAX,
  BROKEN,
  CODING_REFUSED,
  JSON_TYPE,
  TYPE_REFUSED,
  withLines,
  type Row,
} from './answer-rows.ts'
import type { Outcome } from './attack-table.ts'

type Encode = (body: Buffer) => Buffer

const ENCODERS: readonly (readonly [coding: string, encode: Encode])[] = [
  ['gzip', (body) => gzipSync(body)],
  ['deflate', (body) => deflateSync(body)],
  ['br', (body) => brotliCompressSync(body)],
  ['zstd', (body) => zstdCompressSync(body)],
]

const TOO_LARGE: Outcome = 'upstream-body-refused'

/** Rows for a policy that lists every coding. */
export function listedCodingRows({ canaries }: World): Row[] {
  const body = Buffer.from(userBody(canaries))
  const coded = (name: string, bytes: Buffer) =>
    withLines(bytes, JSON_TYPE, `Content-Encoding: ${name}`)
  const rows = ENCODERS.flatMap(([name, encode]): Row[] => {
    const whole = encode(body)
    const row = (id: string, what: string, answer: UpstreamAnswer, expect: Outcome): Row => [
      id,
      `${name}: ${what}`,
      answer,
      expect,
    ]
    const others = ENCODERS.filter(([other]) => other !== name)
    return [
      row('C33', 'taken off', coded(name, whole), 'permit'),
      row('C33', 'in capitals', coded(name.toUpperCase(), whole), 'permit'),
      row(
        'C33',
        'in chunks of three bytes',
        chunkedAnswer(cut(whole, 3), { headers: [['content-encoding', name]] }),
        'permit',
      ),
      row(
        'C33',
        'slowly',
        dripAnswer(coded(name, whole), { chunkBytes: 90, everyMs: 20 }),
        'permit',
      ),
      row('C33', 'said and plain sent', coded(name, body), CODING_REFUSED),
      ...others.map(([other, encodeOther]) =>
        row('C33', `said and ${other} sent`, coded(name, encodeOther(body)), CODING_REFUSED),
      ),
      row('C33', 'sent and not said', withLines(whole, JSON_TYPE), TOO_LARGE),
      row('C33', 'twice, said once', coded(name, encode(whole)), TOO_LARGE),
      row('C33', 'twice', coded(`${name}, ${name}`, encode(whole)), CODING_REFUSED),
      row('C33', 'with identity', coded(`${name}, identity`, whole), CODING_REFUSED),
      row('C33', 'with a parameter', coded(`${name};q=1`, whole), CODING_REFUSED),
      row(
        'C33',
        'in two headers',
        withLines(whole, JSON_TYPE, `Content-Encoding: ${name}`, `Content-Encoding: ${name}`),
        CODING_REFUSED,
      ),
      row('C33', 'around what is no JSON', coded(name, encode(Buffer.from('{"a":'))), TOO_LARGE),
      row(
        'C33',
        'under a type that is none',
        withLines(whole, 'Content-Type: application/gzip', `Content-Encoding: ${name}`),
        TYPE_REFUSED,
      ),
      row('C37', 'without its last byte', coded(name, whole.subarray(0, -1)), CODING_REFUSED),
      row('C37', 'half', coded(name, whole.subarray(0, whole.length / 2)), CODING_REFUSED),
      row('C37', 'nothing of it', coded(name, Buffer.alloc(0)), CODING_REFUSED),
      row('C37', 'with a byte behind it', coded(name, tailed(whole, '}')), CODING_REFUSED),
      row('C37', 'cut by the connection', cutAnswer(coded(name, whole)), BROKEN),
      row(
        'C37',
        'with the plain body behind it',
        coded(name, tailed(whole, body.toString())),
        CODING_REFUSED,
      ),
      row(
        'C35',
        'a byte too large',
        coded(name, encode(filled(body, BODY_BYTES_MAX + 1))),
        TOO_LARGE,
      ),
      row(
        'C35',
        'exactly as large as allowed',
        coded(name, encode(filled(body, BODY_BYTES_MAX))),
        'permit',
      ),
      row('C35', 'a bomb of 64 MiB', coded(name, encode(Buffer.alloc(67_108_864, '['))), TOO_LARGE),
      row(
        'C35',
        'a bomb in a bomb',
        coded(name, encode(encode(Buffer.alloc(67_108_864, '[')))),
        TOO_LARGE,
      ),
    ]
  })
  return [
    ...rows,
    ['C33', 'deflate: without zlib', coded('deflate', deflateRawSync(body)), 'permit'],
    ['C33', 'gzip: two members', coded('gzip', twoMembers(body)), CODING_REFUSED],
    ['C33', 'x-gzip', coded('x-gzip', gzipSync(body)), CODING_REFUSED],
    ['C33', 'an unknown coding', coded('rot13', body), CODING_REFUSED],
    ['C33', 'plain', jsonAnswer(body.toString()), 'permit'],
  ]
}

function twoMembers(body: Buffer): Buffer {
  return Buffer.concat([gzipSync(body.subarray(0, 20)), gzipSync(body.subarray(20))])
}

function tailed(bytes: Buffer, tail: string): Buffer {
  return Buffer.concat([bytes, Buffer.from(tail)])
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

/** The body with a role that is so long that all is as long as told. */
function filled(body: Buffer, bytes: number): Buffer {
  const text = body.toString()
  return Buffer.from(text.replace('"vip"', `"${'v'.repeat(bytes - body.length + 3)}"`))
}
