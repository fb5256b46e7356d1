/** The audit in Redis: the contract on a real server, and what operators are told of one that is not fit. */
import { createHash } from 'node:crypto'
import { test, type Test } from 'tap'
import type { AuditWriter } from '../../src/audit/audit-store.ts'
import { canonicalJson } from '../../src/audit/chain/canonical-json.ts'
import { headOf, type SealedRecord } from '../../src/audit/chain/envelope.ts'
import type { RecordStore } from '../../src/audit/record-store.ts'
import { openRedisAuditReader } from '../../src/audit/redis-audit-reader.ts'
import { STREAM_KEYS } from '../../src/audit/redis-audit-keys.ts'
import { openRedisRecordStore } from '../../src/audit/redis-record-store.ts'
import { auditStoreContract } from '../contract/audit-store.contract.ts'
import { nextBatch, recordStoreContract } from '../contract/record-store.contract.ts'
import { auditRecord, auditRecords, numbersOf, readAll } from '../helpers/audit-records.ts'
import { newChain, openRedisWriter, sealAll } from '../helpers/audit-writers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis, type RedisServer, type RedisServerOptions } from '../helpers/redis.ts'

async function openWriter(t: Test, url: string, timeoutMs = 2_000): Promise<AuditWriter> {
  const writer = await openRedisWriter({ url, timeoutMs })
  t.teardown(() => writer.close().catch(() => undefined))
  return writer
}

async function openStore(t: Test, url: string): Promise<RecordStore> {
  const store = await openRedisRecordStore({ url })
  t.teardown(() => store.close().catch(() => undefined))
  return store
}

function pairsOf(texts: readonly string[]): readonly (readonly [string, string])[] {
  return texts.flatMap((name, i) => (i % 2 === 0 ? [[name, texts[i + 1] ?? ''] as const] : []))
}

async function openReader(t: Test, url: string) {
  const reader = await openRedisAuditReader({ url })
  t.teardown(() => reader.close())
  return reader
}

async function serverAndWriter(
  t: Test,
  options: RedisServerOptions = {},
): Promise<{ server: RedisServer; writer: AuditWriter }> {
  const server = await startRedis(t, options)
  return { server, writer: await openWriter(t, server.url) }
}

test('the Redis store keeps the contract of audit stores', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  await auditStoreContract(t, async (t) => {
    const server = await startRedis(t)
    return {
      writer: () => openWriter(t, server.url),
      reader: () => openReader(t, server.url),
      failures: [
        {
          name: 'Redis stands still (SIGSTOP)',
          begin: () => Promise.resolve(void server.process().signal('SIGSTOP')),
          end: () => Promise.resolve(void server.process().signal('SIGCONT')),
        },
        {
          name: 'Redis is killed (SIGKILL)',
          begin: async () => {
            server.process().signal('SIGKILL')
            await server.process().exit
          },
          end: () => server.startAgain(),
        },
      ],
    }
  })
})

test('the Redis store keeps the contract of record stores, and stores nothing twice', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  await recordStoreContract(t, async (t) => {
    const server = await startRedis(t)
    return { store: () => openStore(t, server.url), reader: () => openReader(t, server.url) }
  })
  const server = await startRedis(t)
  const store = await openStore(t, server.url)
  const batch = sealAll(auditRecords(9), newChain())
  for (const upTo of [3, 3, 5, 9, 9]) await store.append(batch.slice(0, upTo))
  const stored = await readAll(await openReader(t, server.url))
  t.same(numbersOf(stored), [0, 1, 2, 3, 4, 5, 6, 7, 8])
})

test('a batch is stored only after what it follows on', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const store = await openStore(t, server.url)
  const first = sealAll(auditRecords(3), newChain())
  const second = nextBatch(first, 2)
  await t.rejects(store.append(second), { code: 'ERR_AUDIT_CHAIN_BROKEN', message: /has 0/ })
  t.equal(await server.admin().xlen(STREAM_KEYS.records), 0)
  await store.append(first)
  const fork = sealAll(auditRecords(2), headOf(first[1] as SealedRecord))
  await t.rejects(store.append([...fork, ...nextBatch(fork, 1)]), {
    code: 'ERR_AUDIT_CHAIN_BROKEN',
  })
  await store.append(second)
  t.equal(await server.admin().xlen(STREAM_KEYS.records), 5)
  await server.admin().flushall()
  await t.rejects(store.append(nextBatch(second, 1)), { code: 'ERR_AUDIT_CHAIN_BROKEN' })
})

