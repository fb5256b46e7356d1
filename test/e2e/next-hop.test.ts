/**
 * What the gateway takes is read in the same way by whoever comes next: each request of a corpus goes through the gateway to a
 * plain nginx and on to the raw upstream. What the gateway wrote, what nginx made of it and what the gateway recorded agree.
 */
import { test, type Test } from 'tap'
import { headerValues, readMessage, type HttpMessage } from '../helpers/http-message.ts'
import { startGatewayProcess, shippedPolicy, type GatewayProcess } from '../helpers/gateway.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { startNginx } from '../helpers/nginx.ts'
import { intentFaults, requestFaults } from '../helpers/oracle-faults.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { requirePeer } from '../helpers/peers.ts'
import { sendRaw, type RawExchange } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream, type RawUpstream, type UpstreamRequest } from '../helpers/upstream.ts'
import { startWireTap, type WireTap } from '../helpers/wire-tap.ts'
import type { AcceptedRequest } from './next-hop/accepted-request.ts'
import { corpus, corpusPolicy } from './next-hop/corpus.ts'
import { canonical } from './next-hop/spellings.ts'

const REQUESTS_MIN = 800
/** What the gateway writes, in whatever order. */
const HEADERS = [
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'host',
  'user-agent',
  'x-request-id',
]
const BODY_HEADERS = ['content-length', 'content-type']

interface Hops {
  readonly gateway: GatewayProcess
  readonly tap: WireTap
  readonly upstream: RawUpstream
  readonly token: string
  readonly host: string
}

test('nginx as the next hop reads each request as the gateway does', async (t) => {
  if (!requirePeer(t, 'nginx')) return
  const hops = await startHops(t)
  const requests = corpus()
  t.ok(requests.length > REQUESTS_MIN, `${requests.length} requests`)
  const faults: string[] = []
  for (const request of requests) {
    const found = await send(hops, request)
    faults.push(...found.map((fault) => `${request.name}: ${fault}`))
  }
  t.same(faults.slice(0, 20), [], `${faults.length} differences`)

  const { gateway, upstream } = hops
  const views = accessViews(await gateway.records())
  t.equal(upstream.requests.length, requests.length, 'the upstream saw each request once')
  const outcomes = views.filter(({ phase }) => phase === 'outcome')
  t.same(
    outcomes.map(({ method }) => method),
    requests.map(({ method }) => method),
    'each request has its record, in order',
  )
  t.same(requestFaults(upstream.requests, views, []), [], 'T3: each target is that of a record')
  t.same(intentFaults(views, upstream.requests), [], 'T2: each write has its intent before it')
  t.same(
    upstream.connections().filter(({ fault, rest }) => fault !== undefined || rest.length > 0),
    [],
    'nothing else came',
  )
})

async function startHops(t: Test): Promise<Hops> {
  const key = await makeKey('ES256')
  const [upstream, tap, issuer] = await Promise.all([
    startRawUpstream(t),
    startWireTap(t),
    startJwksServer(t, [key]),
  ])
  upstream.answer(({ method }) => jsonAnswer(method === 'HEAD' ? '' : '{}'))
  tap.relayTo((await startNginx(t, upstream.port)).port)
  const gateway = await startGatewayProcess(t, {
    policy: corpusPolicy(shippedPolicy()),
    upstreamUrl: tap.url,
    issuer: issuer.issuer,
  })
  const token = await signToken(accessClaims(issuer.issuer), { key })
  return { gateway, tap, upstream, token, host: new URL(tap.url).host }
}

/** Sends one request and says what differs. */
async function send(hops: Hops, request: AcceptedRequest): Promise<string[]> {
  const { gateway, tap, upstream, token } = hops
  const before = upstream.requests.length
  const answer = await sendRaw(gateway.port, bytesOf(request, token))
  const wrote = tap.take()
  const read = upstream.requests.slice(before)
  if (answer.status !== 200) return [`answered with ${answer.status}`]
  const [one] = read
  const message = readMessage(wrote, { unframed: 'empty' })
  if (one === undefined || message === undefined || read.length !== 1)
    return [`nginx read ${read.length} requests in ${wrote.length} bytes`]
  return [
    ...writtenFaults(hops, request, message),
    ...(message.length === wrote.length ? [] : ['more than one request was written']),
    ...readFaults(hops, request, one),
    ...answerFaults(answer, request),
  ]
}

