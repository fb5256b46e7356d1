/**
 * kill -9 of the gateway and of Redis under load, ten times each: every acknowledged record survives, the chains verify, no
 * answer is without its record and no write without its intent. The client's own log is held against the audit.
 */
import { test, type Test } from 'tap'
import type { AuditEvent } from '../helpers/gateway-under-test.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess, type RunningProcess } from '../helpers/process.ts'
import { runHere } from '../helpers/program.ts'
import { header, request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import { writingPolicy } from '../attacks/writing-policy.ts'

const ROUNDS = 10
const CLIENTS = 6
/** How long each round goes on after each client could have been answered: the kills fall into any moment. */
const KILL_AFTER_MS = [40, 70, 110, 150, 200, 260, 330, 60, 130, 180]

const REQUESTS = [
  { method: 'GET', path: '/api/v2/users/7' },
  { method: 'POST', path: '/api/v2/tickets/7/take' },
  { method: 'DELETE', path: '/api/v2/tickets/7' },
  { method: 'GET', path: '/api/v2/users/8' },
] as const

/** What a client knows: the id of each request that it was answered with 2xx. */
type ClientLog = Set<string>

/** Sends one request after the other until told to stop, and writes down what it was answered. */
async function client(port: number, token: string, log: ClientLog, signal: AbortSignal) {
  for (let i = 0; !signal.aborted; i += 1) {
    const { method, path } = REQUESTS[i % REQUESTS.length] ?? REQUESTS[0]
    const answer = await request(port, { method, path, token }, { timeoutMs: 5_000 })
    const id = header(answer, 'celosia-request-id')
    if (answer.status >= 200 && answer.status < 300 && id !== undefined) log.add(id)
    if (answer.ending === 'refused') return
  }
}

/** Waits until so many requests were answered; on a machine that does much else the first ones take long. */
async function answered(log: ClientLog, count: number): Promise<void> {
  const deadline = performance.now() + 30_000
  while (log.size < count && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 1))
}

interface View {
  readonly requestId: string
  readonly phase: string
  readonly intent: string | undefined
  readonly id: string
}

function viewsOf(events: readonly AuditEvent[]): readonly View[] {
  return events.flatMap((event) => {
    if (event['http_request'] === undefined) return []
    const { celosia } = event['unmapped'] as { celosia: { phase: string; intent_id?: string } }
    const { uid, correlation_uid: requestId } = event['metadata'] as {
      uid: string
      correlation_uid: string
    }
    return [{ requestId, phase: celosia.phase, intent: celosia.intent_id, id: uid }]
  })
}

/** Every answer has its record, every write upstream its intent, and every intent its outcome. */
async function assertComplete(t: Test, world: World, log: ClientLog): Promise<void> {
  const views = viewsOf(await world.gateway.records())
  const answered = new Set(views.filter(({ phase }) => phase !== 'intent').map((v) => v.requestId))
  t.ok(log.size > ROUNDS * 5, `${log.size} answers`)
  t.same(
    [...log].filter((id) => !answered.has(id)),
    [],
    'no answer without its record',
  )
  const intents = views.filter(({ phase }) => phase === 'intent')
  const ids = world.upstream.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ headers }) => headers.find(([name]) => name.toLowerCase() === 'x-request-id')?.[1])
  const intended = new Set(intents.map(({ requestId }) => requestId))
  t.ok(ids.length > ROUNDS)
  t.same(
    ids.filter((id) => !intended.has(id ?? '')),
    [],
    'no write without its intent',
  )
  const closed = new Map<string, number>()
  for (const { intent } of views)
    if (intent !== undefined) closed.set(intent, (closed.get(intent) ?? 0) + 1)
  t.same(
    intents.filter(({ id }) => closed.get(id) !== 1),
    [],
    'each intent has one outcome',
  )
}

