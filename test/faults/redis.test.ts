/** Redis is away, slow, stopped, or weaker than promised: nothing leaves without a record, and it comes back by itself. */
import { test } from 'tap'
import type { Test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { assertNoCanary } from '../helpers/canaries.ts'
import { userAllowedToAgents, userBody } from '../helpers/helpdesk-answers.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { requirePeer } from '../helpers/peers.ts'
import { request, type RawExchange } from '../helpers/raw-client.ts'
import { runHere } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

/** What promise P2 says, and what a busy machine may add to it. */
const REFUSAL_MS_MAX = 2_000
const BUSY_MACHINE_MS = 700
const RECOVERY_MS_MAX = 10_000

const refusing: NonNullable<NonNullable<Parameters<typeof startWorld>[1]>['change']> = (
  policy,
) => ({
  ...policy,
  audit: { ...policy.audit, whenUnavailable: 'refuse' },
})

test('K113 Redis comes and goes, and a policy that refuses without it', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  redis.process().signal('SIGKILL')
  await redis.process().exit
  const world = await startWorld(t, { store: { redisUrl: redis.url }, change: refusing })
  const token = await world.token()
  world.upstream.answer(jsonAnswer(userBody(world.canaries)))

  await t.test('down at the start: it listens, is not ready, and refuses', async (down) => {
    const { ready, problems } = await world.gateway.readiness()
    down.equal(ready, false)
    down.match(problems.join(), /audit: Redis/)
    await assertRefused(down, world, token)
    down.equal(world.upstream.requests.length, 0, 'the upstream is not asked')
  })
  await t.test('up at last: ready and serving, without being asked', async (up) => {
    await redis.startAgain()
    await assertRecovers(up, world, token)
    up.equal((await world.gateway.readiness()).ready, true)
  })
  await t.test('killed while the upstream is thinking', async (killed) => {
    world.upstream.answer(async () => {
      redis.process().signal('SIGKILL')
      await redis.process().exit
      return jsonAnswer(userBody(world.canaries))
    })
    await assertRefused(killed, world, token)
    world.upstream.answer(jsonAnswer(userBody(world.canaries)))
    await redis.startAgain()
    await assertRecovers(killed, world, token)
  })
  await t.test('stopped while the upstream is thinking', async (stopped) => {
    world.upstream.answer(() => {
      redis.process().signal('SIGSTOP')
      return jsonAnswer(userBody(world.canaries))
    })
    await assertRefused(stopped, world, token)
    world.upstream.answer(jsonAnswer(userBody(world.canaries)))
    const asked = world.upstream.requests.length
    await assertRefused(stopped, world, token)
    stopped.equal(world.upstream.requests.length, asked, 'the upstream is not asked any more')
    redis.process().signal('SIGCONT')
    await assertRecovers(stopped, world, token)
  })
  await t.test('full, read-only, of another type', async (odd) => {
    const admin = redis.admin()
    await admin.config('SET', 'maxmemory', '1')
    await assertRefused(odd, world, token)
    await admin.config('SET', 'maxmemory', '0')
    await assertRecovers(odd, world, token)
    await admin.rename('celosia:audit', 'kept')
    await admin.set('celosia:audit', 'x')
    await assertRefused(odd, world, token)
    await until(async () => /another type/.test((await world.gateway.readiness()).problems.join()))
    await admin.rename('kept', 'celosia:audit')
    await assertRecovers(odd, world, token)
    await admin.call('REPLICAOF', '127.0.0.1', '1')
    await assertRefused(odd, world, token)
    await until(async () => /replica/.test((await world.gateway.readiness()).problems.join()))
    await admin.call('REPLICAOF', 'NO', 'ONE')
    await assertRecovers(odd, world, token)
  })
  t.equal(world.gateway.alive(), true, 'the process lived through it all')
})

