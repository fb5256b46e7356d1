/** The source of records in Redis: what every source does, and what only a consumer group can do. */
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { test, type Test } from 'tap'
import { parseRedisAddress } from '../../src/core/redis-address.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Delivery, RecordSource } from '../../src/shipping/record-source.ts'
import {
  openRedisSource,
  type RedisSourceOptions,
} from '../../src/shipping/sources/redis-source.ts'
import { openRedisDeadLetters } from '../../src/shipping/sources/redis-dead-letters.ts'
import { groupStart } from '../../src/shipping/sources/start.ts'
import { recordSourceContract, type SourceHarness } from '../contract/record-source.contract.ts'
import { auditRecords } from '../helpers/audit-records.ts'
import { openRedisWriter } from '../helpers/audit-writers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis, type RedisServer } from '../helpers/redis.ts'

const STREAMS = ['celosia:audit', 'celosia:findings', 'celosia:chain']
const GROUP = 'celosia-ship:siem'
const DEAD = 'celosia:ship:dead'
/** Long enough that no source loses its records while a test works on them. */
/** Longer than any test takes: what counts as left behind is told to Redis, and not waited for. */
const CLAIM_AFTER_MS = 600_000
const never = new AbortController().signal

test('records from Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  await recordSourceContract(t, async (t) => {
    await redis.admin().flushall()
    return harness(t, redis)
  })
})

test('two shippers of one group share the records, and one gets what the other has left', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(auditRecords(40))
  let aheadMs = 0
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
  const [first, second] = [await open(t, redis), await open(t, redis, { clock })]
  const a = await take(first, 15)
  const b = await take(second, 15)
  t.equal(idsOf(a).filter((id) => idsOf(b).includes(id)).length, 0, 'no record is given twice')

  await t.test('what is held is not taken over', async (t) => {
    await leaveBehind(redis)
    await first.hold(a.deliveries)
    await second.hold(b.deliveries)
    aheadMs += CLAIM_AFTER_MS
    const more = await take(second, 100)
    t.equal(idsOf(more).filter((id) => idsOf(a).includes(id)).length, 0)
    await second.acknowledge([...b.deliveries, ...more.deliveries])
  })
  await t.test('what nobody works on any more is', async (t) => {
    await leaveBehind(redis)
    aheadMs += CLAIM_AFTER_MS
    // A stream at a time.
    const taken = [await take(second, 100), await take(second, 100)]
    t.ok(taken[0]?.claimed)
    const ids = taken
      .flatMap(({ deliveries }) => accessesOf({ deliveries }))
      .map(({ position }) => position)
    t.same(
      ids.toSorted(),
      accessesOf(a)
        .map(({ position }) => position)
        .toSorted(),
    )
    for (const { deliveries } of taken) await second.acknowledge(deliveries)
    t.equal((await second.lag()).pending, 0)
  })
})

test('records that are deleted before they were delivered are counted', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const admin = redis.admin()
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(auditRecords(20))
  const source = await open(t, redis)
  await t.test('never given to anybody', async (t) => {
    await admin.xtrim('celosia:audit', 'MAXLEN', 15)
    const { lost, waiting } = await source.lag()
    t.equal(lost, 5)
    t.ok(Number(waiting) >= 16)
  })
  await t.test('given, and not delivered', async (t) => {
    const { deliveries } = await take(source, 10)
    const accesses = deliveries.filter(({ origin }) => origin === 'celosia:audit')
    await leaveBehind(redis)
    await admin.xdel('celosia:audit', accesses[0]?.position ?? '')
    const other = await open(t, redis)
    const taken = await take(other, 100)
    t.equal(taken.lost, 1)
    t.equal(accessesOf(taken).length, accesses.length - 1)
  })
})

test('a record whose copy cannot be kept is not acknowledged', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(auditRecords(1))
  const source = await open(t, redis)
  const [delivery] = accessesOf(await take(source, 10))
  if (delivery === undefined) throw new Error('none')
  await redis.admin().set(DEAD, 'of another type')
  await t.rejects(source.putAside(delivery, 'refused'), { code: 'ERR_AUDIT_UNAVAILABLE' })
  const [pending] = (await redis.admin().xpending('celosia:audit', GROUP)) as [number]
  t.equal(pending, 1)
})

test('a group that somebody has removed is made again, and nothing is missed', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const admin = redis.admin()
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  const source = await open(t, redis)
  await writer.append(auditRecords(3))
  await admin.xgroup('DESTROY', 'celosia:audit', GROUP)
  await t.rejects(take(source, 10), { code: 'ERR_AUDIT_UNAVAILABLE' })
  t.equal(accessesOf(await take(source, 10)).length, 3)
})