test('a stream that fails midway keeps what came before, and takes the rest later', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const admin = server.admin()
  const store = await openStore(t, server.url)
  const types = ['access', 'access', 'finding', 'access'] as const
  const records = types.map((type, i) => ({ ...auditRecord(i), type }))
  const batch = sealAll(records, newChain())
  await admin.set(STREAM_KEYS.findings, 'x')
  await t.rejects(store.append(batch), { code: 'ERR_AUDIT_UNAVAILABLE', message: /another type/ })
  t.equal(await admin.xlen(STREAM_KEYS.records), 2)
  await admin.del(STREAM_KEYS.findings)
  await store.append(batch)
  t.equal(await admin.xlen(STREAM_KEYS.records), 3)
  t.equal(await admin.xlen(STREAM_KEYS.findings), 1)
  await admin.xadd(STREAM_KEYS.records, '18446744073709551615-18446744073709551615', 'x', 'y')
  await t.rejects(store.append(nextBatch(batch, 1)), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /maximum id/,
  })
})

test('an entry has the event and flat fields beside it', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { server, writer } = await serverAndWriter(t)
  const record = auditRecord(7)
  await writer.append([record])
  const [entry] = await server.admin().xrange(STREAM_KEYS.records, '-', '+')
  const event = canonicalJson(record.event)
  const fields = new Map(pairsOf(entry?.[1] ?? []))
  t.same(
    [...fields.keys()],
    ['v', 'id', 'type', 'severity', 'writer', 'sequence', 'previous', 'event_sha256', 'event'],
  )
  t.match(Object.fromEntries(fields), {
    v: '1',
    id: record.id,
    type: 'access',
    severity: '1',
    sequence: '2',
    event_sha256: createHash('sha256').update(event).digest('hex'),
    event,
  })
})

test('every acknowledged record survives kill -9 of Redis under load', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { server, writer } = await serverAndWriter(t)
  const acknowledged: number[] = []
  let sent = 0
  const load = async (): Promise<void> => {
    for (;;) {
      const number = sent
      sent += 1
      await writer.append([auditRecord(number)])
      acknowledged.push(number)
    }
  }
  const loads = Promise.allSettled(Array.from({ length: 20 }, load))
  while (acknowledged.length < 500) await new Promise((resolve) => setTimeout(resolve, 5))
  server.process().signal('SIGKILL')
  await loads
  await server.startAgain()
  const stored = new Set(numbersOf(await readAll(await openReader(t, server.url))))
  t.same(
    acknowledged.filter((number) => !stored.has(number)),
    [],
  )
})

test('a strict Redis is told from a relaxed one and from one that may evict', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { server, writer } = await serverAndWriter(t)
  const admin = server.admin()
  t.same(await writer.health(), { ok: true, problem: undefined, durability: 'strict' })
  await admin.config('SET', 'appendfsync', 'everysec')
  t.match(await writer.health(), { ok: true, durability: 'relaxed', problem: /everysec/ })
  await admin.config('SET', 'appendonly', 'no')
  t.match(await writer.health(), { ok: true, durability: 'relaxed', problem: /append-only/ })
  await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
  t.match(await writer.health(), { ok: false, problem: /noeviction/ })
  await admin.set(STREAM_KEYS.records, 'x')
  await admin.config('SET', 'maxmemory-policy', 'noeviction')
  t.match(await writer.health(), { ok: false, problem: /another type/ })
  await t.rejects(writer.append([auditRecord(0)]), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /type/,
  })
})

test('a full Redis and a replica refuse records in words', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { server, writer } = await serverAndWriter(t)
  const admin = server.admin()
  await admin.config('SET', 'maxmemory', '1')
  await t.rejects(writer.append([auditRecord(0)]), { message: /maxmemory/ })
  await admin.config('SET', 'maxmemory', '0')
  await writer.append([auditRecord(0)])
  await admin.call('REPLICAOF', '127.0.0.1', '1')
  await t.rejects(writer.append([auditRecord(1)]), { message: /replica/ })
  t.match(await writer.health(), { ok: false, problem: /replica/ })
})

