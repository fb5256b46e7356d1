/** Section C of the threat model: what an upstream may answer, and that nothing of anything else leaves. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import type { RawOptions } from '../helpers/raw-client.ts'
import {
  chunkedAnswer,
  cutAnswer,
  dripAnswer,
  jsonAnswer,
  rawAnswer,
  type UpstreamAnswer,
} from '../helpers/upstream-answers.ts'
import { startWorld, withTimeouts, type World } from '../helpers/world.ts'
import type { Reason } from '../../src/core/reasons.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
  type Outcome,
} from './attack-table.ts'

const BODY_BYTES_MAX = 65_536
const ANSWER_TIMEOUT_MS = 700
const JSON_TYPE = 'Content-Type: application/json'

/** What a row about an answer says: its number, name, answer and outcome. */
type Row = readonly [id: string, name: string, answer: UpstreamAnswer, expect: Outcome]

test('section C: what cannot be masked does not leave', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...withTimeouts(policy, { connect: '500ms', answer: `${ANSWER_TIMEOUT_MS}ms` }),
      limits: { bodyBytesMax: BODY_BYTES_MAX, streamedBytesMax: 0 },
    }),
  })
  const send = get('/api/v2/users/7', `Authorization: Bearer ${await world.token()}`)
  const options: RawOptions = { timeoutMs: 5_000 }
  const rows: readonly Row[] = [
    ...typeRows(world),
    ...codingRows(world),
    ...framingRows(world),
    ...sizeRows(world),
    ...statusRows(world),
    ...headerRows(world),
    ...timeRows(world),
  ]
  const attacks = rows.map(([id, name, answer, expect]): Attack => {
    return { id, name, send, options, answer, expect: [expect] }
  })
  const tally = await runAttacks(
    t,
    world,
    [...attacks, ...leftoverRows(world, send), ...due()],
    createTally(),
  )
  await t.test('C37 an upstream that is down', async (row) => {
    await world.upstream.close()
    await runAttacks(
      row,
      world,
      [{ id: 'C37', name: 'refused', send, expect: ['upstream-unreachable'], upstream: 0 }],
      tally,
    )
  })
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

const REFUSED: Reason = 'upstream-answer-refused'
const BROKEN: Reason = 'upstream-unreachable'

function head(status: string, ...lines: readonly string[]): string {
  return [`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n')
}

/** An answer whose length is right, with whatever header lines are given. */
function withLines(body: string | Buffer, ...lines: readonly string[]): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([
    Buffer.from(head('200 OK', ...lines, `Content-Length: ${bytes.length}`), 'latin1'),
    bytes,
  ])
}

function typeRows({ canaries }: World): Row[] {
  const body = userBody(canaries)
  const typed = (...types: readonly string[]) =>
    withLines(body, ...types.map((type) => `Content-Type: ${type}`))
  const refused = [
    'text/plain',
    'text/html; charset=utf-8',
    'application/octet-stream',
    'application/javascript',
    'text/javascript',
    'text/json',
    'application/jsonp',
    'application/x-json',
    'application/x-ndjson',
    'application/jsonl',
    'application/json-seq',
    'text/event-stream',
    'text/csv',
    'application/pdf',
    'application/zip',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'multipart/form-data; boundary=x',
    'multipart/byteranges; boundary=x',
    'application/problem+xml',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-7',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; profile=x',
    'application/json, text/html',
    'application/json text/html',
    'application/json;text/html',
    'json',
    '*/*',
    '',
  ]
  const taken = [
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset="UTF-8"',
    'application/hal+json',
  ]
  return [
    ['C26', 'no content type', withLines(body), REFUSED],
    ['C26', 'two, JSON first', typed('application/json', 'text/html'), REFUSED],
    ['C26', 'two, JSON last', typed('text/html', 'application/json'), REFUSED],
    ['C26', 'JSON twice', typed('application/json', 'application/json'), REFUSED],
    ['C26', 'other case, twice', withLines(body, JSON_TYPE, 'CONTENT-TYPE: text/html'), REFUSED],
    ...refused.map((type): Row => ['C26', `type ${JSON.stringify(type)}`, typed(type), REFUSED]),
    ...taken.map((type): Row => [
      'C26',
      `type ${JSON.stringify(type)} is taken`,
      typed(type),
      'permit',
    ]),
    ['C29', 'JSONP under a JSON type', jsonAnswer(`x(${body})`), 'upstream-body-refused'],
    ['C29', 'a prefix against scripts', jsonAnswer(`)]}',\n${body}`), 'upstream-body-refused'],
    [
      'C31',
      'lines of JSON under a JSON type',
      jsonAnswer(`${body}\n${body}\n`),
      'upstream-body-refused',
    ],
    ['C31', 'a record separator (RFC 7464)', jsonAnswer(`\x1e${body}\n`), 'upstream-body-refused'],
    ['C31', 'events under a JSON type', jsonAnswer(`data: ${body}\n\n`), 'upstream-body-refused'],
    ['C32', 'HTML under a JSON type', jsonAnswer(`<p>${body}</p>`), 'upstream-body-refused'],
    [
      'C32',
      'CSV under a JSON type',
      jsonAnswer(canaries.plant('id,email\n7,{{email:user.email}}\n')),
      'upstream-body-refused',
    ],
    [
      'C32',
      'a content disposition is not passed on',
      withLines(body, JSON_TYPE, 'Content-Disposition: attachment'),
      'permit',
    ],
  ]
}