test('Redis goes away and comes back: the same source goes on', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(auditRecords(5))
  const source = await open(t, redis)
  const { deliveries } = await take(source, 3)
  redis.process().signal('SIGKILL')
  await t.rejects(source.acknowledge(deliveries), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /Redis/,
  })
  await t.rejects(take(source, 3), { code: 'ERR_AUDIT_UNAVAILABLE', message: /Redis/ })
  await redis.startAgain()
  await untilOk(() => source.acknowledge(deliveries))
  const ids = new Set(idsOf({ deliveries }))
  const rest = await untilOk(() => take(source, 100))
  t.equal(accessesOf({ deliveries }).length + accessesOf(rest).length, 5)
  t.notOk(rest.deliveries.some(({ position }) => ids.has(position)))
})

test('what Redis has given in an answer that was lost comes next, before anything newer, and is not waited for', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const admin = redis.admin()
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(auditRecords(4))
  const source = await open(t, redis)
  const first = await take(source, 10)
  await source.acknowledge(first.deliveries)
  const [row] = (await admin.xinfo('CONSUMERS', 'celosia:audit', GROUP)) as string[][]
  const consumer = row?.[(row.indexOf('name') ?? 0) + 1] ?? ''
  await writer.append(auditRecords(12, 4))
  // As if an answer had been lost: Redis counts them as given to us.
  await admin.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 5, 'STREAMS', 'celosia:audit', '>')
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await t.rejects(take(source, 10), { code: 'ERR_AUDIT_UNAVAILABLE' })
  const taken: number[] = []
  while (taken.length < 12) {
    const { deliveries } = await untilOk(() => take(source, 4))
    taken.push(
      ...accessesOf({ deliveries }).map(({ read }) => Number(read?.record.event['number'])),
    )
    await source.acknowledge(deliveries)
  }
  t.same(taken, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 'in order, each once')
  t.equal((await source.lag()).pending, 0)

  await t.test('one of them that was deleted meanwhile is counted as lost', async (t) => {
    await writer.append(auditRecords(3, 16))
    await admin.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 3, 'STREAMS', 'celosia:audit', '>')
    const [[id] = ['']] = await admin.xrevrange('celosia:audit', '+', '-', 'COUNT', 1)
    await admin.xdel('celosia:audit', id)
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal')
    await t.rejects(take(source, 10), { code: 'ERR_AUDIT_UNAVAILABLE' })
    const { deliveries, lost } = await untilOk(() => take(source, 10))
    t.equal(lost, 1)
    t.equal(accessesOf({ deliveries }).length, 2)
    await source.acknowledge(deliveries)
    t.equal((await source.lag()).pending, 0)
  })
})

test('what Redis refuses for good is said with what to do about it', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t, {
    users: ['reader on >secret-of-redis resetchannels +@all -xgroup ~*'],
  })
  const url = redis.url.replace('redis://', 'redis://reader:secret-of-redis@')
  await t.test('no right to make the group', async (t) => {
    const error = await failure(open(t, redis, { address: addressOf(url) }))
    t.match(error, /ACL.*XGROUP CREATE celosia:audit celosia-ship:siem 0 MKSTREAM/)
    t.notMatch(error, /secret-of-redis/)
  })
  await t.test('no right to make it, and none is needed', async (t) => {
    for (const stream of STREAMS)
      await redis.admin().xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM')
    const source = await open(t, redis, { address: addressOf(url) })
    t.same((await take(source, 1)).deliveries, [])
  })
  await t.test('another type under the key', async (t) => {
    await redis.admin().del('celosia:findings')
    await redis.admin().set('celosia:findings', 'x')
    t.match(await failure(open(t, redis)), /another type.*celosia:findings/)
  })
})

