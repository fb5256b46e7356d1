/** The spool on a real Redis that goes and comes back: nothing acknowledged is lost, nothing is stored twice, chains hold. */
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { ChainedWriter } from '../../../src/audit/chain/chain-writer.ts'
import { AuditUnavailableError } from '../../../src/audit/errors.ts'
import type { StoreSettings } from '../../../src/audit/record-store.ts'
import { openRedisAuditReader } from '../../../src/audit/redis-audit-reader.ts'
import { openRedisRecordStore } from '../../../src/audit/redis-record-store.ts'
import { openSpooledStore } from '../../../src/audit/spool/open-spooled-store.ts'
import type { ReplayTarget, SpooledStore } from '../../../src/audit/spool/spooled-store.ts'
import { readSettled } from '../../../src/audit/verify/read-settled.ts'
import { verifyAudit } from '../../../src/audit/verify/verify-audit.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { auditStoreContract } from '../../contract/audit-store.contract.ts'
import { recordStoreContract } from '../../contract/record-store.contract.ts'
import {
  appendWhenUp,
  auditRecord,
  auditRecords,
  numbersOf,
  readAll,
} from '../../helpers/audit-records.ts'
import { writerOver } from '../../helpers/audit-writers.ts'
import { failingDisk } from '../../helpers/failing-files.ts'
import { requirePeer } from '../../helpers/peers.ts'
import { startRedis, type RedisServer } from '../../helpers/redis.ts'

const SPOOL: StoreSettings = { spool: true, spoolBytesMax: 64 * 1024 * 1024, replicas: 0 }
const REFUSE: StoreSettings = { ...SPOOL, spool: false }

interface Stage {
  readonly redis: RedisServer
  readonly directory: string
  readonly notes: string[]
  readonly open: (
    settings?: StoreSettings,
    wrap?: (target: ReplayTarget) => ReplayTarget,
  ) => Promise<{ store: SpooledStore; writer: ChainedWriter }>
  readonly spooled: () => Promise<readonly string[]>
  readonly assertAll: (t: Test, numbers: readonly number[]) => Promise<void>
}

async function stage(t: Test): Promise<Stage> {
  const redis = await startRedis(t)
  const directory = join(t.testdir({}), 'spool')
  const notes: string[] = []
  const open: Stage['open'] = async (settings = SPOOL, wrap = (target) => target) => {
    const primary = wrap(await openRedisRecordStore({ url: redis.url }))
    const parts = { primary, directory, clock: systemClock, retryMs: 50 }
    const store = await openSpooledStore({ ...parts, notes: (note) => notes.push(note) }, settings)
    const writer = writerOver(store) as ChainedWriter
    t.teardown(() => writer.close().catch(() => undefined))
    return { store, writer }
  }
  const spooled = async () =>
    (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.jsonl'))
  return {
    redis,
    directory,
    notes,
    open,
    spooled,
    assertAll: async (t, numbers) => {
      const reader = await openRedisAuditReader({ url: redis.url })
      // Each writer's are in order, which the verifier sees to; those of several may be mixed.
      const stored = numbersOf(await readAll(reader)).map(Number)
      t.same(
        stored.toSorted((a, b) => a - b),
        numbers,
        'all, each once',
      )
      const { faults } = await verifyAudit({
        records: (corrupt) => readSettled(reader, { corrupt }),
        verifyJws: undefined,
        anchored: () => [],
        partial: false,
      })
      t.same(faults, [], 'the chains hold')
      await reader.close()
    },
  }
}

async function kill(redis: RedisServer): Promise<void> {
  redis.process().signal('SIGKILL')
  await redis.process().exit
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

test('with Redis well, the spooled store keeps both contracts, and spools nothing', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const make = async (t: Test) => {
    const { redis, open } = await stage(t)
    return {
      writer: async () => (await open()).writer,
      store: async () => (await open()).store,
      reader: () => openRedisAuditReader({ url: redis.url }),
      failures: [],
    }
  }
  // One process has one spool, so that a part which opens two writers at a time is none for it.
  await recordStoreContract(t, make)
  await auditStoreContract(t, make)
})

test('K113 Redis is killed: every append is acknowledged all the same, and is there when it is back', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, spooled, assertAll, notes } = await stage(t)
  const { store, writer } = await open()
  for (let i = 0; i < 5; i += 1) await writer.append([auditRecord(i)])
  t.same(await spooled(), [])
  await kill(redis)
  for (let i = 5; i < 40; i += 1) {
    const start = performance.now()
    await writer.append([auditRecord(i)])
    t.ok(performance.now() - start < 2_000)
  }
  t.match(await writer.health(), { ok: true, problem: /records go to the spool/ })
  t.equal(writer.problem(), undefined)
  t.ok((await spooled()).length > 0)
  t.ok(store.spooledBytes() > 0)
  await redis.startAgain()
  await until(() => store.spooledBytes() === 0)
  await writer.append([auditRecord(40)])
  t.match(await writer.health(), { ok: true, problem: undefined })
  await assertAll(t, upTo(41))
  t.same(await spooled(), [])
  t.match(notes, [/records go to the spool/])
  t.match(notes.at(-1), /Redis has all records/)
})

