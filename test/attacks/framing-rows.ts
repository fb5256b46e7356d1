/** Requests that others read in two ways, or that ask for another protocol. */
import { get, rawRequest, type Attack, type Outcome } from './attack-table.ts'

/** The route that they ask for. */
export const PATH = '/api/v2/users/1'

const SMUGGLED = 'GET /api/v2/users/666 HTTP/1.1\r\nHost: a\r\n'

/** A header that makes the request odd: refused before the token is looked at. */
export function odd(
  id: string,
  name: string,
  send: Buffer,
  expect: Outcome = 'header-malformed',
): Attack {
  return { id, name, send, expect: [expect], closed: true }
}

/** Headers that name other headers, expect, or stand twice. */
export function connectionRows(agent: string): Attack[] {
  const refused = [
    'Connection: authorization, x-proxy-identity',
    'Connection: close, authorization',
    'Connection: keep-alive, host',
    'Connection: upgrade',
    'Connection: te',
    'Connection: x',
    'Connection: ',
    'Connection: close close',
    'Connection: close\r\nConnection: authorization',
    'Expect: 100-continue',
    'Expect: 200-ok',
    'TE: trailers',
    'TE: gzip;q=1',
    'Trailer: Authorization',
    'Cookie: a=1\r\nCookie: b=2',
    'Content-Type: text/plain\r\nContent-Type: application/json',
    'Authorization: Bearer other',
    'authorization: Basic YTpi',
  ]
  return [
    ...refused.map((lines) => odd('B16', JSON.stringify(lines), get(PATH, agent, lines))),
    {
      id: 'B16',
      name: 'Connection: close',
      send: get(PATH, agent, 'Connection: close'),
      expect: ['permit'],
      closed: true,
    },
    {
      id: 'B16',
      name: 'Connection: Keep-Alive and other headers of the hop',
      send: get(PATH, agent, 'Connection: Keep-Alive', 'Keep-Alive: x', 'Proxy-Connection: x'),
      expect: ['permit'],
    },
  ]
}

/** What no lenient reading is taken of: 400 by the parser, and what follows is not a request. */
export function unreadableRows(agent: string): Attack[] {
  const body = `0\r\n\r\n${SMUGGLED}${agent}\r\n\r\n`
  const headers: readonly string[] = [
    'Content-Length: 4\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 4',
    'Content-Length: 4\r\nContent-Length: 4',
    'Content-Length: 4\r\nContent-Length: 5',
    'Content-Length: 2, 2',
    'Content-Length: +2',
    'Content-Length: -2',
    'Content-Length: 0x2',
    'Content-Length: 2 2',
    'Content-Length: 2.0',
    'Content-Length: ',
    'Content-Length: 99999999999999999999',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding: chunked, gzip',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'X: a\r\n folded: b',
    'X: a\r\n\tfolded',
    'X : a',
    'Transfer-Encoding : chunked',
    ' X: a',
    'X: a\nY: b',
    'X: a\rY: b',
    'X: a\r\r\nY: b',
    'X: a\0b',
    'X\0Y: a',
    'X: a\x01b',
    'X\x7f: a',
    'X(y): a',
    'X',
    ': a',
    'X: \x7f',
  ]
  const lines: readonly string[] = [
    `GET\t${PATH}\tHTTP/1.1`,
    `GET ${PATH} HTTP/1.1 x`,
    `GET ${PATH} x HTTP/1.1`,
    ` GET ${PATH} HTTP/1.1`,
    `get ${PATH} HTTP/1.1`,
    `GETS ${PATH} HTTP/1.1`,
    `FOO ${PATH} HTTP/1.1`,
    `GET ${PATH} http/1.1`,
    `GET ${PATH} HTTP/1.2`,
    `GET ${PATH} HTTP/11`,
    `GET ${PATH} HTTPS/1.1`,
    `GET ${PATH}\0 HTTP/1.1`,
    `GET /api/v2/usérs/1 HTTP/1.1`,
    'PRI * HTTP/2.0\r\n\r\nSM',
  ]
  return [
    ...headers.map((text) =>
      odd(
        'B18',
        JSON.stringify(text),
        rawRequest(`GET ${PATH} HTTP/1.1`, ['Host: a', agent, text], body),
        400,
      ),
    ),
    ...lines.map((line) =>
      odd('B18', JSON.stringify(line), rawRequest(line, ['Host: a', agent], body), 400),
    ),
    ...['identity', 'xchunked', '"chunked"', 'chunked;x'].map((coding): Attack => ({
      id: 'B18',
      name: `Transfer-Encoding: ${coding}`,
      send: rawRequest(
        `GET ${PATH} HTTP/1.1`,
        ['Host: a', agent, `Transfer-Encoding: ${coding}`],
        body,
      ),
      expect: ['header-malformed'],
      closed: true,
    })),
    ...[`GET ${PATH}`, `GET ${PATH} HTTP/2.0`, `GET ${PATH} HTTP/0.9`].map((line) =>
      odd('B18', JSON.stringify(line), rawRequest(line, ['Host: a', agent])),
    ),
    ...[`GET  ${PATH} HTTP/1.1`, `GET ${PATH}  HTTP/1.1`].map((line): Attack => ({
      id: 'B18',
      name: `two spaces, as RFC 9112 3 allows: ${JSON.stringify(line)}`,
      send: rawRequest(line, ['Host: a', agent]),
      expect: ['permit'],
    })),
    odd(
      'B18',
      'bare LF instead of CRLF',
      Buffer.from(get(PATH, agent).toString().replaceAll('\r', '')),
      400,
    ),
    odd('B18', 'a TLS handshake', Buffer.from('16030100010100', 'hex'), 400),
    odd('B18', 'noise', Buffer.from([0, 255, 1, 254, 13, 10, 13, 10]), 400),
  ]
}

