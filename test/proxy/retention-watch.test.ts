/** The gateway keeps the audit as long as the policy says, and puts holds on record, by itself. */
import { Writable } from 'node:stream'
import { test } from 'tap'
import type { Hold } from '../../src/audit/retention/hold.ts'
import type { RetentionTarget } from '../../src/audit/retention/retention-target.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { createLateRecords } from '../../src/proxy/late-records.ts'
import { createLogger } from '../../src/proxy/logger.ts'
import {
  createRetentionWatch,
  type RetentionWatchOptions,
} from '../../src/proxy/retention-watch.ts'
import { agedJournal, DAY_MS, oldAccess, type AgedAudit } from '../helpers/aged-audit.ts'

const PACE = { lookMs: 20, firstPurgeMs: 60, purgeEveryMs: 60_000 }
const PERIODS = { records: 400 * DAY_MS }

/** A log, and what it said. */
function heardLog() {
  const lines: string[] = []
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
  return { log: createLogger(sink, 'info', systemClock), lines }
}

/** Five old accesses, and a writer of today with a watch over them. */
async function stage(folder: string, options: Partial<RetentionWatchOptions> = {}) {
  const audit = await agedJournal(folder)
  audit.clock.shiftMs = -500 * DAY_MS
  const old = await audit.open()
  for (let i = 0; i < 5; i += 1) await old.append([oldAccess(audit.clock, `agent-${i}`)])
  await old.close()
  audit.clock.shiftMs = 0
  const writer = await audit.open()
  await writer.append([oldAccess(audit.clock, 'young')])
  await audit.settle()
  const { log, lines } = heardLog()
  const late = createLateRecords({ audit: writer, log })
  const watch = createRetentionWatch({
    target: audit.target,
    spooledBytes: () => 0,
    order: () => ({ periods: PERIODS, signer: audit.signed.signer }),
    clock: systemClock,
    ids: uuidV7,
    log,
    pace: PACE,
    ...options,
  })
  return { audit, writer, watch, late, lines }
}

const accesses = async (audit: AgedAudit): Promise<number> =>
  (await audit.records()).filter(({ record }) => record.type === 'access').length

const activities = async (audit: AgedAudit): Promise<readonly unknown[]> =>
  (await audit.records())
    .filter(({ record }) => record.type === 'retention')
    .map(({ record }) => record.event['status_detail'])

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('old records go by themselves, but not at once, and holds are put on record', async (t) => {
  const { audit, writer, watch, late, lines } = await stage(t.testdir({}))
  const step = { by: 'dana', atMs: systemClock.nowMs(), record: uuidV7() }
  const hold: Hold = { name: 'case-1', agent: 'agent-2', placed: step }
  await audit.target.holds.place(hold)
  const ended = { ...hold, name: 'case-2', released: { ...step, record: uuidV7() } }
  await audit.target.holds.place({ ...ended, placed: { ...step, record: uuidV7() } })
  t.equal(await accesses(audit), 6)
  const stop = watch.start({ audit: writer, late })
  t.equal(watch.lastMs(), undefined)
  await until(async () => watch.lastMs() !== undefined)
  t.equal(await accesses(audit), 2, 'the young one, and the one that is held')
  await until(async () => (await activities(audit)).length === 4)
  t.same((await activities(audit)).toSorted(), ['held', 'held', 'purged', 'released'])
  t.match(lines.join(''), /"msg":"audit purged"/)
  t.same((await audit.verify()).faults, [])
  await stop()
  await late.stop()
  await writer.close()
})

test('a policy that keeps everything purges nothing', async (t) => {
  const { audit, writer, watch, late } = await stage(t.testdir({}), { order: () => undefined })
  const stop = watch.start({ audit: writer, late })
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.equal(await accesses(audit), 6)
  t.equal(watch.lastMs(), undefined)
  await stop()
  await writer.close()
})

test('what stands in the way is told of once, and tried again', async (t) => {
  const folder = t.testdir({})
  const { audit } = await stage(folder)
  let looks = 0
  const failing: RetentionTarget = {
    ...audit.target,
    holds: {
      ...audit.target.holds,
      list: async () => {
        looks += 1
        throw Object.assign(new Error('no'), { code: 'ERR_AUDIT_UNAVAILABLE' })
      },
    },
  }
  const { log, lines } = heardLog()
  const watch = createRetentionWatch({
    target: failing,
    spooledBytes: () => 0,
    order: () => undefined,
    clock: systemClock,
    ids: uuidV7,
    log,
    pace: PACE,
  })
  const none = { append: () => Promise.resolve() } as never
  const stop = watch.start({ audit: none, late: none })
  await until(async () => looks > 3)
  await stop()
  t.equal(lines.filter((line) => line.includes('not purged')).length, 1)
})