test('the gateway is killed ten times under load, with a journal', async (t) => {
  const world = await startWorld(t, { change: writingPolicy })
  const { gateway, upstream, canaries } = world
  const token = await world.token()
  upstream.answer(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return jsonAnswer(userBody(canaries))
  })
  const log: ClientLog = new Set()
  let running: RunningProcess = gateway.process
  for (const killAfterMs of KILL_AFTER_MS) {
    const port = portOf(running)
    const stop = new AbortController()
    const before = log.size
    const clients = Array.from({ length: CLIENTS }, () => client(port, token, log, stop.signal))
    await answered(log, before + CLIENTS)
    await new Promise((resolve) => setTimeout(resolve, killAfterMs))
    running.signal('SIGKILL')
    await running.exit
    stop.abort()
    await Promise.all(clients)
    running = await startProcess(
      t,
      process.execPath,
      ['bin/celosia.js', 'serve', '--config', gateway.policyFile].concat([
        '--port',
        '0',
        '--admin-port',
        '0',
        '--journal',
        gateway.journal,
      ]),
      { env: gateway.environment, ready: /"msg":"listening"/, readyTimeoutMs: 60_000 },
    )
  }
  t.same(await running.stop(), { code: 0, signal: null })
  await assertComplete(t, world, log)
  const end = await runHere(['audit', 'verify', '--journal', gateway.journal])
  t.match(end, { code: 0 }, end.stdout)
  const unknown = (await gateway.records()).filter(
    (event) => event['status_detail'] === 'outcome-unknown',
  )
  t.ok(unknown.length > 0, `${unknown.length} outcomes are unknown`)
})

test('Redis is killed ten times under load, with a spool', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startWorld(t, { change: writingPolicy, store: { redisUrl: redis.url } })
  const { gateway, upstream, canaries } = world
  const token = await world.token()
  upstream.answer(jsonAnswer(userBody(canaries)))
  const log: ClientLog = new Set()
  const stop = new AbortController()
  const clients = Array.from({ length: CLIENTS }, () =>
    client(gateway.port, token, log, stop.signal),
  )
  for (const killAfterMs of KILL_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, 3 * killAfterMs))
    redis.process().signal('SIGKILL')
    await redis.process().exit
    await new Promise((resolve) => setTimeout(resolve, killAfterMs))
    await redis.startAgain()
  }
  stop.abort()
  await Promise.all(clients)
  const spooled = async () =>
    Number(/^celosia_audit_spooled_bytes (\S+)$/m.exec(await gateway.metrics())?.[1])
  const deadline = performance.now() + 30_000
  while ((await spooled()) > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(await spooled(), 0, 'the spool is empty again')
  t.same(await gateway.process.stop(), { code: 0, signal: null })
  await assertComplete(t, world, log)
  const end = await runHere(['audit', 'verify', '--redis', redis.url])
  t.match(end, { code: 0 }, end.stdout)
})

test('the gateway is killed ten times under load while Redis comes and goes', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startWorld(t, { change: writingPolicy, store: { redisUrl: redis.url } })
  const { gateway, upstream, canaries } = world
  const token = await world.token()
  upstream.answer(jsonAnswer(userBody(canaries)))
  const log: ClientLog = new Set()
  let running: RunningProcess = gateway.process
  for (const [round, killAfterMs] of KILL_AFTER_MS.entries()) {
    const port = portOf(running)
    const stop = new AbortController()
    const before = log.size
    const clients = Array.from({ length: CLIENTS }, () => client(port, token, log, stop.signal))
    if (round % 2 === 1) {
      redis.process().signal('SIGKILL')
      await redis.process().exit
    }
    await answered(log, before + CLIENTS)
    await new Promise((resolve) => setTimeout(resolve, killAfterMs))
    if (round % 4 === 1) await redis.startAgain()
    running.signal('SIGKILL')
    await running.exit
    stop.abort()
    await Promise.all(clients)
    if (round % 4 === 3) await redis.startAgain()
    running = await startProcess(
      t,
      process.execPath,
      ['bin/celosia.js', 'serve', '--config', gateway.policyFile]
        .concat(['--port', '0', '--admin-port', '0', '--redis', redis.url])
        .concat(['--spool', `${gateway.journal}/../spool`]),
      { env: gateway.environment, ready: /"msg":"listening"/, readyTimeoutMs: 60_000 },
    )
  }
  const deadline = performance.now() + 30_000
  const missing = async () => {
    const views = viewsOf(await gateway.records())
    const known = new Set(views.filter((v) => v.phase !== 'intent').map((v) => v.requestId))
    return [...log].filter((id) => !known.has(id))
  }
  while ((await missing()).length > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 100))
  t.ok(log.size > ROUNDS, `${log.size} answers`)
  t.same(await missing(), [], 'no answer without its record')
  t.same(await running.stop(), { code: 0, signal: null })
  const end = await runHere(['audit', 'verify', '--redis', redis.url])
  t.match(end, { code: 0 }, end.stdout)
})

function portOf(running: RunningProcess): number {
  const line = running
    .stdout()
    .split('\n')
    .find((text) => text.includes('"msg":"listening"'))
  const { address } = JSON.parse(line ?? '{}') as { address?: string }
  return Number(new URL(address ?? 'http://x').port)
}
