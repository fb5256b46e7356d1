/** Header lists that Node's parser lets through, and what the gateway says to them. */
import type { IncomingMessage } from 'node:http'
import { test } from 'tap'
import { framingFault, hasBody } from '../../src/proxy/request/framing.ts'

/** A request with these raw headers, parsed as Node does: repeated ones joined, or the first kept. */
function request(...raw: readonly (readonly [name: string, value: string])[]): IncomingMessage {
  const headers: Record<string, string> = {}
  for (const [name, value] of raw) {
    const key = name.toLowerCase()
    const first = headers[key]
    headers[key] = first === undefined ? value : key === 'host' ? first : `${first}, ${value}`
  }
  return { httpVersion: '1.1', headers, rawHeaders: raw.flat() } as unknown as IncomingMessage
}

const HOST = ['Host', 'desk.example'] as const

test('ordinary requests have no fault', (t) => {
  const hosts = [
    'desk.example',
    'desk.example:8443',
    'localhost',
    '127.0.0.1:80',
    '[::1]:8080',
    'a_b',
  ]
  for (const host of hosts) t.equal(framingFault(request(['Host', host])), undefined, host)
  t.equal(framingFault(request(HOST, ['Connection', 'keep-alive'])), undefined)
  t.equal(framingFault(request(HOST, ['connection', 'Close'])), undefined)
  t.equal(framingFault(request(HOST, ['Accept', 'a/b'], ['Accept', 'c/d'])), undefined)
  t.equal(framingFault(request(HOST, ['X-Original-URL', '/users/1'])), undefined, 'never forwarded')
  t.end()
})

test('a header that others could read differently refuses the request', (t) => {
  const bad: readonly (readonly [why: string, ...raw: (readonly [string, string])[]])[] = [
    ['no Host'],
    ['an empty Host', ['Host', '']],
    ['two Hosts', HOST, ['Host', 'other.example']],
    ['two equal Hosts', HOST, ['host', 'desk.example']],
    ['a Host with a space', ['Host', 'a b']],
    ['a Host with a path', ['Host', 'a/c']],
    ['a Host with a user', ['Host', 'me@desk.example']],
    ['a list of Hosts', ['Host', 'a.example, b.example']],
    ['a Host with a long port', ['Host', 'a.example:123456']],
    ['a Host beyond ASCII', ['Host', 'é.example']],
    ['two tokens', HOST, ['Authorization', 'Bearer a'], ['AUTHORIZATION', 'Bearer b']],
    ['two lengths', HOST, ['Content-Length', '0'], ['Content-Length', '0']],
    ['two codings', HOST, ['Transfer-Encoding', 'chunked'], ['Transfer-Encoding', 'identity']],
    ['two types', HOST, ['Content-Type', 'a/b'], ['Content-Type', 'a/b']],
    ['two Cookies', HOST, ['Cookie', 'a=b'], ['Cookie', 'c=d']],
    ['a Connection that names headers', HOST, ['Connection', 'authorization, x-proxy-identity']],
    ['a Connection list', HOST, ['Connection', 'close, keep-alive']],
    ['two Connections', HOST, ['Connection', 'close'], ['Connection', 'close']],
    ['Connection: TE', HOST, ['Connection', 'TE'], ['TE', 'trailers']],
    ['an expectation', HOST, ['Expect', '100-continue']],
    ['TE', HOST, ['TE', 'trailers']],
    ['trailers', HOST, ['Trailer', 'Authorization']],
  ]
  for (const [why, ...raw] of bad) t.equal(framingFault(request(...raw)), 'header-malformed', why)
  t.end()
})

function speak(httpVersion: string) {
  return framingFault(Object.assign(request(HOST), { httpVersion }))
}

test('other versions of HTTP are refused', (t) => {
  t.equal(speak('1.0'), undefined)
  for (const version of ['0.9', '2.0', '1.2', '1.10', '']) {
    t.equal(speak(version), 'header-malformed', version)
  }
  t.end()
})

test('an upgrade is told apart', (t) => {
  for (const protocol of ['websocket', 'h2c', 'TLS/1.0', '']) {
    const asked = request(HOST, ['Connection', 'Upgrade'], ['Upgrade', protocol])
    t.equal(framingFault(asked), 'upgrade-refused', protocol)
  }
  t.end()
})

test('a body is seen by either way to announce it', (t) => {
  t.notOk(hasBody(request(HOST)))
  t.notOk(hasBody(request(HOST, ['Content-Length', '0'])))
  t.ok(hasBody(request(HOST, ['Content-Length', '1'])))
  t.ok(hasBody(request(HOST, ['Content-Length', '00'])), 'an odd length is one')
  t.ok(hasBody(request(HOST, ['Transfer-Encoding', 'chunked'])))
  t.end()
})
