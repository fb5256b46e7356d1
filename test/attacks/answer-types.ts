/** Answers by content type and coding: one kind is taken, and everything that could be taken for it is not. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import {
  BROKEN,
  CODING_REFUSED,
  JSON_TYPE,
  TYPE_REFUSED,
  withLines,
  type Row,
} from './answer-rows.ts'

/** Content types: missing, double, near misses, and other formats under the right one. */
export function typeRows({ canaries }: World): Row[] {
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
    ['C26', 'no content type', withLines(body), TYPE_REFUSED],
    ['C26', 'two, JSON first', typed('application/json', 'text/html'), TYPE_REFUSED],
    ['C26', 'two, JSON last', typed('text/html', 'application/json'), TYPE_REFUSED],
    ['C26', 'JSON twice', typed('application/json', 'application/json'), TYPE_REFUSED],
    [
      'C26',
      'other case, twice',
      withLines(body, JSON_TYPE, 'CONTENT-TYPE: text/html'),
      TYPE_REFUSED,
    ],
    ...refused.map((type): Row => [
      'C26',
      `type ${JSON.stringify(type)}`,
      typed(type),
      TYPE_REFUSED,
    ]),
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

/** Content codings, although none was asked for. */
export function codingRows({ canaries }: World): Row[] {
  const body = Buffer.from(userBody(canaries))
  const coded = (name: string, bytes: Buffer) =>
    withLines(bytes, JSON_TYPE, `Content-Encoding: ${name}`)
  return [
    ['C33', 'gzip', coded('gzip', gzipSync(body)), CODING_REFUSED],
    ['C33', 'x-gzip', coded('x-gzip', gzipSync(body)), CODING_REFUSED],
    ['C33', 'deflate', coded('deflate', deflateSync(body)), CODING_REFUSED],
    ['C33', 'br', coded('br', brotliCompressSync(body)), CODING_REFUSED],
    ['C33', 'zstd', coded('zstd', zstdCompressSync(body)), CODING_REFUSED],
    ['C33', 'gzip, gzip', coded('gzip, gzip', gzipSync(gzipSync(body))), CODING_REFUSED],
    ['C33', 'gzip said and plain sent', coded('gzip', body), CODING_REFUSED],
    ['C33', 'an unknown coding', coded('rot13', body), CODING_REFUSED],
    [
      'C33',
      'identity twice',
      withLines(body, JSON_TYPE, 'Content-Encoding: identity', 'Content-Encoding: gzip'),
      CODING_REFUSED,
    ],
    ['C33', 'an empty coding', coded('', body), CODING_REFUSED],
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
