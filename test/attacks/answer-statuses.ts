/** Answers by status and header: what an upstream says beside its body stays here. */
import { userBody } from '../helpers/helpdesk-answers.ts'
import { chunkedAnswer, jsonAnswer, rawAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import type { Outcome } from './attack-table.ts'
import {
  BROKEN,
  head,
  JSON_TYPE,
  STATUS_REFUSED,
  TYPE_REFUSED,
  withLines,
  type Row,
} from './answer-rows.ts'

/** Every class of status, with canaries in reason phrase, headers and body. */
export function statusRows({ canaries }: World): Row[] {
  const body = userBody(canaries)
  const leak = canaries.make('text', 'status.leak')
  const answer = (status: string, ...lines: readonly string[]) =>
    rawAnswer(
      `${head(status, JSON_TYPE, ...lines, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`,
    )
  const places = [300, 301, 302, 303, 305, 306, 307, 308]
  const redirects = new Set([301, 302, 303, 307, 308])
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
    ...places.map((status): Row => [
      'C40',
      `${status} with a place`,
      answer(`${status} ${leak}`, `Location: https://helpdesk.example/${leak}`),
      redirects.has(status) ? 'upstream-redirect-refused' : STATUS_REFUSED,
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
    ['C40', '206', answer('206 Partial Content', 'Content-Range: bytes 0-10/100'), STATUS_REFUSED],
    ['C40', '200 with a range', answer('200 OK', 'Content-Range: bytes 0-10/100'), STATUS_REFUSED],
    ['C40', '207', answer('207 Multi-Status'), STATUS_REFUSED],
    ['C40', '226', answer('226 IM Used'), STATUS_REFUSED],
    ['C40', '299', answer('299 Other'), STATUS_REFUSED],
    ['C40', '304', rawAnswer(head('304 Not Modified', `ETag: "${leak}"`)), STATUS_REFUSED],
    ['C40', '304 with a body', answer('304 Not Modified'), STATUS_REFUSED],
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
    [
      'C49',
      '200 without type and body',
      rawAnswer(head('200 OK', 'Content-Length: 0')),
      TYPE_REFUSED,
    ],
  ]
}

function withStatus(status: string, type: string, body: string): Buffer {
  return rawAnswer(
    `${head(status, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`,
  )
}

/** Headers that would name, cache, link or log what the body hides. */
export function headerRows({ canaries }: World): Row[] {
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
