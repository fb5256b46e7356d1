/** K120, M134: who wants a trail erased uses retention for it. Each time the records stay, or the verifier names what is gone. */
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { sealRecord, prepareRecord } from '../../src/audit/chain/envelope.ts'
import { recordLine } from '../../src/audit/record-codec.ts'
import type { RetentionTarget } from '../../src/audit/retention/retention-target.ts'
import { purge, previewPurge } from '../../src/audit/retention/purger.ts'
import { agedJournal, agedRedis, DAY_MS, oldAccess, type AgedAudit } from '../helpers/aged-audit.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { newSigner } from '../helpers/signed-audit.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'

const PERIODS = { records: 400 * DAY_MS }
const STEP = { by: 'dana', atMs: 1, record: 'r' }

/** Twelve old accesses, and three young ones by a writer that is still there. */
async function filled(audit: AgedAudit) {
  audit.clock.shiftMs = -500 * DAY_MS
  const old = await audit.open()
  for (let i = 0; i < 12; i += 1) await old.append([oldAccess(audit.clock, `agent-${i}`)])
  await old.close()
  audit.clock.shiftMs = 0
  const writer = await audit.open()
  for (let i = 0; i < 3; i += 1) await writer.append([oldAccess(audit.clock, 'young')])
  return writer
}

const kindsOf = async (audit: AgedAudit): Promise<readonly string[]> =>
  (await audit.verify()).faults.map(({ kind }) => kind)

const accesses = async (audit: AgedAudit): Promise<number> =>
  (await audit.records()).filter(({ record }) => record.type === 'access').length

async function segmentOf(folder: string, prefix: string): Promise<string> {
  const directory = join(folder, 'journal')
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix)).toSorted()
  return join(directory, names[0] ?? '')
}

/** Makes the young records of a journal look old, or as if by another agent, and leaves their envelopes as they are. */
async function alter(folder: string, from: RegExp, to: string): Promise<void> {
  const directory = join(folder, 'journal')
  for (const name of (await readdir(directory)).filter((one) => one.startsWith('audit-'))) {
    const text = await readFile(join(directory, name), 'utf8')
    await writeFile(join(directory, name), text.replaceAll(from, to))
  }
}

test('M134 a record is altered so that it looks old, or as if no hold kept it: it stays', async (t) => {
  const folder = t.testdir({})
  const audit = await agedJournal(folder)
  const writer = await filled(audit)
  await audit.target.holds.place({ name: 'case-1', agent: 'agent-3', placed: STEP })
  await alter(folder, /"agent-3"/g, '"agent-4"')
  const { waits } = await audit.purge(writer, PERIODS)
  t.match(waits, [/not what was written/])
  const left = (await audit.records()).filter(({ record }) => record.type === 'access')
  t.equal(left.length, 1 + 3, 'the altered one, and the young ones')
  t.ok((await kindsOf(audit)).includes('altered'), 'and it is named')
  await writer.close()
})

test('M134 in Redis, too', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { url, admin } = await startRedis(t)
  const audit = await agedRedis(t.testdir({}), url)
  const writer = await audit.open()
  for (let i = 0; i < 3; i += 1) await writer.append([oldAccess(audit.clock, 'young')])
  // Who can write to the store puts the stream there anew.
  const redis = admin()
  const entries = await redis.xrange('celosia:audit', '-', '+')
  await redis.del('celosia:audit')
  for (const [id, fields] of entries)
    await redis.xadd(
      'celosia:audit',
      id,
      ...fields.map((text) => text.replace(/"time":\d+/, '"time":1')),
    )
  const { records, waits } = await audit.purge(writer, PERIODS)
  t.equal(records, 0)
  t.match(waits, [/not what was written/])
  t.equal(await accesses(audit), 3)
  t.ok((await kindsOf(audit)).includes('altered'))
  await writer.close()
  await audit.target.close()
})

