/** An audit whose records are old: in a journal or in Redis, with a clock that a test sets. */
import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditReader } from '../../src/audit/audit-store.ts'
import { createChainWriter, type ChainedWriter } from '../../src/audit/chain/chain-writer.ts'
import { fileAnchor } from '../../src/audit/chain/file-anchor.ts'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import { openJournalReader } from '../../src/audit/journal-reader.ts'
import { readAllStreams, type StreamRecord } from '../../src/audit/read-all.ts'
import type { RecordStore } from '../../src/audit/record-store.ts'
import { connectAuditRedis } from '../../src/audit/redis-audit-address.ts'
import { openRedisAuditReader } from '../../src/audit/redis-audit-reader.ts'
import { openRedisRecordStore } from '../../src/audit/redis-record-store.ts'
import {
  journalRetention,
  type JournalFollower,
} from '../../src/audit/retention/journal-retention.ts'
import { purge, type PurgeResult } from '../../src/audit/retention/purger.ts'
import { redisRetention } from '../../src/audit/retention/redis-retention.ts'
import type {
  RetentionPeriods,
  RetentionTarget,
} from '../../src/audit/retention/retention-target.ts'
import type { VerifyReport } from '../../src/audit/verify/verify-audit.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { auditRecord } from './audit-records.ts'
import { auditSettings, signedAudit, verifySigned, type SignedAudit } from './signed-audit.ts'

export const DAY_MS = 86_400_000

/** The machine's clock, put forward or back by a test. */
export interface TestClock extends Clock {
  shiftMs: number
}

export interface AgedAudit {
  readonly signed: SignedAudit
  readonly clock: TestClock
  readonly reader: AuditReader
  readonly target: RetentionTarget
  /** Begins a writer; a journal has one at a time. */
  readonly open: () => Promise<ChainedWriter>
  readonly purge: (writer: ChainedWriter, periods: RetentionPeriods) => Promise<PurgeResult>
  /** Makes the store look as old as what is in it. A purge does it by itself. */
  readonly settle: () => Promise<void>
  readonly verify: () => Promise<VerifyReport>
  readonly records: () => Promise<readonly StreamRecord[]>
}

interface Parts {
  readonly openStore: () => Promise<RecordStore>
  readonly openReader: () => Promise<AuditReader>
  readonly target: (clock: Clock) => Promise<RetentionTarget>
  /** Makes the store look as old as what is in it. */
  readonly settle: () => Promise<void>
}

export function agedJournal(
  folder: string,
  followers: readonly JournalFollower[] = [],
): Promise<AgedAudit> {
  const directory = join(folder, 'journal')
  return agedAudit(folder, {
    openStore: async () => openFileRecordStore({ directory, clock: clockOf(folder) }),
    openReader: () => openJournalReader(directory),
    target: async (clock) =>
      journalRetention({ directory, clock, followers: () => Promise.resolve(followers) }),
    settle: () => ageSegments(directory),
  })
}

/** Makes each segment of a journal as old as its name says that it was begun. */
export async function ageSegments(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const begun = /-(\d{4})(\d\d)(\d\d)T\d+Z-\d+\.jsonl$/.exec(name)
    if (begun === null) continue
    const time = new Date(`${begun[1]}-${begun[2]}-${begun[3]}T00:00:00Z`)
    await utimes(join(directory, name), time, time)
  }
}

export function agedRedis(
  folder: string,
  url: string,
  groups: readonly string[] = [],
): Promise<AgedAudit> {
  return agedAudit(folder, {
    openStore: () => openRedisRecordStore({ url }),
    openReader: () => openRedisAuditReader({ url }),
    target: async (clock) =>
      redisRetention({
        connection: await connectAuditRedis(url),
        reader: await openRedisAuditReader({ url }),
        clock,
        groups: () => groups,
      }),
    settle: () => Promise.resolve(),
  })
}

const CLOCKS = new Map<string, TestClock>()

function clockOf(folder: string): TestClock {
  const known = CLOCKS.get(folder)
  if (known !== undefined) return known
  const clock: TestClock = {
    shiftMs: 0,
    nowMs: () => systemClock.nowMs() + clock.shiftMs,
    monotonicMs: systemClock.monotonicMs,
  }
  CLOCKS.set(folder, clock)
  return clock
}

async function agedAudit(folder: string, parts: Parts): Promise<AgedAudit> {
  const signed = await signedAudit(folder)
  const clock = clockOf(folder)
  // Whoever purges has the time of today.
  const target = await parts.target(systemClock)
  let reader: AuditReader | undefined
  const reading = async (): Promise<AuditReader> => (reader ??= await parts.openReader())
  return {
    signed,
    clock,
    get reader() {
      if (reader === undefined) throw new Error('nothing was read yet')
      return reader
    },
    target,
    open: async () => {
      const store = await parts.openStore()
      const writer = createChainWriter({ store, clock, ids: uuidV7, notes: () => undefined })
      const anchors = [fileAnchor(signed.anchorFile)]
      writer.configure(
        auditSettings({ signer: signed.signer, anchors, everyRecords: 10, withinMs: 60_000 }),
      )
      return writer
    },
    purge: async (audit, periods) => {
      await parts.settle()
      const order = { periods, signer: signed.signer, audit }
      return purge({ target, clock: systemClock, ids: uuidV7 }, order)
    },
    settle: parts.settle,
    verify: async () => verifySigned(signed, await reading()),
    records: async () => Array.fromAsync(readAllStreams(await reading(), {})),
  }
}

/** An access of this agent that shows these data subjects. */
export function oldAccess(
  clock: Clock,
  agent: string,
  pseudonyms: readonly string[] = [],
): AuditRecord {
  return {
    ...auditRecord(0),
    event: {
      time: Math.round(clock.nowMs()),
      actor: { user: { uid: agent } },
      unmapped: { celosia: { data_subjects: pseudonyms.map((pseudonym) => ({ pseudonym })) } },
    },
  }
}
