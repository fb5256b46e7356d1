/** Retention of either store: what is old goes, what is held stays, and whatever happens the rest verifies. */
import { test, type Test } from 'tap'
import type { ChainedWriter } from '../../../src/audit/chain/chain-writer.ts'
import { HOLDS_KEY } from '../../../src/audit/redis-audit-keys.ts'
import type { Hold } from '../../../src/audit/retention/hold.ts'
import { previewPurge } from '../../../src/audit/retention/purger.ts'
import { PURGE_SCRIPT } from '../../../src/audit/retention/redis-purge-script.ts'
import {
  agedJournal,
  agedRedis,
  DAY_MS,
  oldAccess,
  type AgedAudit,
} from '../../helpers/aged-audit.ts'
import { requirePeer } from '../../helpers/peers.ts'
import { startRedis } from '../../helpers/redis.ts'

const PERIODS = { records: 400 * DAY_MS, findings: 730 * DAY_MS }
const STEP = { by: 'dana', atMs: 1, record: '019ab000-0000-7000-8000-0000000000cc' }
const HOLDS: readonly Hold[] = [
  { name: 'case-1', agent: 'agent-3', placed: STEP },
  { name: 'case-2', pseudonyms: ['v1:five'], placed: STEP },
]

/** Thirty accesses of ten agents, a finding after every seventh. */
async function write(writer: ChainedWriter, { clock }: AgedAudit, count = 30): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const access = oldAccess(clock, `agent-${i % 10}`, i % 10 === 5 ? ['v1:five'] : [])
    await writer.append([i % 7 === 6 ? { ...access, type: 'finding' } : access])
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function assertVerifies(t: Test, audit: AgedAudit, what: string) {
  const report = await audit.verify()
  t.same(report.faults, [], what)
  return report
}

const agentsOf = async (audit: AgedAudit, stream: string): Promise<readonly unknown[]> =>
  (await audit.records())
    .filter((record) => record.stream === stream)
    .map(({ record }) => (record.event['actor'] as { user: { uid: string } }).user.uid)

async function assertRetention(t: Test, audit: AgedAudit): Promise<void> {
  const { clock, target } = audit
  clock.shiftMs = -500 * DAY_MS
  const old = await audit.open()
  await write(old, audit)
  await old.close()
  clock.shiftMs = 0
  const writer = await audit.open()
  await write(writer, audit, 8)
  const before = await audit.records()
  for (const hold of HOLDS) t.ok(await target.holds.place(hold), `${hold.name} is placed`)
  t.notOk(await target.holds.place(HOLDS[0] as Hold), 'and not twice')

  await audit.settle()
  const preview = await previewPurge({ target }, PERIODS)
  t.equal((await audit.records()).length, before.length, 'a dry run changes nothing')
  const result = await audit.purge(writer, PERIODS)
  t.equal(result.records, preview.records, 'what it tells is what goes')
  t.ok(result.records > 20)
  const held = [...preview.held].toSorted()
  t.same(
    held,
    [
      ['case-1', 2],
      ['case-2', 3],
    ],
    'one of agent 3 is a finding, and not old enough',
  )
  t.same(preview.waits, [])

  const report = await assertVerifies(t, audit, 'after a purge it verifies')
  t.equal(report.purges.records, result.records)
  t.ok(
    report.writers.every(({ confirmed }) => confirmed > 0),
    'confirmed by signatures',
  )
  const left = await agentsOf(audit, 'records')
  t.same(left.slice(0, 5).toSorted(), ['agent-3', 'agent-3', 'agent-5', 'agent-5', 'agent-5'])
  t.equal(left.length, 5 + 7, 'and what is young')
  t.equal((await agentsOf(audit, 'findings')).length, 5, 'findings have a time of their own')
  t.equal((await audit.purge(writer, PERIODS)).records, 0, 'the second time nothing is left to go')

  for (const hold of HOLDS) await target.holds.replace({ ...hold, released: STEP })
  t.equal((await audit.purge(writer, PERIODS)).records, 5, 'what was held goes once it is released')
  await write(writer, audit, 8)
  await writer.close()
  await assertVerifies(t, audit, 'with what was written since')
}

async function assertWholeWriters(t: Test, audit: AgedAudit): Promise<void> {
  const { clock } = audit
  clock.shiftMs = -900 * DAY_MS
  const old = await audit.open()
  await write(old, audit)
  await old.close()
  clock.shiftMs = 0
  const writer = await audit.open()
  await write(writer, audit, 3)
  await audit.purge(writer, PERIODS)
  const report = await assertVerifies(
    t,
    audit,
    'nothing of a writer is left, and the anchor knows him',
  )
  t.match(report, { purges: { writers: 1 }, writers: { length: 1 } })
  await writer.close()
}