test('M134 records are altered with their envelopes, and purged: the chain is broken there', async (t) => {
  const folder = t.testdir({})
  const audit = await agedJournal(folder)
  const writer = await audit.open()
  for (let i = 0; i < 3; i += 1) await writer.append([oldAccess(audit.clock, 'young')])
  const lines = (await audit.records()).filter(({ stream }) => stream === 'records')
  const path = await segmentOf(folder, 'audit-')
  const forged = lines.map(({ envelope }) => {
    const { writer: name, sequence, previous } = envelope
    const record = { ...oldAccess(systemClock, 'young'), id: envelope.id }
    const old = prepareRecord({ ...record, event: { ...record.event, time: 1 } })
    return recordLine(sealRecord(old, { writer: name, sequence: sequence - 1, hash: previous }))
  })
  await writeFile(path, Buffer.concat(forged))
  await utimes(path, 1, 1)
  const { target, signed } = audit
  const order = { periods: PERIODS, signer: signed.signer, audit: writer }
  t.equal((await purge({ target, clock: systemClock, ids: uuidV7 }, order)).records, 3)
  t.ok((await kindsOf(audit)).includes('altered'))
  await writer.close()
})

test('M134 more is removed than a purge says: it is missing', async (t) => {
  const folder = t.testdir({})
  const audit = await agedJournal(folder)
  const writer = await filled(audit)
  await audit.purge(writer, PERIODS)
  const path = join(
    folder,
    'journal',
    (await readdir(join(folder, 'journal')))
      .filter((name) => name.startsWith('audit-'))
      .toSorted()
      .at(-1) ?? '',
  )
  const lines = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, lines.toSpliced(1, 1).join('\n'))
  t.same(await kindsOf(audit), ['missing'])
  await writer.close()
})

test('M134 a record is put in where others were purged: nothing confirms it', async (t) => {
  const folder = t.testdir({})
  const audit = await agedJournal(folder)
  const writer = await filled(audit)
  const path = await segmentOf(folder, 'audit-')
  const [first] = await audit.records()
  const victim = (await audit.records()).find(({ envelope }) => envelope.sequence === 5)
  if (first === undefined || victim === undefined) throw new Error('no records')
  await audit.purge(writer, PERIODS)
  const head = { writer: victim.envelope.writer, sequence: 4, hash: victim.envelope.previous }
  const forged = sealRecord(prepareRecord(oldAccess(systemClock, 'innocent')), head)
  await writeFile(path, recordLine(forged))
  t.same(await kindsOf(audit), ['altered'])
  await writer.close()
})

test('K120 a purge that a stranger signs, or nobody, covers nothing', async (t) => {
  const folder = t.testdir({})
  const audit = await agedJournal(folder)
  const writer = await filled(audit)
  await audit.settle()
  const { target } = audit
  const order = { periods: PERIODS, signer: newSigner(), audit: writer }
  await purge({ target, clock: systemClock, ids: uuidV7 }, order)
  const kinds = await kindsOf(audit)
  t.ok(kinds.includes('forged'))
  t.ok(kinds.includes('missing'), 'what it says was purged is missing')
  await writer.close()
})

test('M134 a hold that cannot be read, or comes amid a purge: nothing goes', async (t) => {
  const folder = t.testdir({})
  const audit = await agedJournal(folder)
  const writer = await filled(audit)
  const { target } = audit
  await target.holds.place({ name: 'case-1', agent: 'agent-3', placed: STEP })
  const file = join(folder, 'journal', 'holds', 'case-1.json')
  const good = await readFile(file, 'utf8')
  for (const text of [
    '',
    '{}',
    good.replace('"agent"', '"agnet"'),
    good.replace('"v":1', '"v":2'),
  ]) {
    await writeFile(file, text)
    await t.rejects(audit.purge(writer, PERIODS), { code: 'ERR_AUDIT_UNAVAILABLE' }, text)
  }
  await writeFile(file, good)
  t.equal(await accesses(audit), 15, 'all are there')

  const late = { name: 'case-2', agent: 'agent-4', placed: STEP }
  const append = async (records: Parameters<typeof writer.append>[0]) => {
    await writer.append(records)
    await target.holds.place(late)
  }
  const amid = { append, spooledBytes: () => 0 }
  await audit.settle()
  const order = { periods: PERIODS, signer: audit.signed.signer, audit: amid }
  await purge({ target, clock: systemClock, ids: uuidV7 }, order)
  const left = (await audit.records()).map(({ record }) => JSON.stringify(record.event)).join()
  t.match(left, /agent-3"[^]*agent-4"/, 'both are held')
  t.same(await kindsOf(audit), [])
  await writer.close()
})