function codingRows({ canaries }: World): Row[] {
  const body = Buffer.from(userBody(canaries))
  const coded = (name: string, bytes: Buffer) =>
    withLines(bytes, JSON_TYPE, `Content-Encoding: ${name}`)
  return [
    ['C33', 'gzip', coded('gzip', gzipSync(body)), REFUSED],
    ['C33', 'x-gzip', coded('x-gzip', gzipSync(body)), REFUSED],
    ['C33', 'deflate', coded('deflate', deflateSync(body)), REFUSED],
    ['C33', 'br', coded('br', brotliCompressSync(body)), REFUSED],
    ['C33', 'zstd', coded('zstd', zstdCompressSync(body)), REFUSED],
    ['C33', 'gzip, gzip', coded('gzip, gzip', gzipSync(gzipSync(body))), REFUSED],
    ['C33', 'gzip said and plain sent', coded('gzip', body), REFUSED],
    ['C33', 'an unknown coding', coded('rot13', body), REFUSED],
    [
      'C33',
      'identity twice',
      withLines(body, JSON_TYPE, 'Content-Encoding: identity', 'Content-Encoding: gzip'),
      REFUSED,
    ],
    ['C33', 'an empty coding', coded('', body), REFUSED],
    ['C33', 'identity is taken', coded('identity', body), 'permit'],
    [
      'C33',
      'gzip sent and not said',
      withLines(gzipSync(body), JSON_TYPE),
      'upstream-body-refused',
    ],
    [
      'C33',
      'gzip as transfer coding',
      withLines(gzipSync(body), JSON_TYPE, 'Transfer-Encoding: gzip, chunked'),
      BROKEN,
    ],
  ]
}

function framingRows({ canaries }: World): Row[] {
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

function sizeRows({ canaries }: World): Row[] {
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
      REFUSED,
    ],
  ]
}

function statusRows({ canaries }: World): Row[] {
  const body = userBody(canaries)
  const leak = canaries.make('text', 'status.leak')
  const answer = (status: string, ...lines: readonly string[]) =>
    rawAnswer(
      `${head(status, JSON_TYPE, ...lines, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`,
    )
  const redirects = [300, 301, 302, 303, 305, 306, 307, 308]
  const callers = [400, 404, 405, 406, 409, 410, 413, 415, 422, 429]
  const hidden = [
    401, 402, 403, 407, 408, 411, 412, 414, 416, 417, 418, 421, 423, 425, 426, 428, 431, 451, 499,
    500, 501, 502, 503, 504, 505, 511, 599,
  ]
  const passed = (status: number): Outcome => ({ reason: 'upstream-error', status })
  return [
    ...[201, 202, 203].map((status): Row => [
      'C40',
      `${status} is taken`,
      answer(`${status} ${leak}`),
      { reason: 'role-permits', status },
    ]),
    ...redirects.map((status): Row => [
      'C40',
      `${status} with a place`,
      answer(`${status} ${leak}`, `Location: https://helpdesk.example/${leak}`),
      REFUSED,
    ]),
    ...callers.map((status): Row => [
      'C40',
      `${status} is passed on bare`,
      answer(`${status} ${leak}`, `X-Error: ${leak}`),
      passed(status),
    ]),
    ...hidden.map((status): Row => [
      'C40',
      `${status} is no business of the caller`,
      answer(`${status} ${leak}`, `WWW-Authenticate: Basic realm="${leak}"`, 'Retry-After: 9999'),
      passed(502),
    ]),
    [
      'C40',
      'an HTML page of errors',
      withStatus('500 Oops', 'text/html', canaries.plant('<pre>{{email:user.email}}</pre>')),
      passed(502),
    ],
    [
      'C40',
      'a reason phrase in JSON',
      withStatus(
        `422 ${leak}`,
        'application/json',
        canaries.plant('{"error":"{{email:user.email}} already taken"}'),
      ),
      passed(422),
    ],
    ['C40', '204 with a body', answer('204 No Content'), { reason: 'role-permits', status: 204 }],
    [
      'C40',
      '205 with a body',
      answer('205 Reset Content'),
      { reason: 'role-permits', status: 205 },
    ],
    ['C40', '206', answer('206 Partial Content', 'Content-Range: bytes 0-10/100'), REFUSED],
    ['C40', '200 with a range', answer('200 OK', 'Content-Range: bytes 0-10/100'), REFUSED],
    ['C40', '207', answer('207 Multi-Status'), REFUSED],
    ['C40', '226', answer('226 IM Used'), REFUSED],
    ['C40', '299', answer('299 Other'), REFUSED],
    ['C40', '304', rawAnswer(head('304 Not Modified', `ETag: "${leak}"`)), REFUSED],
    ['C40', '304 with a body', answer('304 Not Modified'), REFUSED],
    ['C40', '999', answer('999 x'), BROKEN],
    ['C40', '600', answer('600 x'), BROKEN],
    ['C40', '099', answer('099 x'), BROKEN],
    ['C40', '000', answer('000 x'), BROKEN],
    ['C40', 'four digits', answer('2000 OK'), BROKEN],
    ['C40', 'no digits', answer('abc OK'), BROKEN],
    [
      'C40',
      '101 unasked',
      rawAnswer(
        `${head('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade')}${body}`,
      ),
      BROKEN,
    ],
    ['C40', '100, then 200', rawAnswer(head('100 Continue') + answer('200 OK').toString()), BROKEN],
    [
      'C40',
      '103 with links, then 200',
      rawAnswer(head('103 Early Hints', `Link: </${leak}>`) + answer('200 OK').toString()),
      'permit',
    ],
    [
      'C40',
      '102 again and again, then 200',
      rawAnswer(head('102 Processing').repeat(50) + answer('200 OK').toString()),
      'permit',
    ],
    ['C49', '200 without a body', jsonAnswer(''), 'upstream-body-refused'],
    ['C49', '200 without type and body', rawAnswer(head('200 OK', 'Content-Length: 0')), REFUSED],
  ]
}

