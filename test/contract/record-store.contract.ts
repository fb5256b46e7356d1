/** What every store of sealed records must do below the chain. Run by the tests of each implementation. */
import type { Test } from 'tap'
import type { AuditReader, StoredRecord } from '../../src/audit/audit-store.ts'
import { headOf, type SealedRecord } from '../../src/audit/chain/envelope.ts'
import type { RecordStore } from '../../src/audit/record-store.ts'
import { STREAM_NAMES } from '../../src/core/audit-record.ts'
import { auditRecord, auditRecords, readAll } from '../helpers/audit-records.ts'
import { newChain, sealAll } from '../helpers/audit-writers.ts'

/** A store of one implementation, empty at first. What is opened is closed when the test ends. */
export interface RecordStoreHarness {
  readonly store: () => Promise<RecordStore>
  readonly reader: () => Promise<AuditReader>
}

/** Runs the suite. `make` is called for each part of it. */
export async function recordStoreContract(
  t: Test,
  make: (t: Test) => Promise<RecordStoreHarness>,
): Promise<void> {
  await t.test('keeps envelopes and events to the letter, each in its stream', async (t) => {
    const harness = await make(t)
    const store = await harness.store()
    const batch = mixedBatch()
    await store.append(batch.slice(0, 4))
    await store.append(batch.slice(4))
    const stored = await readEverything(await harness.reader())
    const byId = new Map(stored.map((one) => [one.envelope.id, one]))
    t.equal(stored.length, batch.length)
    for (const sealed of batch) {
      const found = byId.get(sealed.envelope.id)
      t.same(found?.envelope, sealed.envelope)
      t.equal(found?.eventText, sealed.eventText)
      t.same(found?.record.event, sealed.prepared.record.event)
    }
  })
  await t.test('a batch that is given again is there to be read, in order', async (t) => {
    const harness = await make(t)
    const store = await harness.store()
    const batch = sealAll(auditRecords(6), newChain())
    await store.append(batch.slice(0, 3))
    await store.append(batch.slice(0, 3))
    await store.append(batch)
    const sequences = (await readAll(await harness.reader())).map((one) => one.envelope.sequence)
    t.same([...new Set(sequences)], [1, 2, 3, 4, 5, 6])
  })
  await t.test('chains of several writers stand beside each other', async (t) => {
    const harness = await make(t)
    const store = await harness.store()
    const [one, other] = [newChain(), newChain()]
    await store.append(sealAll(auditRecords(2), one))
    await store.append(sealAll(auditRecords(2), other))
    const stored = await readAll(await harness.reader())
    t.same(
      stored.map(({ envelope }) => [envelope.writer, envelope.sequence]),
      [
        [one.writer, 1],
        [one.writer, 2],
        [other.writer, 1],
        [other.writer, 2],
      ],
    )
  })
}

/** Records of all streams, in turn. */
function mixedBatch(): readonly SealedRecord[] {
  const types = ['writer', 'access', 'finding', 'access', 'access', 'finding', 'writer'] as const
  return sealAll(
    types.map((type, i) => ({ ...auditRecord(i), type })),
    newChain(),
  )
}

/** All records of all streams. */
export async function readEverything(reader: AuditReader): Promise<readonly StoredRecord[]> {
  const streams = await Promise.all(STREAM_NAMES.map((stream) => readAll(reader, { stream })))
  return streams.flat()
}

/** The batch that would follow on this one. */
export function nextBatch(batch: readonly SealedRecord[], count: number): readonly SealedRecord[] {
  const last = batch.at(-1)
  return sealAll(auditRecords(count), last === undefined ? newChain() : headOf(last))
}