function bytesOf(request: AcceptedRequest, token: string): Buffer {
  const { method, target, headers, body } = request
  const chunked = headers.some(([name]) => name === 'Transfer-Encoding')
  const all = [
    ['Host', 'gateway.example'],
    ['Authorization', `Bearer ${token}`],
    ...headers,
    ...(body === undefined || chunked ? [] : [['Content-Length', String(body.length)]]),
  ]
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1')
  if (body === undefined) return head
  return Buffer.concat([head, ...(chunked ? chunks(body) : [body])])
}

/** Two chunks, cut where a character may be. */
function chunks(body: Buffer): Buffer[] {
  const cut = Math.ceil(body.length / 2)
  const parts = [body.subarray(0, cut), body.subarray(cut)].filter((part) => part.length > 0)
  return [
    ...parts.flatMap((part) => [
      Buffer.from(`${part.length.toString(16)}\r\n`),
      part,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n\r\n'),
  ]
}

function targetOf({ path, pairs }: AcceptedRequest): string {
  const query = pairs.map(([name, value]) => `${canonical(name)}=${canonical(value)}`).join('&')
  return query === '' ? path : `${path}?${query}`
}

/** What the gateway wrote is what it must have made of the request, to the byte. */
function writtenFaults(hops: Hops, request: AcceptedRequest, message: HttpMessage): string[] {
  const { content } = request
  const names = message.headers.map(([name]) => name.toLowerCase()).toSorted()
  const wanted = [...HEADERS, ...(content === undefined ? [] : BODY_HEADERS)].toSorted()
  // RFC 9110 8.6: a POST without content may say so.
  const own = content === undefined ? names.filter((name) => name !== 'content-length') : names
  const value = (name: string) => headerValues(message.headers, name).join(', ')
  return differences('wrote', [
    ['the line', message.startLine, `${request.method} ${targetOf(request)} HTTP/1.1`],
    ['the headers', own.join(' '), wanted.join(' ')],
    ['the host', value('host'), hops.host],
    ['the credential', value('authorization'), `Bearer ${hops.gateway.upstreamToken}`],
    ['the type', value('content-type'), content?.type ?? ''],
    ['the body', message.body.toString('latin1'), content?.bytes.toString('latin1') ?? ''],
  ])
}

/** What nginx read is the same: before it understood the request, as it understood it, and as it sent it on. */
function readFaults(hops: Hops, request: AcceptedRequest, read: UpstreamRequest): string[] {
  const { path, pairs, method, content } = request
  const value = (name: string) => headerValues(read.headers, name).join(', ')
  const query = targetOf(request).slice(path.length + 1)
  return differences('nginx read', [
    ['the line', value('x-read-line'), `${method} ${targetOf(request)} HTTP/1.1`],
    ['the method', value('x-read-method'), method],
    ['the path', value('x-read-path'), path],
    ['the query', value('x-read-query'), query],
    ['the parameters', JSON.stringify([...new URLSearchParams(query)]), JSON.stringify(pairs)],
    ['the host', value('x-read-host'), new URL(hops.tap.url).hostname],
    ['the host as sent', value('host'), hops.host],
    ['the type', value('x-read-type'), content?.type ?? ''],
    ['the length', value('x-read-length') || '0', String(content?.bytes.length ?? 0)],
    ['a coding', value('x-read-coding'), ''],
    ['the target to send on', read.target, targetOf(request)],
    ['the method to send on', read.method, method],
    ['the body', read.body.toString('latin1'), content?.bytes.toString('latin1') ?? ''],
  ])
}

function answerFaults(answer: RawExchange, { method }: AcceptedRequest): string[] {
  return differences('answered', [
    ['the body', answer.body.toString(), method === 'HEAD' ? '' : '{}'],
    ['more', answer.rest.toString('latin1'), ''],
  ])
}

function differences(
  verb: string,
  rows: readonly (readonly [what: string, found: string, wanted: string])[],
): string[] {
  return rows
    .filter(([, found, wanted]) => found !== wanted)
    .map(([what, found, wanted]) => `${verb} ${what}: ${short(found)}, not ${short(wanted)}`)
}

function short(text: string): string {
  return JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}… (${text.length})` : text)
}