test('in a journal', async (t) => {
  await t.test('old records go, held ones stay', async (row) =>
    assertRetention(row, await agedJournal(row.testdir({}))),
  )
  await t.test('all of a writer goes', async (row) =>
    assertWholeWriters(row, await agedJournal(row.testdir({}))),
  )
  await t.test('days of which something is kept keep no others', async (row) => {
    const audit = await agedJournal(row.testdir({}))
    const { clock, target } = audit
    for (let day = 0; day < 10; day += 1) {
      clock.shiftMs = (day - 500) * DAY_MS
      const old = await audit.open()
      await old.append([oldAccess(clock, 'agent-3'), oldAccess(clock, 'agent-4')])
      await old.close()
    }
    clock.shiftMs = 0
    const writer = await audit.open()
    await writer.append([oldAccess(clock, 'young')])
    await target.holds.place(HOLDS[0] as Hold)
    await audit.settle()
    const { streams } = await previewPurge({ target }, PERIODS)
    row.equal(streams.records, 10)
    await audit.purge(writer, PERIODS)
    const left = await agentsOf(audit, 'records')
    row.same(left, [...Array.from({ length: 10 }, () => 'agent-3'), 'young'])
    await assertVerifies(row, audit, 'what is kept of each day')
    await target.holds.replace({ ...(HOLDS[0] as Hold), released: STEP })
    row.equal((await audit.purge(writer, PERIODS)).records, 10, 'and all of it goes later')
    await assertVerifies(row, audit, 'after that')
    await writer.close()
  })
})

/** What docs/audit.md says that the gateway's user needs, for the records themselves and for purging. */
const WRITES = '+xadd +type +hget +hset +hdel +hscan +hexists +set +exists +eval +evalsha'
const PURGES = '+xrange +xrevrange +xdel +xinfo|groups +xpending +time +hvals +hsetnx'
const USER = `gateway on >pw resetchannels -@all +ping +info ${WRITES} ${PURGES} ~celosia:*`

test('in Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  await t.test('old records go, held ones stay', async (row) => {
    const { url } = await startRedis(row)
    const audit = await agedRedis(row.testdir({}), url)
    await assertRetention(row, audit)
    await audit.target.close()
  })
  await t.test('all of a writer goes', async (row) => {
    const { url } = await startRedis(row)
    const audit = await agedRedis(row.testdir({}), url)
    await assertWholeWriters(row, audit)
    await audit.target.close()
  })
  await t.test('as a user who may do no more than the documents say', async (row) => {
    const { port } = await startRedis(row, { users: [USER] })
    const url = `redis://gateway:pw@127.0.0.1:${port}`
    const audit = await agedRedis(row.testdir({}), url)
    await assertRetention(row, audit)
    await audit.target.close()
  })
  await t.test('with holds in whatever order a machine sorts their names', async (row) => {
    const { admin } = await startRedis(row)
    const redis = admin()
    const names = ['case-10', 'case-1-b', 'case_1', 'case10']
    for (const name of names) await redis.hset(HOLDS_KEY, name, JSON.stringify({ name }))
    await redis.hset(HOLDS_KEY, 'old', JSON.stringify({ name: 'old', released: STEP }))
    const asked = (holds: readonly string[]) =>
      redis.eval(PURGE_SCRIPT, 2, 'celosia:audit', HOLDS_KEY, holds.join(' '), 0)
    row.equal(await asked(names), 'purged')
    row.equal(await asked(names.toReversed()), 'purged')
    row.equal(await asked(names.slice(1)), 'held', 'one more')
    row.equal(await asked([...names, 'old']), 'held', 'one less')
    row.equal(await asked([...names.slice(1), 'old']), 'held', 'another')
  })
  await t.test('in several steps, where there is much', async (row) => {
    const { url } = await startRedis(row, { settings: { appendfsync: 'no' } })
    const audit = await agedRedis(row.testdir({}), url)
    const { clock, target } = audit
    clock.shiftMs = -500 * DAY_MS
    const old = await audit.open()
    for (let i = 0; i < 10; i += 1)
      await old.append(Array.from({ length: 450 }, (_, n) => oldAccess(clock, `agent-${n % 10}`)))
    await old.close()
    clock.shiftMs = 0
    const writer = await audit.open()
    await write(writer, audit, 2)
    await target.holds.place(HOLDS[0] as Hold)
    const { records } = await audit.purge(writer, PERIODS)
    row.ok(records > 4_050, `${records} records`)
    row.equal((await agentsOf(audit, 'records')).length, 450 + 2)
    const { purges } = await assertVerifies(row, audit, 'after several steps')
    row.ok(purges.claims >= 3, `${purges.claims} purges on record`)
    await writer.close()
    await target.close()
  })
})
