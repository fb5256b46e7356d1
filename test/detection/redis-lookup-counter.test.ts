/** The look-up counters in Redis: the contract on a real server, what is left there, and what happens when it is away. */
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type Test } from 'tap'
import { openRedisLookupCounter } from '../../src/detection/redis-lookup-counter.ts'
import { dayCountsContract } from '../contract/day-counts.contract.ts'
import { lookupCounterContract } from '../contract/lookup-counter.contract.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'

const WINDOW = { key: 'rule caller@example.com', withinMs: 60_000, over: 2 }

async function openCounter(t: Test, url: string, timeoutMs = 1_000) {
  const counter = await openRedisLookupCounter({ url, timeoutMs })
  t.teardown(() => counter.close())
  return counter
}

test('the counter in Redis keeps the contract of look-up counters', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  await lookupCounterContract(t, async (t) => {
    await server.admin().flushall()
    const counter = await openCounter(t, server.url, 5_000)
    return { counter, advance: sleep, nowMs: () => performance.now(), withinMs: 800, runs: 12 }
  })
})

test('the counter in Redis compares days as the contract says', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  await dayCountsContract(t, async (t) => {
    await server.admin().flushall()
    return { counter: await openCounter(t, server.url, 5_000), runs: 40 }
  })
})

test('two gateways count together', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const [one, two] = [await openCounter(t, server.url), await openCounter(t, server.url)]
  await one.add([{ ...WINDOW, members: ['a', 'b'] }])
  t.match(await two.add([{ ...WINDOW, members: ['c'] }]), [
    { distinct: 3, exceeded: true, crossed: true },
  ])
  t.match(await one.add([{ ...WINDOW, members: ['d'] }]), [
    { distinct: 4, exceeded: true, crossed: false },
  ])
})

test('keys name nobody, are in one slot, are bounded and expire', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const counter = await openCounter(t, server.url)
  const members = Array.from({ length: 1_000 }, (_, i) => `m${i}`)
  await counter.add([
    { ...WINDOW, members },
    { ...WINDOW, key: 'other caller', members: [] },
  ])
  await counter.add([{ ...WINDOW, key: 'chain', members: ['a'], near: [['b']] }])
  const admin = server.admin()
  const all = await admin.keys('*')
  const own = all.filter((key) => /^celosia:\{lookups\}:(epoch|steps:[\w-]{36})$/.test(key))
  t.equal(own.length, 2, 'an epoch, and how far the instance has come')
  const keys = all.filter((key) => !own.includes(key))
  t.equal(keys.length, 5, 'asking alone leaves nothing')
  for (const key of keys) {
    t.match(key, /^celosia:\{lookups\}:[\w-]{43}:(seen|known|runs)$/)
    const left = await admin.pttl(key)
    t.ok(left > 0 && left <= WINDOW.withinMs + 1)
  }
  const seen = keys.filter((key) => key.endsWith(':seen'))
  const sizes = await Promise.all(seen.map((key) => admin.zcard(key)))
  t.same(sizes.toSorted(), [1, WINDOW.over + 1])
})

test('a clock that steps back neither empties a window nor counts twice', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const counter = await openCounter(t, server.url)
  await counter.add([{ ...WINDOW, members: ['a'] }])
  const admin = server.admin()
  const [seen = ''] = await admin.keys('*:seen')
  // As if the clock had been an hour ahead when this was added.
  await admin.zadd(seen, Date.now() + 3_600_000, 'b')
  await admin.zrem(seen, 'a')
  t.match(await counter.add([{ ...WINDOW, members: ['b', 'c'] }]), [{ distinct: 2 }])
  t.match(await counter.add([{ ...WINDOW, members: ['d'] }]), [{ distinct: 3, crossed: true }])
  t.match(await counter.add([{ ...WINDOW, members: [] }]), [{ distinct: 3, crossed: false }])
  const scores = await admin.zrange(seen, '0', '-1', 'WITHSCORES')
  t.equal(new Set(scores.filter((_, i) => i % 2 === 1)).size, 1, 'its time stands still')
})

test('a Redis that forgot the script is taught it again', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const counter = await openCounter(t, server.url)
  await counter.add([{ ...WINDOW, members: ['a'] }])
  await server.admin().script('FLUSH')
  t.match(await counter.add([{ ...WINDOW, members: ['b'] }]), [{ distinct: 2 }])
})

test('a Redis that stands still or is killed rejects in time, and recovers; a full one still counts', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const counter = await openCounter(t, server.url, 500)
  const add = () => counter.add([{ ...WINDOW, members: ['a'] }])
  const rejectsInTime = async (message: RegExp): Promise<void> => {
    const start = performance.now()
    await t.rejects(Promise.all([add(), add(), add()]), {
      code: 'ERR_COUNTER_UNAVAILABLE',
      message,
    })
    t.ok(performance.now() - start < 1_000)
  }
  const recovers = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) {
      if (await add().then(Boolean, () => false)) return
      await sleep(50)
    }
    t.fail('it did not recover')
  }
  await add()
  server.process().signal('SIGSTOP')
  await rejectsInTime(/./)
  await rejectsInTime(/./)
  server.process().signal('SIGCONT')
  await recovers()
  await server.admin().config('SET', 'maxmemory', '1')
  await add()
  await server.admin().config('SET', 'maxmemory', '0')
  server.process().signal('SIGKILL')
  await server.process().exit
  await rejectsInTime(/Redis/)
  await server.startAgain()
  await recovers()
  await counter.close()
  await t.rejects(add(), { code: 'ERR_COUNTER_UNAVAILABLE' })
  await t.rejects(openRedisLookupCounter({ url: 'redis://u:p4ss@' }), {
    code: 'ERR_COUNTER_UNAVAILABLE',
    message: /^((?!p4ss).)*$/,
  })
})
