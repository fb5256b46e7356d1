/** What is special to the sinks that speak HTTP: what they send, how they prove who they are, and what they wait for. */
import { test, type Test } from 'tap'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { DeliveryError } from '../../src/shipping/delivery-error.ts'
import type { Payload, Sink } from '../../src/shipping/sink.ts'
import { createHttpClient, statusFailure } from '../../src/shipping/sinks/http-client.ts'
import { createOtlpSink } from '../../src/shipping/sinks/otlp-sink.ts'
import { createSplunkSink, type SplunkSinkOptions } from '../../src/shipping/sinks/splunk-sink.ts'
import { createWebhookSink } from '../../src/shipping/sinks/webhook-sink.ts'
import { SAMPLES } from '../audit/export/samples.ts'
import { requirePeer } from '../helpers/peers.ts'
import { makeCertificates } from '../helpers/siem/certificates.ts'
import { startHttpReceiver, type HttpReceiver } from '../helpers/siem/http-receiver.ts'
import { readOtlp } from '../helpers/siem/read-otlp.ts'

const never = new AbortController().signal
const KEYS = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const
const FORMAT = { format: 'ocsf', productVersion: '0.1.0', recordBytesMax: 65_536 } as const

test('Splunk is sent events with their time, their source and their place in the chain', async (t) => {
  const receiver = await startHttpReceiver(t, () => ({ status: 200, body: '{"code":0}' }))
  for (const format of ['ocsf', 'cef'] as const) {
    const sink = splunk(t, receiver, { format })
    await sink.deliver(all(sink), never)
    const { path, headers, body } = receiver.requests.pop() ?? { path: '', headers: {}, body: '' }
    t.equal(path, '/services/collector/event')
    t.match(headers, {
      authorization: 'Splunk the-token',
      'x-splunk-request-channel': /^[0-9a-f-]{36}$/,
    })
    const events = body.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    t.equal(events.length, Object.keys(SAMPLES).length)
    const { record, envelope } = Object.values(SAMPLES)[0] ?? never_()
    t.match(events[0], {
      time: 1_795_000_000.123,
      host: 'gateway-1',
      source: 'celosia',
      sourcetype: `celosia:audit:${format}`,
      index: 'audit',
      fields: {
        record_id: record.id,
        writer: envelope.writer,
        sequence: String(envelope.sequence),
      },
      event: format === 'cef' ? /^CEF:0\|/ : record.event,
    })
  }
})

test('with indexer acknowledgement a batch counts once Splunk has indexed it', async (t) => {
  let asked = 0
  const receiver = await startHttpReceiver(t, ({ path, body }) => {
    if (path === '/services/collector/event') return { status: 200, body: '{"code":0,"ackId":7}' }
    asked += 1
    if (asked === 2) return { status: 500 }
    t.same(JSON.parse(body), { acks: [7] })
    return { status: 200, body: JSON.stringify({ acks: { 7: asked > 3 } }) }
  })
  const sink = splunk(t, receiver, { acknowledgement: { pollMs: 5, timeoutMs: 60_000 } })
  await sink.deliver(all(sink), never)
  t.equal(asked, 4, 'it asks again, also where asking fails')
  const channels = receiver.requests.map(({ headers }) => headers['x-splunk-request-channel'])
  t.equal(new Set(channels).size, 1, 'on one channel')

  await t.test('one that is never indexed is sent again later', async (t) => {
    receiver.answer = ({ path }) =>
      path === '/services/collector/event'
        ? { status: 200, body: '{"code":0,"ackId":8}' }
        : { status: 200, body: '{"acks":{"8":false}}' }
    const impatient = splunk(t, receiver, { acknowledgement: { pollMs: 5, timeoutMs: 60 } })
    await t.rejects(impatient.deliver(all(impatient), never), { kind: 'passing', message: /index/ })
  })
  await t.test('a token without it is not configured as said', async (t) => {
    receiver.answer = () => ({ status: 200, body: '{"code":0}' })
    await t.rejects(sink.deliver(all(sink), never), { kind: 'misconfigured', message: /ackId/ })
  })
})

test('a collector is sent all records of a batch in one request', async (t) => {
  const receiver = await startHttpReceiver(t, () => ({ status: 200, body: '{}' }))
  const sink = createOtlpSink({
    url: new URL(`${receiver.url}/v1/logs`),
    tls: {},
    timeoutMs: 60_000,
    headers: { 'x-api-key': 'key' },
    compression: 'gzip',
    productVersion: '0.1.0',
    recordBytesMax: 65_536,
    clock: systemClock,
  })
  t.teardown(() => sink.close())
  await sink.deliver(all(sink), never)
  const [request] = receiver.requests
  t.match(request, {
    path: '/v1/logs',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-api-key': 'key' },
  })
  const { resource, scope, records } = readOtlp(request?.body ?? '')
  t.match(resource, { 'service.name': 'celosia', 'service.version': '0.1.0' })
  t.equal(scope.name, 'celosia.audit')
  t.same(
    records.map(({ body }) => body),
    Object.values(SAMPLES).map(({ record }) => record.event),
  )
})

