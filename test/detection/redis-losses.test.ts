/**
 * A Redis that goes away and comes back: with all counts, with a few missing, or with none. While it is away nothing is known; what it
 * has lost is told, and where it is more than a moment windows are not known until they have filled again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type Test } from 'tap'
import type { LookupCounter } from '../../src/detection/lookup-counter.ts'
import { openRedisLookupCounter } from '../../src/detection/redis-lookup-counter.ts'
import { RedisReckoning } from '../../src/detection/redis-reckoning.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis, type RedisServer } from '../helpers/redis.ts'
import { startWireTap } from '../helpers/wire-tap.ts'

const WINDOW = { key: 'rule caller', withinMs: 60_000, over: 20 }

async function gateway(t: Test, url: string) {
  const notes: string[] = []
  const counter = await openRedisLookupCounter({
    url,
    timeoutMs: 2_000,
    notes: (note) => notes.push(note),
  })
  t.teardown(() => counter.close())
  return { counter, notes }
}

async function count(counter: LookupCounter, ...members: readonly string[]) {
  const [state] = await counter.add([{ ...WINDOW, members }])
  return state
}

async function onceBack(counter: LookupCounter) {
  for (let tries = 0; tries < 100; tries += 1) {
    const state = await count(counter).catch(() => undefined)
    if (state !== undefined) return state
    await sleep(50)
  }
  throw new Error('it did not come back')
}

/** A primary behind an address that stays, and a replica that is in step with it. */
async function pair(t: Test) {
  const [primary, replica] = [await startRedis(t), await startRedis(t)]
  const address = await startWireTap(t)
  address.relayTo(primary.port)
  await replica.admin().replicaof('127.0.0.1', primary.port)
  const inStep = async () => {
    for (let tries = 0; tries < 100; tries += 1) {
      if (Number(await primary.admin().call('WAIT', '1', '100')) === 1) return
      await sleep(50)
    }
    throw new Error('the replica does not follow')
  }
  return {
    primary,
    replica,
    inStep,
    address,
    url: `redis://127.0.0.1:${new URL(address.url).port}`,
  }
}

async function kill(server: RedisServer): Promise<void> {
  server.process().signal('SIGKILL')
  await server.process().exit
}

test('while a replica takes over nothing is known, and then it counts on', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { primary, replica, inStep, address, url } = await pair(t)
  const { counter, notes } = await gateway(t, url)
  t.match(await count(counter, 'a', 'b', 'c'), { distinct: 3, lost: undefined })
  await inStep()
  await kill(primary)
  await t.rejects(count(counter, 'd'), { code: 'ERR_COUNTER_UNAVAILABLE' })
  address.relayTo(replica.port)
  for (let tries = 0; tries < 20; tries += 1) {
    await t.rejects(
      count(counter, 'd'),
      { code: 'ERR_COUNTER_UNAVAILABLE' },
      'a replica counts not',
    )
    await sleep(20)
  }
  await replica.admin().replicaof('NO', 'ONE')
  t.match(await onceBack(counter), { distinct: 3, lost: undefined })
  t.match(await count(counter, 'd'), { distinct: 4 })
  t.same(notes, ['Redis has no look-up counts; counting begins now'], 'nothing was lost')
})

test('what a replica had not heard of when it took over is told, to the step', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { primary, replica, inStep, address, url } = await pair(t)
  const { counter, notes } = await gateway(t, url)
  await count(counter, 'a')
  await inStep()
  await replica.admin().replicaof('NO', 'ONE')
  for (const member of ['b', 'c', 'd']) await count(counter, member)
  await kill(primary)
  const [own = ''] = await replica.admin().keys('celosia:{lookups}:steps:*')
  // However long the test took: what it had heard last it heard just now.
  await replica.admin().hset(own, 'at', Date.now())
  address.relayTo(replica.port)
  t.match(
    await onceBack(counter),
    { distinct: 1, lost: undefined },
    'a moment makes nothing unknown',
  )
  t.same(notes.slice(1), [
    'Redis has lost look-up counts: 3 steps of this instance are gone, of at most 5 seconds',
  ])
  t.match(await count(counter, 'b'), { distinct: 2 })
  t.equal(notes.length, 2, 'once')
})