test('M134 a hold that comes between the record of a purge and the purge: nothing goes', async (t) => {
  const audit = await agedJournal(t.testdir({}))
  const writer = await filled(audit)
  const { target, signed } = audit
  await audit.settle()
  const late = {
    ...target,
    plan: async (request: Parameters<RetentionTarget['plan']>[0]) => {
      const plan = await target.plan(request)
      const remove = async () => {
        await target.holds.place({ name: 'case-9', agent: 'agent-9', placed: STEP })
        await plan.remove()
      }
      return { ...plan, remove }
    },
  }
  const order = { periods: PERIODS, signer: signed.signer, audit: writer }
  await t.rejects(purge({ target: late, clock: systemClock, ids: uuidV7 }, order), /meanwhile/)
  t.equal(await accesses(audit), 15)
  t.same(await kindsOf(audit), [])
  await writer.close()
})

/** Cut short after `steps` removals; the rest fails as a full disk or a kill would. */
function cutShort(target: RetentionTarget, remove: () => Promise<void>): RetentionTarget {
  return { ...target, plan: async (request) => ({ ...(await target.plan(request)), remove }) }
}

test('M134 a purge that is cut short leaves what verifies, and the next one ends it', async (t) => {
  const folder = t.testdir({})
  const audit = await agedJournal(folder)
  const writer = await filled(audit)
  await audit.settle()
  const order = { periods: PERIODS, signer: audit.signed.signer, audit: writer }
  const options = { clock: systemClock, ids: uuidV7 }
  const dead = cutShort(audit.target, () => Promise.reject(new Error('killed')))
  await t.rejects(purge({ ...options, target: dead }, order))
  t.equal(await accesses(audit), 15, 'on record, and still there')
  t.same(await kindsOf(audit), [])

  const half = cutShort(audit.target, async () => {
    await rm(await segmentOf(folder, 'audit-'))
    throw new Error('killed')
  })
  await t.rejects(purge({ ...options, target: half }, order))
  t.same(await kindsOf(audit), [], 'what is left of it verifies')
  await audit.purge(writer, PERIODS)
  t.equal(await accesses(audit), 3)
  t.same(await kindsOf(audit), [], 'the next one has ended it')
  await writer.close()
})

test('M134 nothing goes before a sink has it, nor while records wait in a spool', async (t) => {
  const folder = t.testdir({})
  const position = async (): Promise<string> =>
    `${(await segmentOf(folder, 'audit-')).split('/').at(-1) ?? ''}:0`
  const positions: { records?: string; chain?: string } = {}
  const audit = await agedJournal(folder, [{ name: 'siem', positions }])
  const writer = await filled(audit)
  const assertStays = async (what: string) => {
    const { records, waits } = await audit.purge(writer, PERIODS)
    t.equal(records, 0, what)
    t.match(waits, [/siem/], what)
  }
  await assertStays('a sink that has begun with nothing')
  positions.records = await position()
  await assertStays('one that is amid it')
  const spooled = { append: writer.append, spooledBytes: () => 1 }
  positions.records = positions.records.replace('00000001', '00000002')
  const order = { periods: PERIODS, signer: audit.signed.signer, audit: spooled }
  const { target } = audit
  await t.rejects(purge({ target, clock: systemClock, ids: uuidV7 }, order), /spool/)
  t.equal(await accesses(audit), 15)
  t.ok((await audit.purge(writer, PERIODS)).records >= 12, 'accesses go once it has passed them')
  t.same(await kindsOf(audit), [])
  await writer.close()
})