test('K113 Redis comes and goes, and the spool takes its place', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startWorld(t, { store: { redisUrl: redis.url } })
  const token = await world.token()
  world.upstream.answer(jsonAnswer(userBody(world.canaries)))
  let asked = 0
  const serve = async (t: Test): Promise<void> => {
    const { status, tookMs } = await ask(world, token)
    asked += 1
    t.equal(status, 200)
    t.ok(tookMs < REFUSAL_MS_MAX + BUSY_MACHINE_MS, `${Math.round(tookMs)} ms`)
  }
  await serve(t)
  for (const [name, away, back] of [
    ['killed', () => void redis.process().signal('SIGKILL'), () => redis.startAgain()],
    [
      'stopped',
      () => void redis.process().signal('SIGSTOP'),
      () => void redis.process().signal('SIGCONT'),
    ],
    [
      'full',
      () => redis.admin().config('SET', 'maxmemory', '1'),
      () => redis.admin().config('SET', 'maxmemory', '0'),
    ],
    [
      'a replica',
      () => redis.admin().call('REPLICAOF', '127.0.0.1', '1'),
      () => redis.admin().call('REPLICAOF', 'NO', 'ONE'),
    ],
  ] as const) {
    await t.test(name, async (row) => {
      await away()
      for (let i = 0; i < 5; i += 1) await serve(row)
      row.equal((await world.gateway.readiness()).ready, true)
      await back()
      await until(async () => accessViews(await world.gateway.records()).length === asked)
      await serve(row)
      await until(async () => accessViews(await world.gateway.records()).length === asked)
    })
  }
  t.equal(accessViews(await world.gateway.records()).length, asked, 'a record each, and no more')
  t.match(world.gateway.logs(), /records go to the spool/)
  const end = await runHere(['audit', 'verify', '--redis', redis.url])
  t.match(end, { code: 0 }, end.stdout)
})

test('a Redis that may evict: a gateway does not start on it', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t, { settings: { 'maxmemory-policy': 'allkeys-lru' } })
  for (const change of [refusing, (policy: PolicyDocument) => policy]) {
    const store = { redisUrl: redis.url }
    const { gateway } = await startWorld(t, { store, change, waitUntilReady: false })
    t.same(await gateway.process.exit, { code: 5, signal: null })
    t.match(gateway.process.stderr(), /noeviction \(ERR_AUDIT_UNAVAILABLE\)/)
  }
})

test('a Redis that may lose records', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t, { settings: { appendfsync: 'everysec' } })
  const store = { redisUrl: redis.url }
  const strict = startWorld(t, { store, waitUntilReady: false })
  const relaxed = startWorld(t, {
    store,
    change: (policy) => ({ ...policy, audit: { ...policy.audit, durability: 'relaxed' } }),
  })
  await t.test('does not do for a policy that says nothing', async (refused) => {
    const { gateway } = await strict
    refused.same(await gateway.process.exit, { code: 5, signal: null })
    refused.match(gateway.process.stderr(), /durability: relaxed.*\(ERR_AUDIT_UNAVAILABLE\)/)
  })
  await t.test('does where the policy says so, and each record says so too', async (taken) => {
    const world = await relaxed
    world.upstream.answer(jsonAnswer(userBody(world.canaries)))
    const { status } = await request(world.gateway.port, {
      path: '/api/v2/users/7',
      token: await world.token(),
    })
    taken.equal(status, 200)
    const record = (await world.gateway.records()).find(
      (event) => event['http_request'] !== undefined,
    )
    taken.match(record, { unmapped: { celosia: { durability: 'relaxed' } } })
  })
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function ask(
  { gateway }: World,
  token: string,
): Promise<RawExchange & { readonly tookMs: number }> {
  const startedMs = performance.now()
  const exchange = await request(
    gateway.port,
    { path: '/api/v2/users/7', token },
    { timeoutMs: 15_000 },
  )
  return { ...exchange, tookMs: performance.now() - startedMs }
}

async function assertRefused(t: Test, world: World, token: string): Promise<void> {
  const { status, body, bytes, tookMs } = await ask(world, token)
  t.equal(status, 503)
  t.match(body.toString(), /"reason":"(audit|counters)-unavailable"/)
  t.ok(tookMs < REFUSAL_MS_MAX + BUSY_MACHINE_MS, `within two seconds (${Math.round(tookMs)} ms)`)
  assertNoCanary(t, world.canaries, bytes, { where: 'answer' })
}

async function assertRecovers(t: Test, world: World, token: string): Promise<void> {
  const deadline = performance.now() + RECOVERY_MS_MAX
  let answer = await ask(world, token)
  while (answer.status !== 200 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    answer = await ask(world, token)
  }
  t.equal(answer.status, 200, 'it serves again')
  const allowed = userAllowedToAgents(world.canaries)
  assertNoCanary(t, world.canaries, answer.bytes, { where: 'answer', allowed })
}