/** Bodies where none belongs: refused by the pipeline, on record, and never read as a request. */
export function bodyRows(agent: string): Attack[] {
  const smuggled = `${SMUGGLED}${agent}\r\n\r\n`
  const withBody = (...parts: readonly string[]) => {
    const [header = '', body = ''] = parts
    return Buffer.concat([
      rawRequest(`GET ${PATH} HTTP/1.1`, ['Host: a', agent, header], body),
      get('/api/v2/tickets/9', agent),
    ])
  }
  const chunked = 'Transfer-Encoding: chunked'
  const refusedThenGood: readonly (readonly [name: string, header: string, body: string])[] = [
    ['a body that looks like a request', `Content-Length: ${smuggled.length}`, smuggled],
    ['a short body', 'Content-Length: 2', 'hi'],
    ['a length with zeros before it', 'Content-Length: 002', 'hi'],
    ['chunks', chunked, '2\r\nhi\r\n0\r\n\r\n'],
    ['TE in capitals', 'TRANSFER-ENCODING: CHUNKED', '2\r\nhi\r\n0\r\n\r\n'],
    ['a chunk extension', chunked, '2;a=b\r\nhi\r\n0\r\n\r\n'],
    [
      'a chunk that looks like a request',
      chunked,
      `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    ],
    ['trailers', chunked, '0\r\nAuthorization: Bearer evil\r\nHost: evil\r\n\r\n'],
    ['an empty chunked body', chunked, '0\r\n\r\n'],
  ]
  return [
    ...refusedThenGood.map(([name, header, body]): Attack => ({
      id: 'B21',
      name,
      send: withBody(header, body),
      expect: ['body-unexpected', 'permit'],
    })),
    {
      id: 'B21',
      name: 'length zero is no body',
      send: get(PATH, agent, 'Content-Length: 0'),
      expect: ['permit'],
    },
    {
      id: 'B21',
      name: 'a body that never comes',
      send: get(PATH, agent, 'Content-Length: 10'),
      expect: ['body-unexpected'],
    },
  ]
}

/** Upgrades to protocols that cannot be masked. */
export function upgradeRows(agent: string): Attack[] {
  const webSocket = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13']
  const cases: readonly (readonly [name: string, lines: readonly string[]])[] = [
    ['WebSocket', ['Connection: Upgrade', 'Upgrade: websocket', ...webSocket]],
    ['WebSocket in other case', ['connection: upgrade', 'UPGRADE: WebSocket', ...webSocket]],
    [
      'h2c',
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
    ],
    ['TLS', ['Connection: Upgrade', 'Upgrade: TLS/1.0, HTTP/1.1']],
    ['without Connection', ['Upgrade: h2c']],
    ['two', ['Upgrade: h2c', 'Upgrade: websocket']],
  ]
  return cases.map(([name, lines]) => ({
    id: 'B23',
    name: `upgrade: ${name}`,
    send: Buffer.concat([get(PATH, agent, ...lines), get('/api/v2/users/666', agent)]),
    expect: ['upgrade-refused'],
    closed: true,
  }))
}