test('the user of docs/siem.md may do what shipping does, and no more', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const document = readFileSync(new URL('../../docs/siem.md', import.meta.url), 'utf8')
  const line = /^user (celosia-ship on >password .*)$/m.exec(document)?.[1] ?? ''
  const redis = await startRedis(t, { users: [line] })
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(auditRecords(4))
  const address = addressOf(redis.url.replace('redis://', 'redis://celosia-ship:password@'))
  const source = await open(t, redis, { address })
  const { deliveries } = await take(source, 10)
  t.equal(accessesOf({ deliveries }).length, 4)
  await source.hold(deliveries)
  await source.putAside(deliveries[0] as (typeof deliveries)[0], 'refused')
  await source.acknowledge(deliveries.slice(1))
  t.equal((await source.lag()).pending, 0)
  await t.test(
    'with what `--dead-letters` needs it may look at them and take them out',
    async (t) => {
      const more = /`--dead-letters` `(\(.*?\))`/.exec(document)?.[1] ?? ''
      const box = await openRedisDeadLetters({ address, stream: DEAD, sink: 'siem' })
      t.teardown(() => box.close())
      await t.rejects(box.letters().next(), { code: 'ERR_AUDIT_UNAVAILABLE', message: /ACL/ })
      await redis.admin().call('ACL', 'SETUSER', 'celosia-ship', more)
      const letters = await Array.fromAsync(box.letters())
      t.equal(letters.length, 1)
      await box.remove(letters.map(({ delivery }) => delivery))
      t.same(await Array.fromAsync(box.letters()), [])
    },
  )
  const user = new Redis(redis.url, { username: 'celosia-ship', password: 'password' })
  user.on('error', () => undefined)
  t.teardown(() => user.disconnect())
  await t.rejects(user.xadd('celosia:audit', '*', 'event', '{}'), /NOPERM/)
  await t.rejects(user.xtrim('celosia:audit', 'MAXLEN', 0), /NOPERM/)
  await t.rejects(user.del('celosia:audit'), /NOPERM/)
  await t.rejects(user.xgroup('DESTROY', 'celosia:audit', GROUP), /NOPERM/)
  await t.rejects(user.get('celosia:{lookups}:x'), /NOPERM/)
  await t.resolves(source.close(), 'it may strike itself from the group')
  const consumers = (await redis.admin().xinfo('CONSUMERS', 'celosia:audit', GROUP)) as unknown[]
  t.same(consumers, [])
})

async function harness(t: Test, redis: RedisServer): Promise<SourceHarness> {
  const admin = redis.admin()
  return {
    writer: async () => {
      const writer = await openRedisWriter({ url: redis.url })
      t.teardown(() => writer.close())
      return writer
    },
    source: ({ start, restart = false, deadLettersMax = 100 } = {}) =>
      open(t, redis, {
        start: groupStart(start ?? { at: 'oldest' }),
        restart,
        deadLetters: { stream: DEAD, entriesMax: deadLettersMax },
      }),
    die: () => leaveBehind(redis),
    damage: async () => {
      await admin.xadd('celosia:audit', '*', 'event', '{"no":"record"}')
    },
    deadLetters: async () =>
      (await admin.xrange(DEAD, '-', '+')).map(([, fields]) => ({
        reason: fields[fields.indexOf('dead_reason') + 1] ?? '',
        text: fields.join(' '),
      })),
  }
}

/** What is pending counts as not worked on for longer than a shipper may leave it. */
async function leaveBehind(redis: RedisServer): Promise<void> {
  const admin = redis.admin()
  for (const stream of STREAMS) {
    const pending = (await admin.xpending(stream, GROUP, '-', '+', 1_000)) as [string, string][]
    for (const [id, consumer] of pending) {
      const idle = ['IDLE', CLAIM_AFTER_MS * 2, 'JUSTID'] as const
      await admin.xclaim(stream, GROUP, consumer, 0, id, ...idle)
    }
  }
}

async function open(
  t: Test,
  redis: RedisServer,
  options: Partial<RedisSourceOptions> = {},
): Promise<RecordSource> {
  const source = await openRedisSource({
    address: addressOf(redis.url),
    streams: STREAMS,
    group: GROUP,
    start: '0',
    restart: false,
    waitMs: 100,
    claimAfterMs: CLAIM_AFTER_MS,
    deadLetters: { stream: DEAD, entriesMax: 100 },
    sink: 'siem',
    clock: systemClock,
    ...options,
  })
  t.teardown(() => source.close())
  return source
}

function addressOf(url: string) {
  const address = parseRedisAddress(url)
  if (address === undefined) throw new Error('no address')
  return address
}

function take(source: RecordSource, recordsMax: number) {
  return source.take({ recordsMax, wait: true, signal: never })
}

/** Those of the stream that only a test writes to: the writer says things of itself in another. */
function accessesOf({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  return deliveries.filter(({ origin }) => origin === 'celosia:audit')
}

function idsOf({ deliveries }: { readonly deliveries: readonly { readonly position: string }[] }) {
  return deliveries.map(({ position }) => position)
}

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'it went well'
  } catch (error) {
    return (error as Error).message
  }
}

async function untilOk<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await act()
    } catch (error) {
      if (attempt > 200) throw error
      await sleep(50)
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
