/** Answers by framing, size and pace: whole, in time and within the limit, or not at all. */
import { gzipSync } from 'node:zlib'
import { userBody } from '../helpers/helpdesk-answers.ts'
import {
  chunkedAnswer,
  cutAnswer,
  dripAnswer,
  jsonAnswer,
  rawAnswer,
} from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import {
  ANSWER_TIMEOUT_MS,
  BODY_BYTES_MAX,
  BROKEN,
  head,
  JSON_TYPE,
  CODING_REFUSED,
  withLines,
  type Row,
} from './answer-rows.ts'

/** Lengths, chunks and ends that do not fit, and the few forms that are taken. */
export function framingRows({ canaries }: World): Row[] {
  const body = userBody(canaries)
  const bytes = Buffer.byteLength(body)
  const raw = (lines: readonly string[], rest: string) =>
    rawAnswer(head('200 OK', JSON_TYPE, ...lines) + rest)
  const chunk = `${bytes.toString(16)}\r\n${body}\r\n`
  const chunked = 'Transfer-Encoding: chunked'
  return [
    [
      'C37',
      'chunked, cut within names and values, is taken',
      chunkedAnswer(body.match(/.{1,7}/gs) ?? []),
      'permit',
    ],
    [
      'C37',
      'until the end of the connection',
      { bytes: raw(['Connection: close'], body), after: 'close' },
      'permit',
    ],
    [
      'C37',
      'until the end, half',
      { bytes: raw([], body.slice(0, bytes / 2)), after: 'close' },
      'upstream-body-refused',
    ],
    ['C37', 'length cut', cutAnswer(jsonAnswer(body)), BROKEN],
    ['C37', 'length cut by a reset', cutAnswer(jsonAnswer(body), { after: 'reset' }), BROKEN],
    ['C37', 'chunks cut', cutAnswer(chunkedAnswer([body])), BROKEN],
    ['C37', 'the last chunk is missing', { bytes: raw([chunked], chunk), after: 'close' }, BROKEN],
    ['C37', 'head cut', cutAnswer(jsonAnswer(body), { at: 30 }), BROKEN],
    ['C37', 'closed without a byte', 'close', BROKEN],
    ['C37', 'reset without a byte', 'reset', BROKEN],
    [
      'C37',
      'length and chunks',
      raw([`Content-Length: ${bytes}`, chunked], `${chunk}0\r\n\r\n`),
      BROKEN,
    ],
    ['C37', 'two lengths', raw([`Content-Length: ${bytes}`, 'Content-Length: 5'], body), BROKEN],
    [
      'C37',
      'the same length twice',
      raw([`Content-Length: ${bytes}`, `Content-Length: ${bytes}`], body),
      BROKEN,
    ],
    ['C37', 'a list of lengths', raw([`Content-Length: ${bytes}, ${bytes}`], body), BROKEN],
    ['C37', 'a negative length', raw(['Content-Length: -1'], body), BROKEN],
    ['C37', 'a length in other digits', raw(['Content-Length: 0x10'], body), BROKEN],
    ['C37', 'a chunk size that is none', raw([chunked], `zz\r\n${body}\r\n0\r\n\r\n`), BROKEN],
    ['C37', 'a chunk longer than it says', raw([chunked], `5\r\n${body}\r\n0\r\n\r\n`), BROKEN],
    [
      'C37',
      'a chunk size beyond all numbers',
      raw([chunked], `ffffffffffffffffff\r\n${body}`),
      BROKEN,
    ],
    [
      'C37',
      'bare LF',
      rawAnswer(head('200 OK', JSON_TYPE, `Content-Length: ${bytes}`).replaceAll('\r', '') + body),
      BROKEN,
    ],
    ['C37', 'a folded header', raw(['X: a\r\n b', `Content-Length: ${bytes}`], body), BROKEN],
    ['C37', 'NUL in a header', raw(['X: a\0b', `Content-Length: ${bytes}`], body), BROKEN],
    [
      'C37',
      'a header without colon',
      raw([canaries.make('text', 'line'), `Content-Length: ${bytes}`], body),
      BROKEN,
    ],
    ['C37', 'no HTTP', rawAnswer(canaries.plant('{{text:banner}} ready\r\n')), BROKEN],
    [
      'C37',
      'HTTP/0.9: a body and nothing else',
      { bytes: rawAnswer(body), after: 'close' },
      BROKEN,
    ],
    [
      'C37',
      'ICY',
      rawAnswer(`ICY 200 OK\r\n${JSON_TYPE}\r\nContent-Length: ${bytes}\r\n\r\n${body}`),
      BROKEN,
    ],
    [
      'C37',
      'HTTP/1.0 is taken',
      { bytes: rawAnswer(`HTTP/1.0 200 OK\r\n${JSON_TYPE}\r\n\r\n${body}`), after: 'close' },
      'permit',
    ],
    [
      'C37',
      'headers without end',
      rawAnswer(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(60_000)}`),
      BROKEN,
    ],
    [
      'C37',
      'one header without end',
      rawAnswer(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`),
      BROKEN,
    ],
    [
      'C37',
      'trailers',
      raw(
        [chunked, 'Trailer: X-Mail'],
        `${chunk}0\r\nX-Mail: ${canaries.make('email', 'user.email')}\r\n\r\n`,
      ),
      'permit',
    ],
  ]
}