test('Redis stands still, and goes on: what it took late is not there twice', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, assertAll } = await stage(t)
  const { store, writer } = await open()
  await writer.append([auditRecord(0)])
  redis.process().signal('SIGSTOP')
  for (let i = 1; i < 20; i += 1) await writer.append([auditRecord(i)])
  redis.process().signal('SIGCONT')
  await until(() => store.spooledBytes() === 0)
  await writer.append([auditRecord(20)])
  await assertAll(t, upTo(21))
})

test('it comes and goes under load, again and again', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, assertAll } = await stage(t)
  const { store, writer } = await open()
  let sent = 0
  const stop = new AbortController()
  const load = (async () => {
    while (!stop.signal.aborted) {
      await writer.append([auditRecord(sent)])
      sent += 1
    }
  })()
  for (let round = 0; round < 3; round += 1) {
    const before = sent
    await until(() => sent > before + 50)
    await kill(redis)
    await until(() => sent > before + 200)
    await redis.startAgain()
    await until(() => store.spooledBytes() < 300 * 1024 && sent > before + 300, 20_000)
  }
  stop.abort()
  await load
  await until(() => store.spooledBytes() === 0, 20_000)
  await assertAll(t, upTo(sent))
})

test('a replay that is broken off in any place is taken up by the next process', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, assertAll, spooled } = await stage(t)
  let batchesLeft = 0
  /** Redis, which is gone after so many batches: before it has the next, or just after. */
  const cut =
    (after: boolean) =>
    (target: ReplayTarget): ReplayTarget => ({
      append: async (batch) => {
        const gone = batchesLeft <= 0
        batchesLeft -= 1
        if (!gone || after) await target.append(batch)
        if (gone) throw new AuditUnavailableError('cut')
      },
      replay: target.replay,
      restore: target.restore,
      health: target.health,
      problem: target.problem,
      configure: target.configure,
      spooledBytes: target.spooledBytes,
      beat: target.beat,
      close: target.close,
    })
  let count = 0
  for (const [round, after] of [false, true, false, true].entries()) {
    const { writer } = await open(SPOOL, cut(after))
    batchesLeft = 0
    for (let i = 0; i < 1_500; i += 100) await writer.append(auditRecords(100, count + i))
    count += 1_500
    batchesLeft = round + 1
    await new Promise((resolve) => setTimeout(resolve, 150))
    await writer.close()
    t.ok((await spooled()).length > 0, 'it was not done')
  }
  const { store, writer } = await open()
  await until(() => store.spooledBytes() === 0, 20_000)
  await writer.append([auditRecord(count)])
  await assertAll(t, upTo(count + 1))
  t.same(await spooled(), [])
  await redis.process().stop()
})