test('one that is killed and keeps its data on disk has lost nothing', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const { counter, notes } = await gateway(t, server.url)
  await count(counter, 'a', 'b')
  await kill(server)
  await t.rejects(count(counter, 'c'), { code: 'ERR_COUNTER_UNAVAILABLE' })
  await server.startAgain()
  t.match(await onceBack(counter), { distinct: 2, lost: undefined })
  t.equal(notes.length, 1)
})

test('one that comes back empty is not taken for zero, by no gateway, until somebody says so', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  const [one, two, three] = [
    await gateway(t, server.url),
    await gateway(t, server.url),
    await gateway(t, server.url),
  ]
  await count(one.counter, 'a', 'b')
  await count(two.counter, 'c')
  await count(three.counter, 'c')
  await kill(server)
  await server.startAgain()
  const short = { key: 'short', withinMs: 400, over: 5, members: ['x'] }
  t.match(await onceBack(one.counter), { distinct: 0, exceeded: false, lost: true })
  t.match(one.notes.at(-1), /has lost look-up counts.*not known until/)
  t.match(await one.counter.add([short]), [{ distinct: 1, lost: true }])
  t.match(await one.counter.reserve([short]), [{ exceeded: false, lost: true }])
  const late = await gateway(t, server.url)
  t.match(await count(late.counter), { lost: true }, 'also one that never knew')
  t.same(late.notes, [])
  await sleep(500)
  t.match(await onceBack(three.counter), { lost: true })
  t.match(three.notes.at(-1), /1 steps.*another instance has told of it/)
  t.match(
    await one.counter.add([short, { ...WINDOW, members: ['d'] }]),
    [
      { distinct: 1, lost: undefined },
      { distinct: 1, lost: true },
    ],
    'a window that has filled again is known',
  )
  const many = Array.from({ length: 21 }, (_, i) => `m${i}`)
  t.match(await count(one.counter, ...many), { exceeded: true, active: true, lost: true })
  await one.counter.acceptLoss()
  t.match(await count(one.counter, 'e'), { lost: undefined })
  t.match(await onceBack(two.counter), { lost: undefined }, 'who comes late does not ask again')
  t.match(two.notes.at(-1), /1 steps of this instance are gone/)
  t.match(await count(late.counter), { lost: undefined })
  await kill(server)
  await server.startAgain()
  t.match(await onceBack(two.counter), { lost: true }, 'it was accepted once')
})

test('one that comes back from an old state of its disk has lost more than a moment', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, { settings: { appendonly: 'no' } })
  const { counter } = await gateway(t, server.url)
  await count(counter, 'a')
  const admin = server.admin()
  const [steps = ''] = await admin.keys('celosia:{lookups}:steps:*')
  // As if the last that the disk has heard of this instance were a minute older.
  await admin.hincrby(steps, 'at', -60_000)
  await admin.save()
  await count(counter, 'b')
  await kill(server)
  await server.startAgain()
  t.match(await onceBack(counter), { distinct: 1, lost: true })
})

test('that all is gone is told once, also to many calls that were under way; each loss after it anew', (t) => {
  const notes: string[] = []
  const reckoning = new RedisReckoning((note) => notes.push(note))
  const learn = (epoch: string, steps: number, gone = 0, all = 0) =>
    reckoning.learn([epoch, steps, steps, gone, all, 0, all])
  t.ok(learn('a', 5))
  for (const steps of [6, 7, 8]) t.ok(learn('b', steps, 5, 1))
  t.equal(notes.length, 1)
  learn('b', 9, 2)
  learn('b', 10, 1)
  t.equal(notes.length, 3)
  learn('c', 11, 10, 1)
  t.equal(notes.length, 4)
  for (const none of [undefined, [], ['a', '1', 2]]) t.notOk(reckoning.learn(none))
  t.end()
})
