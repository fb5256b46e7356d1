/** Open accesses of dead gateways in Redis: closed as unknown, once, whoever looks; those of the living are left alone. */
import { test, type Test } from 'tap'
import { apiActivity } from '../../../src/audit/api-activity.ts'
import type { ChainedWriter } from '../../../src/audit/chain/chain-writer.ts'
import { memberOf } from '../../../src/audit/chain/open-exchanges.ts'
import { createReconciler, type Reconciler } from '../../../src/audit/reconcile/reconciler.ts'
import { redisOrphans } from '../../../src/audit/reconcile/redis-orphans.ts'
import { connectAuditRedis } from '../../../src/audit/redis-audit-address.ts'
import { openRedisAuditReader } from '../../../src/audit/redis-audit-reader.ts'
import { openRedisRecordStore } from '../../../src/audit/redis-record-store.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { uuidV7 } from '../../../src/core/ids.ts'
import { ACCESS, INTENT } from '../../helpers/audit-facts.ts'
import { readAll } from '../../helpers/audit-records.ts'
import { writerOver } from '../../helpers/audit-writers.ts'
import { requirePeer } from '../../helpers/peers.ts'
import { startRedis, type RedisServer } from '../../helpers/redis.ts'

interface Instance {
  readonly writer: ChainedWriter
  readonly reconciler: Reconciler
}

const intent = (requestId: string) => apiActivity({ ...INTENT, id: uuidV7(), requestId })
const outcome = (requestId: string, intentId: string) =>
  apiActivity({ ...ACCESS, id: uuidV7(), requestId, method: 'PATCH', intentId })
const part = (phase: 'opening' | 'interim' | 'closing', requestId: string) =>
  apiActivity({
    ...ACCESS,
    id: uuidV7(),
    requestId,
    phase,
    part: { phase, window: 1, bytesBefore: 0 },
  })

async function instance(t: Test, redis: RedisServer, patienceMs = 0): Promise<Instance> {
  const writer = writerOver(await openRedisRecordStore({ url: redis.url })) as ChainedWriter
  const connection = await connectAuditRedis(redis.url)
  const source = redisOrphans({
    connection,
    clock: systemClock,
    writer: writer.writer,
    patienceMs,
  })
  const reconciler = createReconciler({
    source,
    audit: writer,
    clock: systemClock,
    notes: () => undefined,
  })
  t.teardown(async () => {
    await writer.close().catch(() => undefined)
    await reconciler.close()
  })
  return { writer, reconciler }
}

/** The process of this writer has died, and its sign of life has run out. */
async function die(redis: RedisServer, { writer }: Instance): Promise<void> {
  await redis.admin().del(`celosia:audit:alive:${writer.writer()}`)
}

async function unknowns(redis: RedisServer): Promise<readonly AuditRecord[]> {
  const reader = await openRedisAuditReader({ url: redis.url })
  const stored = await readAll(reader)
  await reader.close()
  return stored
    .map(({ record }) => record)
    .filter(({ event }) => event['status_detail'] === 'outcome-unknown')
}

const own = ({ event }: AuditRecord) => memberOf(event['unmapped'], 'celosia') as object