test('a webhook is signed by Standard Webhooks, as its own library verifies', async (t) => {
  const receiver = await startHttpReceiver(t, () => ({ status: 200 }))
  const sink = webhook(t, receiver, systemClock)
  const payloads = all(sink)
  await sink.deliver(payloads, never)
  await sink.deliver(payloads, never)
  await sink.deliver(payloads.slice(1), never)
  const [first, second, third] = receiver.requests
  if (first === undefined || second === undefined || third === undefined) throw new Error('none')
  for (const key of KEYS) {
    const verified = new Webhook(key.toString('base64')).verify(
      first.body,
      headersOf(first),
    ) as object
    t.match(verified, { type: 'celosia.audit.records' }, 'each key has signed')
  }
  const receiverOfOthers = new Webhook(Buffer.alloc(32, 3).toString('base64'))
  t.throws(() => receiverOfOthers.verify(first.body, headersOf(first)), WebhookVerificationError)
  const own = new Webhook(KEYS[0].toString('base64'))
  t.throws(() => own.verify(first.body.replace('agent-7', 'agent-8'), headersOf(first)))
  t.equal(first.headers['webhook-id'], second.headers['webhook-id'], 'a repetition has the same id')
  t.equal(first.body, second.body, 'and the same body')
  t.not(first.headers['webhook-id'], third.headers['webhook-id'], 'another batch has another')
})

test('what is replayed later than five minutes is refused by the receiver', async (t) => {
  const receiver = await startHttpReceiver(t, () => ({ status: 200 }))
  for (const offMs of [-301_000, 301_000]) {
    const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + offMs }
    const sink = webhook(t, receiver, clock)
    await sink.deliver(all(sink), never)
    const request = receiver.requests.at(-1)
    if (request === undefined) throw new Error('none')
    const own = new Webhook(KEYS[0].toString('base64'))
    t.throws(() => own.verify(request.body, headersOf(request)), /timestamp/)
  }
})

test('certificates are verified, and our own is shown where it is asked for', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const { file } = await makeCertificates(t)
  const [ca, other, cert, key, ownCert, ownKey, strange, strangeKey] = await Promise.all(
    [
      'ca.pem',
      'other.pem',
      'server.pem',
      'server.key',
      'client.pem',
      'client.key',
      'other.pem',
      'other.key',
    ].map(file),
  )
  const receiver = await startHttpReceiver(t, () => ({ status: 200 }), {
    ca,
    cert,
    key,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const post = async (tls: object, host = '127.0.0.1') => {
    const client = createHttpClient({
      url: new URL(`https://${host}:${receiver.port}/`),
      tls,
      headers: {},
      timeoutMs: 60_000,
    })
    try {
      return await client.post({ body: Buffer.from('{}') }, never)
    } catch (error) {
      return error as DeliveryError
    } finally {
      client.close()
    }
  }
  t.match(await post({ ca, cert: ownCert, key: ownKey }), { status: 200 })
  t.match(await post({ cert: ownCert, key: ownKey }), {
    kind: 'misconfigured',
    message: /certificate/,
  })
  t.match(await post({ ca: other, cert: ownCert, key: ownKey }), { kind: 'misconfigured' })
  t.match(await post({ ca, cert: ownCert, key: ownKey }, 'localhost'), {
    kind: 'misconfigured',
    message: /ERR_TLS_CERT_ALTNAME_INVALID/,
  })
  t.ok((await post({ ca })) instanceof DeliveryError, 'without ours the receiver refuses')
  t.ok((await post({ ca, cert: strange, key: strangeKey })) instanceof DeliveryError)
  t.equal(receiver.requests.length, 1, 'nothing but the first was sent')
})

test('statuses are told apart, and a receiver may say when to come again', (t) => {
  const nowMs = Date.parse('2026-11-25T08:00:00Z')
  const of = (status: number, retryAfter?: string) => {
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
    return statusFailure({ status, headers, body: '' }, nowMs)
  }
  t.equal(of(200), undefined)
  t.equal(of(204), undefined)
  const kinds = [302, 400, 401, 403, 404, 408, 413, 415, 422, 425, 429, 500, 501, 502, 503, 504]
  t.same(
    kinds.map((status) => `${status} ${of(status)?.kind}`),
    [
      '302 misconfigured',
      '400 refused',
      '401 misconfigured',
      '403 misconfigured',
      '404 misconfigured',
      '408 passing',
      '413 refused',
      '415 refused',
      '422 refused',
      '425 passing',
      '429 passing',
      '500 passing',
      '501 passing',
      '502 passing',
      '503 passing',
      '504 passing',
    ],
  )
  t.equal(of(429, '120')?.retryAfterMs, 120_000)
  t.equal(of(503, 'Wed, 25 Nov 2026 08:00:30 GMT')?.retryAfterMs, 30_000)
  t.equal(of(503, 'Wed, 25 Nov 2026 07:00:00 GMT')?.retryAfterMs, 0)
  for (const odd of ['-1', 'soon', '1e9', '']) t.equal(of(503, odd)?.retryAfterMs, undefined, odd)
  t.end()
})

function splunk(t: Test, receiver: HttpReceiver, options: Partial<SplunkSinkOptions>): Sink {
  const sink = createSplunkSink({
    url: new URL(receiver.url),
    tls: {},
    timeoutMs: 60_000,
    token: 'the-token',
    index: 'audit',
    hostname: 'gateway-1',
    acknowledgement: undefined,
    clock: systemClock,
    ...FORMAT,
    ...options,
  })
  t.teardown(() => sink.close())
  return sink
}

function webhook(t: Test, receiver: HttpReceiver, clock: Clock): Sink {
  const sink = createWebhookSink({
    url: new URL(receiver.url),
    tls: {},
    timeoutMs: 60_000,
    headers: {},
    keys: KEYS,
    clock,
    ...FORMAT,
  })
  t.teardown(() => sink.close())
  return sink
}

function all(sink: Sink): readonly Payload[] {
  return Object.values(SAMPLES).map((read) => ({
    id: read.record.id,
    text: sink.encode(read)?.text ?? '',
  }))
}

function headersOf({ headers }: HttpReceiver['requests'][number]): Record<string, string> {
  return headers as Record<string, string>
}

function never_(): never {
  throw new Error('there are samples')
}