function withStatus(status: string, type: string, body: string): Buffer {
  return rawAnswer(
    `${head(status, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`,
  )
}

function headerRows({ canaries }: World): Row[] {
  const body = userBody(canaries)
  const leak = canaries.make('email', 'header.leak')
  const names = [
    'ETag',
    'Last-Modified',
    'Link',
    'Location',
    'Content-Location',
    'Set-Cookie',
    'X-Total-Count',
    'X-User',
    'Server',
    'Via',
    'Warning',
    'Refresh',
    'Content-Language',
    'Content-Security-Policy',
    'Access-Control-Allow-Origin',
    'Access-Control-Expose-Headers',
    'Alt-Svc',
    'Server-Timing',
    'Report-To',
    'Celosia-Masked',
    'X-Accel-Redirect',
    'X-Sendfile',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Age',
    'Expires',
  ]
  return [
    ...names.map((name): Row => [
      'C81',
      `header ${name}`,
      withLines(body, JSON_TYPE, `${name}: ${leak}`),
      'permit',
    ]),
    [
      'C81',
      'caching allowed to all',
      withLines(
        body,
        JSON_TYPE,
        'Cache-Control: public, max-age=600',
        'Expires: Thu, 01 Jan 2037 00:00:00 GMT',
        'Vary: *',
      ),
      'permit',
    ],
    [
      'C81',
      'Trailer announced, none sent',
      withLines(body, JSON_TYPE, 'Trailer: X-Checksum'),
      'permit',
    ],
    [
      'C81',
      'Trailer announced with chunks',
      chunkedAnswer([body], { headers: [['Trailer', 'X-Checksum']] }),
      'permit',
    ],
    [
      'C81',
      'Connection: names other headers',
      withLines(body, JSON_TYPE, 'Connection: content-type, x-y'),
      'permit',
    ],
  ]
}

function timeRows({ canaries }: World): Row[] {
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

/** What an upstream sends beyond its answer must never become the answer of the next request. */
function leftoverRows(world: World, send: Buffer): Attack[] {
  const { canaries } = world
  const body = userBody(canaries)
  const whole = jsonAnswer(body)
  const extras: readonly (readonly [name: string, extra: Buffer])[] = [
    ['the end of chunks twice', Buffer.concat([chunkedAnswer([body]), rawAnswer('0\r\n\r\n')])],
    [
      'a second answer',
      Buffer.concat([
        whole,
        jsonAnswer(canaries.plant('{"user":{"id":8,"role":"{{text:leftover}}"}}')),
      ]),
    ],
    ['bytes that are none', Buffer.concat([whole, rawAnswer(canaries.plant('{{text:leftover}}'))])],
    ['204 with a body', rawAnswer(`${head('204 No Content')}${body}`)],
  ]
  return extras.flatMap(([name, answer]): Attack[] => [
    {
      id: 'C37',
      name: `beyond the answer: ${name}`,
      send,
      answer,
      expect: [name.startsWith('204') ? { reason: 'role-permits', status: 204 } : 'permit'],
    },
    {
      id: 'C37',
      name: `the next request after: ${name}`,
      send: Buffer.from(send.toString('latin1').replace('/users/7', '/tickets/9'), 'latin1'),
      expect: ['permit'],
      check: (t, { body: got }) =>
        void t.match(got.toString(), /^\{"ticket":\{"id":9,/, 'it gets its own answer'),
    },
  ])
}

function due(): Attack[] {
  return [
    { id: 'C31', name: 'record-wise masking of line streams', due: 'streams' },
    {
      id: 'C32',
      name: 'masking of CSV exports, opaque attachments',
      due: 'exports and attachments',
    },
    { id: 'C33', name: 'decoding of one known coding under a cap', due: 'content codings' },
    { id: 'C40', name: 'masked texts of upstream errors', due: 'errors through the engine' },
  ]
}