test('a spool that is full, or whose disk is, refuses; and it takes records again', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, assertAll } = await stage(t)
  const { store, writer } = await open({ ...SPOOL, spoolBytesMax: 20_000 })
  await kill(redis)
  let taken = 0
  const refused = await (async () => {
    for (;;) {
      try {
        await writer.append([auditRecord(taken, 'x'.repeat(500))])
        taken += 1
      } catch (error) {
        return error
      }
    }
  })()
  t.match(refused, { code: 'ERR_AUDIT_UNAVAILABLE', message: /spool is full/ })
  t.ok(taken > 5 && store.spooledBytes() <= 20_000)
  t.match(await writer.health(), { ok: false, problem: /spool is full/ })
  t.match(writer.problem(), /spool is full/)
  await redis.startAgain()
  await until(() => store.spooledBytes() === 0)
  await writer.health()
  t.equal(writer.problem(), undefined)
  await writer.append([auditRecord(taken + 1)])
  // The one that was refused was in doubt, and is there all the same.
  await assertAll(t, upTo(taken + 2))
})

test('K113 the disk of the spool fails too: refused within two seconds', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const disk = failingDisk()
  const primary = await openRedisRecordStore({ url: redis.url })
  const directory = join(t.testdir({}), 'spool')
  const parts = {
    primary,
    directory,
    clock: systemClock,
    notes: () => undefined,
    files: disk.files,
  }
  const store = await openSpooledStore({ ...parts, retryMs: 50 }, SPOOL)
  const writer = writerOver(store)
  t.teardown(() => writer.close().catch(() => undefined))
  await writer.append([auditRecord(0)])
  await kill(redis)
  for (const state of ['full', 'torn', 'sync-fails', 'hangs'] as const) {
    disk.become(state)
    const start = performance.now()
    await t.rejects(writer.append([auditRecord(1)]), { code: 'ERR_AUDIT_UNAVAILABLE' }, state)
    t.ok(performance.now() - start < 2_600, state)
    t.match(await writer.health(), { ok: false, problem: String }, state)
    disk.become('well')
    await new Promise((resolve) => setTimeout(resolve, 600))
    await writer.health()
  }
  await writer.append([auditRecord(2)])
})

test('refuse spools nothing; what an earlier process left behind is replayed even so', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, assertAll, spooled } = await stage(t)
  const first = await open()
  await first.writer.append([auditRecord(0)])
  await kill(redis)
  await first.writer.append([auditRecord(1)])
  await first.writer.close()
  const second = await open(REFUSE)
  await t.rejects(second.writer.append([auditRecord(2)]), { code: 'ERR_AUDIT_UNAVAILABLE' })
  t.match(second.writer.problem(), /./)
  t.match(await second.writer.health(), { ok: false })
  await redis.startAgain()
  await until(() => second.store.spooledBytes() === 0)
  await until(async () => (await second.writer.health()).ok)
  t.equal(second.writer.problem(), undefined)
  await second.writer.append([auditRecord(3)])
  t.same(await spooled(), [])
  await assertAll(t, upTo(4))
})

test('a policy that no longer spools waits for what is spooled, and then goes on', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, assertAll } = await stage(t)
  const { store, writer } = await open()
  await kill(redis)
  await writer.append([auditRecord(0)])
  store.configure(REFUSE)
  await t.rejects(writer.append([auditRecord(1)]), { code: 'ERR_AUDIT_UNAVAILABLE' })
  await redis.startAgain()
  await until(() => store.spooledBytes() === 0)
  await writer.append([auditRecord(2)])
  await assertAll(t, upTo(3))
})

test('Redis has lost what it had: what was spooled is there, and the verifier names the rest', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, notes } = await stage(t)
  const { store, writer } = await open()
  for (let i = 0; i < 5; i += 1) await writer.append([auditRecord(i)])
  redis.process().signal('SIGSTOP')
  for (let i = 5; i < 10; i += 1) await writer.append([auditRecord(i)])
  redis.process().signal('SIGCONT')
  await redis.admin().flushall()
  await until(() => store.spooledBytes() === 0)
  await writer.append([auditRecord(10)])
  const reader = await openRedisAuditReader({ url: redis.url })
  t.teardown(() => reader.close())
  const numbers = numbersOf(await readAll(reader)).map(Number)
  t.same(
    numbers.filter((number) => number > 5),
    [6, 7, 8, 9, 10],
  )
  t.match(notes.join('\n'), /stored all the same|Redis has all/)
  const { faults } = await verifyAudit({
    records: (corrupt) => readSettled(reader, { corrupt }),
    verifyJws: undefined,
    anchored: () => [],
    partial: false,
  })
  t.match(faults[0], { kind: 'missing', sequence: 1 })
})

