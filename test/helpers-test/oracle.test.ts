/** Proves that the oracle passes for an honest gateway and fails for each kind of dishonest one. */
import { createServer } from 'node:http'
import { test, type Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { createCanaries } from '../helpers/canaries.ts'
import { withoutSamples } from '../helpers/canary-chance.ts'
import { listenOnLoopback, LOOPBACK } from '../helpers/free-port.ts'
import type { AuditEvent, GatewayUnderTest } from '../helpers/gateway-under-test.ts'
import { assertOracle, observe, startCase, type Expectation } from '../helpers/oracle.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { requestBytes } from '../helpers/raw-client.ts'
import { targetFits } from '../helpers/target-fits.ts'
import { startRawUpstream, type RawUpstream } from '../helpers/upstream.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'

const ROUTE = '/users/{id:integer}'

/** What a toy gateway does wrong. */
interface Vices {
  readonly unmasked?: boolean
  readonly chatty?: 'log' | 'metrics' | 'audit'
  readonly header?: boolean
  readonly splitLeak?: boolean
  readonly noRecord?: boolean
  readonly lateRecord?: boolean
  readonly noIntent?: boolean
  readonly retries?: boolean
  readonly otherTarget?: string
  readonly silentUpstream?: boolean
  readonly overwrites?: boolean
  readonly dead?: boolean
  readonly status?: number
}

interface Toy {
  readonly gateway: GatewayUnderTest
  readonly upstream: RawUpstream
}

const canaries = createCanaries()
const EMAIL = canaries.make('email', 'user.email')

function accessEvent(phase: string, method: string, upstreamStatus?: number): AuditEvent {
  return {
    class_uid: 6003,
    time: systemClock.nowMs(),
    http_request: { http_method: method },
    http_response: { code: 200 },
    unmapped: {
      celosia: {
        phase,
        route: `${method} ${ROUTE}`,
        decision: 'permit',
        reasons: ['role-permits'],
        upstream_status: upstreamStatus ?? null,
      },
    },
  }
}

/** Forwards, masks, and writes records: as it should, but for the vices. */
async function startToy(t: Test, vices: Vices): Promise<Toy> {
  const upstream = await startRawUpstream(t)
  upstream.records.set('users/7', { email: EMAIL })
  upstream.answer(({ method }) => {
    if (method !== 'GET' && vices.overwrites) upstream.records.set('users/7', { email: 'k***' })
    return jsonAnswer({ email: EMAIL })
  })
  const events: AuditEvent[] = [{ class_uid: 3004, time: 0 }]
  const server = createServer((request, response) => {
    void (async () => {
      const method = request.method ?? ''
      const path = vices.otherTarget ?? request.url
      if (method !== 'GET' && !vices.noIntent) events.push(accessEvent('intent', method))
      for (let call = vices.silentUpstream ? 2 : vices.retries ? 0 : 1; call < 2; call += 1) {
        await (await fetch(`${upstream.url}${path}`, { method })).text()
      }
      const record = (): void => {
        const event = accessEvent('outcome', method, 200)
        if (!vices.noRecord)
          events.push(vices.chatty === 'audit' ? { ...event, note: EMAIL } : event)
      }
      if (!vices.lateRecord) record()
      if (vices.header) response.setHeader('x-who', Buffer.from(EMAIL).toString('base64'))
      response.writeHead(vices.status ?? 200)
      if (vices.splitLeak) for (const letter of EMAIL) response.write(letter)
      response.end(vices.unmasked ? EMAIL : `k***${EMAIL.slice(EMAIL.indexOf('@'))}`)
      if (vices.lateRecord) setTimeout(record, 30)
    })()
  })
  const port = await listenOnLoopback(server)
  t.teardown(() => void server.close())
  const text = (source: string, honest: string): string =>
    vices.chatty === source ? EMAIL : honest
  const gateway: GatewayUnderTest = {
    url: `http://${LOOPBACK}:${port}`,
    port,
    records: async () => structuredClone(events),
    logs: () => text('log', '{"msg":"listening"}'),
    metrics: async () => text('metrics', 'celosia_requests_total 1\n'),
    alive: () => !vices.dead,
  }
  return { gateway, upstream }
}

const HONEST: Expectation = {
  records: [{ phase: 'outcome', method: 'GET', route: `GET ${ROUTE}`, reason: 'role-permits' }],
  upstreamRequests: 1,
  allowed: [EMAIL.slice(EMAIL.indexOf('@'))],
}
const HONEST_WRITE: Expectation = {
  ...HONEST,
  records: [
    { phase: 'intent', method: 'PATCH', upstreamStatus: undefined },
    { phase: 'outcome', method: 'PATCH', effect: 'permit', status: 200, upstreamStatus: 200 },
  ],
}

function fits(template: string, target: string): boolean {
  return targetFits(`GET ${template}`, 'GET', target)
}

/** The names of the promises that the toy breaks, as the oracle says. */
async function broken(
  t: Test,
  vices: Vices,
  expected: Expectation,
  method = 'GET',
): Promise<string[]> {
  const { gateway, upstream } = await startToy(t, vices)
  const start = await startCase(gateway, upstream)
  const bytes = requestBytes(gateway.port, { method, path: '/users/7' })
  const exchange = await observe(gateway, bytes)
  await new Promise((resolve) => setTimeout(resolve, vices.lateRecord ? 60 : 0))
  const failures = new Set<string>()
  const asserter = {
    same: (found: unknown, wanted: unknown, message: string) => {
      const same = JSON.stringify(found) === JSON.stringify(wanted)
      if (!same) failures.add(message.slice(0, 2))
      return same
    },
  } as unknown as Test
  const oracleCase = { canaries, gateway, upstream, start, clientBytes: [exchange], expected }
  await assertOracle(asserter, oracleCase)
  return [...failures]
}

test('assertOracle passes for an honest gateway, read and write', async (t) => {
  t.same(await broken(t, {}, HONEST), [])
  t.same(await broken(t, {}, HONEST_WRITE, 'PATCH'), [])
})

test('assertOracle fails T1 where a canary got out, wherever', async (t) => {
  t.same(await broken(t, { unmasked: true }, HONEST), ['T1'])
  t.same(await broken(t, { header: true }, HONEST), ['T1'])
  t.same(await broken(t, { splitLeak: true }, HONEST), ['T1'], 'one letter a chunk')
  t.same(await broken(t, { chatty: 'log' }, HONEST), ['T1'])
  t.same(await broken(t, { chatty: 'metrics' }, HONEST), ['T1'])
  t.same(await broken(t, { chatty: 'audit' }, HONEST), ['T1'])
  t.same(await broken(t, {}, { ...HONEST, allowed: [] }), ['T1'], 'the domain was not allowed')
})

test('assertOracle fails T2 where a record is missing, late or another', async (t) => {
  t.same(await broken(t, { noRecord: true }, HONEST), ['T2', 'T3'])
  t.same(await broken(t, { lateRecord: true }, HONEST), ['T2'])
  t.same(await broken(t, { noIntent: true }, { ...HONEST_WRITE, records: [{}] }, 'PATCH'), ['T2'])
  for (const record of [
    { effect: 'deny' },
    { status: 403 },
    { route: 'GET /tickets' },
    { reason: 'role-unknown' },
  ]) {
    t.same(await broken(t, {}, { ...HONEST, records: [record] }), ['T2'], JSON.stringify(record))
  }
  t.same(await broken(t, {}, { ...HONEST, records: [] }), ['T2'], 'one too many')
})

test('assertOracle fails T3 where the upstream saw something else', async (t) => {
  t.same(await broken(t, { retries: true }, HONEST), ['T3'])
  t.same(await broken(t, { retries: true }, { ...HONEST, upstreamRequests: 2 }), ['T3'])
  t.same(
    await broken(t, { retries: true }, { ...HONEST, upstreamRequests: 2, reads: [`GET ${ROUTE}`] }),
    [],
    'a declared read',
  )
  t.same(await broken(t, { otherTarget: '/users/7/identities' }, HONEST), ['T3'])
  t.same(await broken(t, { otherTarget: '/users/007' }, HONEST), ['T3'])
  t.same(await broken(t, {}, { ...HONEST, upstreamRequests: 0 }), ['T3'])
  t.same(await broken(t, { silentUpstream: true }, { ...HONEST, upstreamRequests: 0 }), ['T3'])
})

test('assertOracle fails T4 where data upstream has changed, T5 where the process is gone', async (t) => {
  t.same(await broken(t, { overwrites: true }, HONEST_WRITE, 'PATCH'), ['T4'])
  const changed = { ...HONEST_WRITE, changed: ['users/7'] }
  t.same(await broken(t, { overwrites: true }, changed, 'PATCH'), [])
  t.same(await broken(t, { dead: true }, HONEST), ['T5'])
})

test('accessViews reads access records only, and refuses what it cannot read', (t) => {
  const [view] = accessViews([
    { class_uid: 2004, http_request: {}, time: 1 },
    { class_uid: 6003, time: 1, unmapped: { celosia: { decision: 'deny' } } },
    { ...accessEvent('outcome', 'GET'), time: 5 },
  ])
  t.match(view, { timeMs: 5, phase: 'outcome', method: 'GET', route: `GET ${ROUTE}`, status: 200 })
  t.equal(view?.upstreamStatus, undefined)
  t.throws(() => accessViews([{ class_uid: 6003, http_request: {} }]), /without time or decision/)
  t.same(accessViews([]), [])
  t.end()
})

test('targetFits takes one spelling of a target, and no other', (t) => {
  for (const [template, target] of [
    ['/users/{id:integer}', '/users/7'],
    ['/users/{id:integer}.json', '/users/7.json'],
    ['/users/{id:integer}', '/users/7?include=identities&page=2'],
    ['/users/{id}', '/users/ab-C_9'],
    ['/u/{id:uuid}/x', '/u/0197a3f4-1234-7567-8901-23456789abcd/x'],
    ['/t.{format:json|csv}', '/t.csv'],
    ['/k/{name:text}', '/k/a%20b'],
  ] as const) {
    t.ok(fits(template, target), `${template} ${target}`)
  }
  for (const target of [
    '/users/',
    '/users/07',
    '/users/-7',
    '/users/7/',
    '/users/7.json',
    '/Users/7',
    '//users/7',
    '/users/7#x',
    '/users/./7',
    '/users/7?a=%2f',
    '/users/7? a',
    'http://h/users/7',
    '/users/%37',
    '/users/12345678901234567890',
    '/users/7?',
  ]) {
    t.notOk(fits('/users/{id:integer}', target), target)
  }
  for (const target of [
    '/k/..',
    '/k/.',
    '/k/a%2Fb',
    '/k/a%2fb',
    '/k/a%252F',
    '/k/a%00',
    '/k/a;b',
    '/k/',
  ]) {
    t.notOk(fits('/k/{name:text}', target), target)
  }
  t.notOk(fits('/t.{format:json|csv}', '/t.xml'))
  t.notOk(fits('/a.b', '/axb'), 'a dot is a dot')
  t.notOk(targetFits('GET /a', 'POST', '/a'))
  t.ok(targetFits('GET /a', 'HEAD', '/a'), 'HEAD takes the route of GET')
  t.notOk(targetFits('POST /a', 'HEAD', '/a'), 'and no other')
  t.notOk(targetFits('', 'GET', '/a'))
  t.end()
})

test('withoutSamples drops short values of metrics, keeps names, labels and long values', (t) => {
  const text =
    'a_total{x="123456"} 123456\nb_bytes 1.23456e+08\nc 4012345678901234\n# HELP d 1234567\n'
  t.equal(
    withoutSamples(text),
    'a_total{x="123456"}\nb_bytes\nc 4012345678901234\n# HELP d 1234567\n',
  )
  t.end()
})
