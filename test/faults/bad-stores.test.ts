/**
 * K113: a store that is there and cannot be used. Each time the answer is 503, `/readyz` says why, it goes on by itself, and
 * nothing is lost that was acknowledged. How long it takes is looked at elsewhere.
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Redis } from 'ioredis'
import { test, type Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { assertNoCanary } from '../helpers/canaries.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

const WAIT_MS = 20_000

interface Row {
  readonly name: string
  readonly spoil: () => Promise<unknown>
  readonly mend: () => Promise<unknown>
  readonly says: RegExp
}

function ask({ gateway }: World, token: string) {
  return request(gateway.port, { path: '/api/v2/users/7', token }, { timeoutMs: 15_000 })
}

/** One of half an hour ago, so that it is good also where the clock steps back. */
function agedToken({ token }: World): Promise<string> {
  const nowS = Math.floor(systemClock.nowMs() / 1_000)
  return token({ claims: { iat: nowS - 1_800, nbf: nowS - 1_800, exp: nowS + 600 } })
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function assertRows(t: Test, world: World, rows: readonly Row[]): Promise<void> {
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  const token = await agedToken(world)
  let acknowledged = 0
  const serves = async (): Promise<boolean> => {
    const served = (await ask(world, token)).status === 200
    if (served) acknowledged += 1
    return served
  }
  for (const { name, spoil, mend, says } of rows) {
    await t.test(name, async (row) => {
      await until(serves)
      await spoil()
      await until(async () => !(await serves()))
      const refused = await ask(world, token)
      row.equal(refused.status, 503)
      row.match(refused.body.toString(), /"reason":"(audit|counters)-unavailable"/)
      assertNoCanary(row, canaries, refused.bytes, { where: 'answer' })
      await until(async () => !(await gateway.readiness()).ready)
      await until(async () => says.test((await gateway.readiness()).problems.join()))
      row.match(await gateway.readiness(), { ready: false, problems: [says] }, 'and it says why')
      const asked = upstream.requests.length
      row.equal((await ask(world, token)).status, 503)
      row.equal(upstream.requests.length, asked, 'the helpdesk is not asked')
      await mend()
      await until(async () => (await gateway.readiness()).ready)
      await until(serves)
      row.pass('it goes on by itself')
    })
  }
  const views = accessViews(await gateway.records())
  const kept = views.filter(({ status }) => status === 200).length
  t.ok(kept >= acknowledged, `${kept} records of ${acknowledged} answers`)
}

test('K113 a Redis that cannot be used', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startWorld(t, {
    store: { redisUrl: redis.url },
    change: (policy) => ({ ...policy, audit: { ...policy.audit, whenUnavailable: 'refuse' } }),
  })
  const admin = redis.admin()
  await assertRows(t, world, [
    {
      name: 'it is full',
      spoil: () => admin.config('SET', 'maxmemory', '1'),
      mend: () => admin.config('SET', 'maxmemory', '0'),
      says: /Redis is full \(maxmemory\)/,
    },
    {
      name: 'it is a read-only replica',
      spoil: () => admin.call('REPLICAOF', '127.0.0.1', '1'),
      mend: () => admin.call('REPLICAOF', 'NO', 'ONE'),
      says: /read-only replica/,
    },
    ...(['celosia:audit', 'celosia:audit:heads'] as const).map((key) => ({
      name: `the key ${key} is of another type`,
      spoil: () => admin.rename(key, 'kept').then(() => admin.set(key, 'x')),
      mend: () => admin.del(key).then(() => admin.rename('kept', key)),
      says: /another type/,
    })),
    {
      name: 'its user may not write',
      spoil: () => acl(admin, '-xadd'),
      mend: () => acl(admin, '+xadd'),
      says: /may not do this \(ACL\)/,
    },
    {
      name: 'its user may not run scripts',
      spoil: () => acl(admin, '-@scripting'),
      mend: () => acl(admin, '+@scripting'),
      says: /may not do this \(ACL\)/,
    },
    {
      name: 'its user may no longer touch the keys',
      spoil: () => acl(admin, 'resetkeys'),
      mend: () => acl(admin, 'allkeys'),
      says: /may not do this \(ACL\)/,
    },
  ])
  const end = await runHere(['audit', 'verify', '--redis', redis.url])
  t.match(end, { code: 0 }, end.stdout)
})

function acl(admin: Redis, rule: string): Promise<unknown> {
  return admin.call('ACL', 'SETUSER', 'default', rule)
}

test('K113 a journal that cannot be used', async (t) => {
  if (!requirePeer(t, 'prlimit')) return
  // The clock of the gateway goes as a file says.
  const offset = join(t.testdir({ offset: '0' }), 'offset')
  const preload = join(t.testdirName, 'clock.mjs')
  await writeFile(preload, CLOCK)
  const world = await startWorld(t, {
    env: { NODE_OPTIONS: `--import=${preload}`, CLOCK_OFFSET: offset },
  })
  const { gateway } = world
  const { pid } = gateway.process
  // A file may not grow beyond so many bytes: the nearest to a full disk that can be had without mounting one.
  const limit = (bytes: string) =>
    promisify(execFile)('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:`])
  await assertRows(t, world, [
    {
      name: 'the disk is full',
      spoil: () => limit('1024'),
      mend: () => limit('unlimited'),
      says: /journal cannot be written \(EFBIG\)/,
    },
    {
      name: 'the clock steps back by ten minutes',
      spoil: () => writeFile(offset, '-600000').then(passed),
      mend: () => writeFile(offset, '0').then(passed),
      says: /clock of this machine has stepped back by [56]\d\d seconds/,
    },
  ])
  await writeFile(offset, '-30000').then(passed)
  const token = await agedToken(world)
  await until(async () => (await ask(world, token)).status === 200)
  t.equal((await gateway.readiness()).ready, true, 'a clock may be put right by half a minute')
  const end = await runHere(['audit', 'verify', '--journal', gateway.journal])
  t.match(end, { code: 0 }, end.stdout)
})

const CLOCK = `import { readFileSync } from 'node:fs'
// What is over the limit is then an error of the write, as on a disk that is full.
process.on('SIGXFSZ', () => undefined)
const now = Date.now
let offset = 0
Date.now = () => now() + offset
setInterval(() => { offset = Number(readFileSync(process.env.CLOCK_OFFSET, 'utf8')) || 0 }, 20).unref()
`

/** The gateway has read it. */
function passed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300))
}
