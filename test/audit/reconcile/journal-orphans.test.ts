/** Open accesses in a journal: found after any crash, however old the journal and however long its writers lived. */
import { join } from 'node:path'
import fc from 'fast-check'
import { test, type Test } from 'tap'
import { apiActivity } from '../../../src/audit/api-activity.ts'
import { createChainWriter, type ChainedWriter } from '../../../src/audit/chain/chain-writer.ts'
import { openFileRecordStore } from '../../../src/audit/file-record-store.ts'
import { openJournalReader } from '../../../src/audit/journal-reader.ts'
import { createReconciler } from '../../../src/audit/reconcile/reconciler.ts'
import { journalOrphans } from '../../../src/audit/reconcile/journal-orphans.ts'
import type { RecordStore } from '../../../src/audit/record-store.ts'
import { writerActivity } from '../../../src/audit/writer-activity.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { uuidV7 } from '../../../src/core/ids.ts'
import { ACCESS, INTENT } from '../../helpers/audit-facts.ts'
import { readAll } from '../../helpers/audit-records.ts'
import { auditSettings } from '../../helpers/signed-audit.ts'

interface Run {
  readonly writer: ChainedWriter
  readonly reconciled: number
  /** Ends it as a crash does: nothing more is written. */
  readonly crash: () => Promise<void>
}

async function run(directory: string): Promise<Run> {
  const inner = await openFileRecordStore({
    directory,
    segmentBytes: 6_000,
    notes: () => undefined,
  })
  const store: RecordStore = { ...bound(inner), close: () => Promise.resolve() }
  const writer = createChainWriter({
    store,
    clock: systemClock,
    ids: uuidV7,
    notes: () => undefined,
  })
  writer.configure(
    auditSettings({ signer: undefined, anchors: [], everyRecords: 5, withinMs: 60_000 }),
  )
  const mark = () => {
    const name = writer.writer()
    const facts = { id: uuidV7(), timeMs: systemClock.nowMs(), writer: name, broken: undefined }
    return writer.append([writerActivity({ ...facts, activity: 'reconciled' })])
  }
  const source = journalOrphans({ directory, writer: writer.writer, mark })
  const reconciler = createReconciler({
    source,
    audit: writer,
    clock: systemClock,
    notes: () => undefined,
  })
  const reconciled = await reconciler.run()
  return { writer, reconciled, crash: () => inner.close() }
}

function bound(store: RecordStore): RecordStore {
  return {
    append: store.append,
    health: store.health,
    configure: store.configure,
    problem: store.problem,
    spooledBytes: store.spooledBytes,
    beat: store.beat,
    close: store.close,
  }
}

async function unknown(directory: string): Promise<readonly unknown[]> {
  const reader = await openJournalReader(directory, { notes: () => undefined })
  const stored = await readAll(reader)
  await reader.close()
  return stored
    .filter(({ record }) => record.event['status_detail'] === 'outcome-unknown')
    .map(({ record }) => (record.event['metadata'] as { correlation_uid: string }).correlation_uid)
}

const intent = (requestId: string) => apiActivity({ ...INTENT, id: uuidV7(), requestId })
const outcome = (requestId: string) =>
  apiActivity({ ...ACCESS, id: uuidV7(), requestId, intentId: 'i', method: 'PATCH' })

test('K116 what a crash left open is closed at the next start, once', async (t) => {
  const directory = join(t.testdir({}), 'journal')
  const first = await run(directory)
  t.equal(first.reconciled, 0)
  await first.writer.append([intent('a'), intent('b')])
  await first.writer.append([outcome('a')])
  await first.crash()
  const second = await run(directory)
  t.equal(second.reconciled, 1)
  t.same(await unknown(directory), ['b'])
  await second.writer.append([intent('c')])
  await second.crash()
  const third = await run(directory)
  t.equal(third.reconciled, 1)
  await third.crash()
  const fourth = await run(directory)
  t.equal(fourth.reconciled, 0)
  await fourth.crash()
  t.same(await unknown(directory), ['b', 'c'])
})

test('a crash amid closing leaves the rest to the next', async (t) => {
  const directory = join(t.testdir({}), 'journal')
  const first = await run(directory)
  await first.writer.append([intent('a')])
  await first.crash()
  // One that found nothing to do with it: it died before it looked.
  const inner = await openFileRecordStore({ directory, notes: () => undefined })
  const silent = createChainWriter({
    store: inner,
    clock: systemClock,
    ids: uuidV7,
    notes: () => undefined,
  })
  await silent.append([intent('b')])
  await inner.close()
  const third = await run(directory)
  t.equal(third.reconciled, 2)
  t.same((await unknown(directory)).toSorted(), ['a', 'b'])
  await third.crash()
})

/** One life of a gateway: accesses that begin and end in turn, until it crashes. */
const life = fc.array(
  fc.record({
    request: fc.integer({ min: 0, max: 9 }),
    does: fc.constantFrom('open', 'close', 'read'),
  }),
  { maxLength: 40 },
)

test('whatever the lives of its writers, each access comes to an end', async (t: Test) => {
  let number = 0
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
      number += 1
      const directory = join(t.testdir({}), `journal-${number}`)
      const left: string[] = []
      for (const [index, steps] of lives.entries()) {
        const { writer, crash } = await run(directory)
        const open = new Set<string>()
        for (const { request, does } of steps) {
          const id = `${index}-${request}`
          if (does === 'open') {
            open.add(id)
            await writer.append([intent(id)])
          } else if (does === 'close') {
            open.delete(id)
            await writer.append([outcome(id)])
          } else await writer.append([apiActivity({ ...ACCESS, id: uuidV7(), requestId: 'r' })])
        }
        left.push(...open)
        await crash()
      }
      const last = await run(directory)
      await last.crash()
      t.same((await unknown(directory)).toSorted(), left.toSorted())
      return true
    }),
    { numRuns: 25 },
  )
})