test('what is no record in a spool is set aside, and the rest is replayed', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, directory, spooled, notes } = await stage(t)
  const first = await open()
  await first.writer.append([auditRecord(0)])
  await kill(redis)
  for (let i = 1; i < 4; i += 1) await first.writer.append([auditRecord(i)])
  await first.writer.close()
  const segment = (await spooled()).find((name) => name.startsWith('audit-')) ?? ''
  const path = join(directory, segment)
  const text = await readFile(path, 'utf8')
  await writeFile(path, `${text}rubbish\n`)
  await appendFile(path, '{"torn":')
  await redis.startAgain()
  const second = await open()
  await until(() => second.store.spooledBytes() === 0)
  const reader = await openRedisAuditReader({ url: redis.url })
  t.same(numbersOf(await readAll(reader)), [0, 1, 2, 3])
  await reader.close()
  t.match(await readdir(directory), new Set(['audit.lock', `${segment}.unreadable`]))
  t.match(notes.join('\n'), /no record; its segment is kept/)
})

test('a spool that cannot be had is told of at the start, where it is asked for', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const directory = join(t.testdir({ file: 'x' }), 'file', 'spool')
  const parts = async () => ({
    primary: await openRedisRecordStore({ url: redis.url }),
    directory,
    clock: systemClock,
    notes: () => undefined,
  })
  await t.rejects(openSpooledStore(await parts(), SPOOL), { code: 'ERR_AUDIT_UNAVAILABLE' })
  const store = await openSpooledStore(await parts(), REFUSE)
  await store.append([])
  await store.close()
  const { open } = await stage(t)
  await open()
  await t.rejects(open(), { code: 'ERR_AUDIT_UNAVAILABLE', message: /Another process/ })
})

test('a Redis that may evict is not written to: records wait until that is put right', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { redis, open, assertAll } = await stage(t)
  const { store, writer } = await open()
  await writer.append([auditRecord(0)])
  await redis.admin().config('SET', 'maxmemory-policy', 'allkeys-lru')
  t.match(await writer.health(), { ok: false, unfit: true, problem: /noeviction/ })
  await writer.append([auditRecord(1)])
  t.ok(store.spooledBytes() > 0)
  await redis.admin().config('SET', 'maxmemory-policy', 'noeviction')
  await until(() => store.spooledBytes() === 0)
  await assertAll(t, upTo(2))
})

test('records count once the replicas that a policy asks for have them', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const primary = await startRedis(t)
  const replica = await startRedis(t)
  await replica.admin().call('REPLICAOF', '127.0.0.1', String(primary.port))
  await until(async () => /connected_slaves:1/.test(await primary.admin().info('replication')))
  const store = await openRedisRecordStore({ url: primary.url })
  const writer = writerOver(store)
  t.teardown(() => writer.close().catch(() => undefined))
  store.configure({ ...REFUSE, replicas: 1 })
  await appendWhenUp(writer, [auditRecord(0)])
  t.equal((await writer.health()).ok, true)
  t.ok((await replica.admin().xlen('celosia:audit')) >= 1)
  replica.process().signal('SIGSTOP')
  await t.rejects(writer.append([auditRecord(1)]), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /0 replicas of Redis have the records; the policy asks for 1/,
  })
  replica.process().signal('SIGCONT')
  store.configure({ ...REFUSE, replicas: 2 })
  t.match(await store.health(), { ok: false, problem: /has 1 replicas; the policy asks for 2/ })
})

async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