/** Bodies at the limit and beyond it. */
export function sizeRows({ canaries }: World): Row[] {
  const filled = (bytes: number) => {
    const body = userBody(canaries)
    return body.replace('"vip"', `"${'v'.repeat(bytes - Buffer.byteLength(body) + 3)}"`)
  }
  const chunks = async function* (count: number) {
    yield rawAnswer(`${head('200 OK', JSON_TYPE, 'Transfer-Encoding: chunked')}1\r\n"\r\n`)
    const chunk = rawAnswer(`10000\r\n${'x'.repeat(65_536)}\r\n`)
    for (let i = 0; i < count; i += 1) yield chunk
  }
  return [
    ['C35', 'exactly as large as allowed', jsonAnswer(filled(BODY_BYTES_MAX)), 'permit'],
    ['C35', 'a byte too large', jsonAnswer(filled(BODY_BYTES_MAX + 1)), 'upstream-body-refused'],
    [
      'C35',
      'a byte too large, in chunks',
      chunkedAnswer([filled(BODY_BYTES_MAX + 1)]),
      'upstream-body-refused',
    ],
    ['C35', '64 MiB in chunks without end', chunks(1_024), 'upstream-body-refused'],
    [
      'C35',
      '10 GB announced',
      rawAnswer(
        head('200 OK', JSON_TYPE, 'Content-Length: 10000000000') + filled(BODY_BYTES_MAX * 2),
      ),
      'upstream-body-refused',
    ],
    [
      'C35',
      'a bomb: 10 MB in 10 KB of gzip',
      withLines(gzipSync(Buffer.alloc(10_000_000, '[')), JSON_TYPE, 'Content-Encoding: gzip'),
      CODING_REFUSED,
    ],
  ]
}

/** Answers that come too slowly, and one that does not. */
export function timeRows({ canaries }: World): Row[] {
  const answer = jsonAnswer(userBody(canaries))
  const slowly = { chunkBytes: 100, everyMs: ANSWER_TIMEOUT_MS * 3 }
  return [
    ['C125', 'no answer', 'hang', 'upstream-timeout'],
    [
      'C125',
      'half a head, then nothing',
      { bytes: answer.subarray(0, 30), after: 'hang' },
      'upstream-timeout',
    ],
    [
      'C125',
      'half a body, then nothing',
      { bytes: answer.subarray(0, -20), after: 'hang' },
      'upstream-timeout',
    ],
    [
      'C125',
      'a body in parts that come too slowly',
      dripAnswer(answer, slowly),
      'upstream-timeout',
    ],
    [
      'C125',
      'a slow body within the limits is taken',
      dripAnswer(answer, { chunkBytes: 200, everyMs: 50 }),
      'permit',
    ],
  ]
}