test('M134 in Redis nothing goes before every consumer group has acknowledged it', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const { url, admin } = await startRedis(t)
  const audit = await agedRedis(t.testdir({}), url, ['celosia-ship:siem'])
  const writer = await filled(audit)
  const redis = admin()
  const assertStays = async (row: Test, what: RegExp) => {
    const { records, waits } = await audit.purge(writer, PERIODS)
    row.equal(records, 0)
    row.match(waits.join(), what)
  }
  const streams = ['celosia:audit', 'celosia:chain', 'celosia:findings'] as const
  await t.test('a group that is to come', (row) => assertStays(row, /siem has not begun/))
  for (const stream of streams)
    await redis.xgroup('CREATE', stream, 'celosia-ship:siem', '0', 'MKSTREAM')
  await t.test('one that was given nothing', (row) => assertStays(row, /siem of .* has not ack/))
  const given = new Map<string, string[]>()
  for (const stream of streams) {
    await redis.xreadgroup('GROUP', 'celosia-ship:siem', 'c', 'STREAMS', stream, '>')
    given.set(
      stream,
      (await redis.xrange(stream, '-', '+')).map(([id]) => id),
    )
  }
  await t.test('one that has not acknowledged', (row) => assertStays(row, /has not ack/))
  await redis.xack(
    'celosia:audit',
    'celosia-ship:siem',
    ...(given.get('celosia:audit') ?? []).slice(0, 4),
  )
  await t.test('one that has acknowledged a part', async (row) => {
    row.equal((await audit.purge(writer, PERIODS)).records, 4, 'that part goes')
    row.same(await kindsOf(audit), [])
  })
  for (const [stream, ids] of given)
    if (ids.length > 0) await redis.xack(stream, 'celosia-ship:siem', ...ids)
  await t.test('one that goes back between the plan and the purge', async (row) => {
    const before = await accesses(audit)
    const back = {
      ...audit.target,
      plan: async (request: Parameters<RetentionTarget['plan']>[0]) => {
        const plan = await audit.target.plan(request)
        await redis.xgroup('SETID', 'celosia:audit', 'celosia-ship:siem', '0')
        return plan
      },
    }
    const order = { periods: PERIODS, signer: audit.signed.signer, audit: writer }
    await row.rejects(purge({ target: back, clock: systemClock, ids: uuidV7 }, order), /gone back/)
    row.equal(await accesses(audit), before)
    row.same(await kindsOf(audit), [])
  })
  await t.test('a hold that is placed between the plan and the purge', async (row) => {
    for (const stream of streams) await redis.xgroup('SETID', stream, 'celosia-ship:siem', '$')
    const before = await accesses(audit)
    const late = {
      ...audit.target,
      plan: async (request: Parameters<RetentionTarget['plan']>[0]) => {
        const plan = await audit.target.plan(request)
        const remove = async () => {
          const hold = { name: 'case-9', agent: 'agent-9', placed: STEP }
          await audit.target.holds.place(hold)
          await plan.remove()
        }
        return { ...plan, remove }
      },
    }
    const order = { periods: PERIODS, signer: audit.signed.signer, audit: writer }
    await row.rejects(purge({ target: late, clock: systemClock, ids: uuidV7 }, order), /meanwhile/)
    row.equal(await accesses(audit), before)
    row.ok((await audit.purge(writer, PERIODS)).records > 0, 'the next one knows of it')
    const left = (await audit.records()).map(({ record }) => JSON.stringify(record.event)).join()
    row.match(left, /agent-9/)
    row.same(await kindsOf(audit), [])
  })
  await writer.close()
  await audit.target.close()
})

test('M134 clocks that are wrong keep too much rather than too little', async (t) => {
  const audit = await agedJournal(t.testdir({}))
  // One process after the other, since one alone would refuse.
  for (const shiftMs of [0, -20_000 * DAY_MS, -500 * DAY_MS, 1_000 * DAY_MS]) {
    audit.clock.shiftMs = shiftMs
    const writer = await audit.open()
    await writer.append([oldAccess(audit.clock, 'young, whatever the clock said')])
    await writer.close()
  }
  await audit.settle()
  const { records } = await previewPurge({ target: audit.target }, PERIODS)
  t.equal(records, 0)
})