test('what a user may not do is said, and neither name nor password with it', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t, {
    users: [
      'default off',
      'scribe on >s3cr3t-w0rd ~celosia:* +eval +evalsha +hget +hset +hdel +set +xadd +info +ping +type',
      'mute on >s3cr3t-w0rd ~celosia:* +eval +evalsha +hget +hset +hdel +set +info +ping',
    ],
  })
  const at = (user: string): string => `redis://${user}127.0.0.1:${server.port}`
  const scribe = await openWriter(t, at('scribe:s3cr3t-w0rd@'))
  await scribe.append([auditRecord(0)])
  t.match(await scribe.health(), { ok: true, durability: 'relaxed', problem: /denies CONFIG/ })
  const cases = [
    ['mute:s3cr3t-w0rd@', /ACL/],
    ['scribe:s3cr3t-wrong@', /refuses the user name or the password/],
    ['', /password/],
  ] as const
  for (const [user, problem] of cases) {
    const writer = await openWriter(t, at(user))
    const error = await writer.append([auditRecord(1)]).catch((error: unknown) => error)
    t.match(error, { code: 'ERR_AUDIT_UNAVAILABLE', message: problem })
    const told = `${JSON.stringify(error)} ${(error as Error).stack} ${(await writer.health()).problem}`
    t.notMatch(told, /s3cr3t|scribe|mute/)
    t.equal((error as Error).cause, undefined, 'the error of the library holds the arguments')
  }
})

test('a database that cannot be selected is not replaced by database 0', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  const writer = await openWriter(t, `${server.url}/99`, 500)
  await t.rejects(writer.append([auditRecord(0)]), { code: 'ERR_AUDIT_UNAVAILABLE' })
  t.equal(await server.admin().dbsize(), 0)
  const second = await openWriter(t, `${server.url}/3`)
  await second.append([auditRecord(0)])
  t.equal(await server.admin().dbsize(), 0, 'written to database 3')
})

test('an address that is none is refused without being repeated', async (t) => {
  for (const url of [
    '',
    'http://h',
    'redis://',
    'redis://u:p4ss@h:99999',
    'redis://h/0?family=6',
    'p4ss',
  ]) {
    const error = await openRedisRecordStore({ url }).catch((error: unknown) => error)
    t.match(error, { code: 'ERR_AUDIT_UNAVAILABLE' }, url)
    t.notMatch((error as Error).message, /p4ss|99999|family/)
  }
})

test('a Redis that is away at the start is found once it is there', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const server = await startRedis(t)
  server.process().signal('SIGKILL')
  await server.process().exit
  const writer = await openWriter(t, server.url)
  await t.rejects(writer.append([auditRecord(0)]), { message: /ECONNREFUSED/ })
  await t.rejects(readAll(await openReader(t, server.url)), { code: 'ERR_AUDIT_UNAVAILABLE' })
  await server.startAgain()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await writer.append([auditRecord(0)])
  t.same(await writer.health(), { ok: true, problem: undefined, durability: 'strict' })
})

test('too many records under way are refused at once, and the rest is kept', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { server, writer } = await serverAndWriter(t)
  server.process().signal('SIGSTOP')
  const held = writer.append(auditRecords(10_000)).catch(() => undefined)
  const start = performance.now()
  await t.rejects(writer.append([auditRecord(0)]), { message: /Too many/ })
  t.ok(performance.now() - start < 1_500)
  server.process().signal('SIGCONT')
  await held
})

test('an entry that is no record stops a reading and is named', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { server, writer } = await serverAndWriter(t)
  await writer.append([auditRecord(0)])
  const bad = await server.admin().xadd(STREAM_KEYS.records, '*', 'event', '{', 'v', '1')
  await writer.append([auditRecord(1)])
  const reader = await openReader(t, server.url)
  const read: unknown[] = []
  await t.rejects(
    async () => {
      for await (const { record } of reader.read({ stream: 'records' }))
        read.push(record.event['number'])
    },
    { code: 'ERR_AUDIT_CORRUPT', position: bad },
  )
  t.same(read, [0])
})