test('K116 what a dead gateway left open is closed as unknown, and names its intent', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const [dead, living] = [await instance(t, redis), await instance(t, redis)]
  const open = intent('open')
  const closed = intent('closed')
  await dead.writer.append([
    open,
    closed,
    apiActivity({ ...ACCESS, id: uuidV7(), requestId: 'read' }),
  ])
  await dead.writer.append([outcome('closed', closed.id)])
  await dead.writer.append([part('opening', 'stream'), part('interim', 'stream')])
  await dead.writer.append([part('opening', 'whole'), part('closing', 'whole')])
  t.equal(await living.reconciler.run(), 0, 'as long as it lives, nothing is closed')
  await die(redis, dead)
  t.equal(await living.reconciler.run(), 2)
  t.equal(await living.reconciler.run(), 0)
  const [first, second, ...others] = (await unknowns(redis)).toSorted((a, b) =>
    JSON.stringify(own(a)).includes('"outcome"') ? -1 : JSON.stringify(own(b)).length,
  )
  t.same(others, [])
  t.match(own(first as AuditRecord), {
    phase: 'outcome',
    intent_id: open.id,
    reasons: ['outcome-unknown'],
    route: INTENT.route,
    upstream_status: null,
  })
  t.match(first?.event, {
    status: 'Unknown',
    severity: 'Medium',
    actor: { user: { uid: 'agent-7' } },
    metadata: { correlation_uid: 'open' },
  })
  t.notOk('http_response' in (first?.event ?? {}))
  t.match(own(second as AuditRecord), { phase: 'closing', classes: [], data_subjects: [] })
  t.equal(await redis.admin().hlen('celosia:audit:open'), 0)
  t.equal(await redis.admin().hlen('celosia:audit:claims'), 0)
})

test('of several gateways that look at one time each access is closed by one', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const dead = await instance(t, redis)
  const ids = Array.from({ length: 250 }, (_, i) => `r${i}`)
  for (const id of ids) await dead.writer.append([intent(id)])
  await die(redis, dead)
  const others = await Promise.all(Array.from({ length: 4 }, () => instance(t, redis)))
  // Each of them is alive once it has appended something.
  for (const { writer } of others) await writer.append([apiActivity({ ...ACCESS, id: uuidV7() })])
  const counts = await Promise.all(others.map(({ reconciler }) => reconciler.run()))
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    ids.length,
  )
  const requests = (await unknowns(redis)).map(({ event }) =>
    memberOf(event['metadata'], 'correlation_uid'),
  )
  t.same(requests.toSorted(), ids.toSorted())
})

test('what a gateway claimed before it died itself is taken over', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const [dead, heir, last] = [
    await instance(t, redis),
    await instance(t, redis),
    await instance(t, redis),
  ]
  await dead.writer.append([intent('x')])
  await die(redis, dead)
  await heir.writer.append([apiActivity({ ...ACCESS, id: uuidV7() })])
  await redis.admin().hset('celosia:audit:claims', 'x', heir.writer.writer())
  t.equal(await last.reconciler.run(), 0, 'whoever has claimed it lives')
  await die(redis, heir)
  t.equal(await last.reconciler.run(), 1)
  t.equal((await unknowns(redis)).length, 1)
})

test('a writer is taken for dead only after it was seen so for a while', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const [dead, patient] = [await instance(t, redis), await instance(t, redis, 300)]
  await dead.writer.append([intent('x')])
  await die(redis, dead)
  t.equal(await patient.reconciler.run(), 0)
  await dead.writer.append([apiActivity({ ...ACCESS, id: uuidV7() })])
  await new Promise((resolve) => setTimeout(resolve, 350))
  t.equal(await patient.reconciler.run(), 0, 'it was only away')
  await die(redis, dead)
  t.equal(await patient.reconciler.run(), 0)
  await new Promise((resolve) => setTimeout(resolve, 350))
  t.equal(await patient.reconciler.run(), 1)
})

test('whoever closes it makes the same record id, so that twice can be told to be once', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const [dead, one, other] = [
    await instance(t, redis),
    await instance(t, redis),
    await instance(t, redis),
  ]
  await dead.writer.append([intent('x')])
  const remembered = (await redis.admin().hget('celosia:audit:open', 'x')) ?? ''
  await die(redis, dead)
  t.equal(await one.reconciler.run(), 1)
  await redis.admin().hset('celosia:audit:open', 'x', remembered)
  t.equal(await one.reconciler.run(), 0, 'it remembers that it did')
  t.equal(await other.reconciler.run(), 1)
  const ids = (await unknowns(redis)).map(({ id }) => id)
  t.equal(ids.length, 2)
  t.equal(new Set(ids).size, 1)
  t.match(ids[0], /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
