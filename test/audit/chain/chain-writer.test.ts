/** The writer of a chain over a store that fails in every way: no gap, no fork, and nothing acknowledged too early. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { test, type Test } from 'tap'
import { canonicalJson } from '../../../src/audit/chain/canonical-json.ts'
import {
  envelopeHash,
  envelopeText,
  NO_PREVIOUS,
  type PlacedRecord,
} from '../../../src/audit/chain/envelope.ts'
import { AuditUnavailableError, ChainBrokenError } from '../../../src/audit/errors.ts'
import type { RecordStore } from '../../../src/audit/record-store.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import { auditRecord, auditRecords } from '../../helpers/audit-records.ts'
import { newChain, sealAll, writerOver } from '../../helpers/audit-writers.ts'

/** How the store ends one append. `lost`: it is stored, and the answer is lost. `broken`: it has lost everything. */
type Ending = 'stored' | 'refused' | 'lost' | 'broken'

interface ScriptedStore extends RecordStore {
  readonly batches: PlacedRecord[][]
  /** What it keeps: each record of a writer once. */
  readonly kept: () => readonly PlacedRecord[]
  readonly endings: Ending[]
}

/** A store that keeps its contract, and ends each append as it is told to. */
function scriptedStore(): ScriptedStore {
  let kept: PlacedRecord[] = []
  const batches: PlacedRecord[][] = []
  const endings: Ending[] = []
  const keep = (batch: readonly PlacedRecord[]): void => {
    for (const sealed of batch) {
      const mine = kept.filter((one) => one.envelope.writer === sealed.envelope.writer)
      const last = mine.at(-1)
      if (sealed.envelope.sequence <= (last?.envelope.sequence ?? 0)) continue
      if (sealed.envelope.previous !== (last?.hash ?? NO_PREVIOUS)) throw new ChainBrokenError('x')
      kept.push(sealed)
    }
  }
  return {
    batches,
    endings,
    kept: () => kept,
    append: async (batch) => {
      batches.push([...batch])
      const ending = endings.shift() ?? 'stored'
      if (ending === 'broken') kept = []
      if (ending !== 'refused') keep(batch)
      if (ending === 'refused' || ending === 'lost') throw new AuditUnavailableError(ending)
    },
    health: () => Promise.resolve({ ok: true, problem: undefined, durability: 'strict' }),
    problem: () => undefined,
    configure: () => undefined,
    spooledBytes: () => 0,
    beat: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

/** What is wrong with chains that were kept. */
function chainFaults(kept: readonly PlacedRecord[]): string[] {
  const faults: string[] = []
  const heads = new Map<string, { sequence: number; hash: string }>()
  for (const { envelope, hash, eventText } of kept) {
    const head = heads.get(envelope.writer) ?? { sequence: 0, hash: NO_PREVIOUS }
    if (envelope.sequence !== head.sequence + 1) faults.push(`a gap at ${envelope.sequence}`)
    if (envelope.previous !== head.hash) faults.push(`a fork at ${envelope.sequence}`)
    if (envelopeHash(envelope) !== hash) faults.push(`a wrong hash at ${envelope.sequence}`)
    const digest = createHash('sha256').update(eventText).digest('hex')
    if (digest !== envelope.event_sha256) faults.push(`another event at ${envelope.sequence}`)
    heads.set(envelope.writer, { sequence: envelope.sequence, hash })
  }
  return faults
}

/** The first checkpoint is made at once, but not waited for by who appends. */
async function firstCheckpoint(store: ScriptedStore): Promise<void> {
  while (!store.kept().some(({ envelope }) => envelope.type === 'checkpoint'))
    await new Promise((resolve) => setTimeout(resolve, 2))
}

function unmappedOf(record: PlacedRecord | undefined): unknown {
  return (JSON.parse(record?.eventText ?? '{}') as { unmapped?: unknown }).unmapped
}

function idsOf(kept: readonly PlacedRecord[]): readonly string[] {
  return kept
    .filter(({ envelope }) => envelope.type === 'access')
    .map(({ envelope }) => envelope.id)
}

test('a chain begins with its writer, links every record, and ends with its writer', async (t: Test) => {
  const store = scriptedStore()
  const writer = writerOver(store)
  await writer.append([])
  t.equal(store.batches.length, 0)
  await writer.append(auditRecords(2))
  await writer.append([{ ...auditRecord(2), type: 'finding' }, auditRecord(3)])
  await writer.close()
  const kept = store.kept()
  t.same(
    kept.map(({ envelope }) => envelope.type).filter((type) => type !== 'checkpoint'),
    ['writer', 'access', 'access', 'access', 'finding', 'writer'],
  )
  t.same(chainFaults(kept), [])
  t.equal(new Set(kept.map(({ envelope }) => envelope.writer)).size, 1)
  const own = [kept[0], kept.at(-2)].map((one) => unmappedOf(one))
  const name = kept[0]?.envelope.writer
  t.match(own, [
    { celosia: { activity: 'began', writer: name, broken: null } },
    { celosia: { activity: 'ended', writer: name, broken: null } },
  ])
})

test('two writers never have the same name', async (t: Test) => {
  const names = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const store = scriptedStore()
      await writerOver(store).append([auditRecord(0)])
      return store.kept()[0]?.envelope.writer
    }),
  )
  t.equal(new Set(names).size, 20)
})

test('what a store may have is given again before anything else, and is not stored twice', async (t: Test) => {
  for (const ending of ['lost', 'refused'] as const) {
    const store = scriptedStore()
    const writer = writerOver(store)
    await writer.append([auditRecord(0)])
    await firstCheckpoint(store)
    const before = store.batches.length
    store.endings.push(ending, 'refused')
    const first = auditRecord(1)
    await t.rejects(writer.append([first]), { code: 'ERR_AUDIT_UNAVAILABLE' })
    await t.rejects(writer.append([auditRecord(2)]), { code: 'ERR_AUDIT_UNAVAILABLE' })
    t.same(store.batches[before + 1], store.batches[before], 'the same batch, to the letter')
    const last = auditRecord(3)
    await writer.append([last])
    t.same(idsOf(store.kept()).slice(1), [first.id, last.id], ending)
    t.same(chainFaults(store.kept()), [], ending)
  }
})

test('a store that has lost records gets another chain, whose first record says so', async (t: Test) => {
  const store = scriptedStore()
  const writer = writerOver(store)
  await writer.append(auditRecords(3))
  await firstCheckpoint(store)
  const before = store.kept().at(-1)
  store.endings.push('broken')
  const after = auditRecord(3)
  await writer.append([after])
  const kept = store.kept()
  t.same(idsOf(kept), [after.id])
  t.same(chainFaults(kept), [])
  const [began] = kept
  t.not(began?.envelope.writer, before?.envelope.writer)
  t.equal(began?.envelope.severity, 4)
  t.match(unmappedOf(began), {
    celosia: {
      activity: 'began',
      broken: { writer: before?.envelope.writer, sequence: 5, hash: before?.hash },
    },
  })
})

test('a writer is not well after a failure, and is once what is in doubt was taken', async (t: Test) => {
  const store = scriptedStore()
  const writer = writerOver(store)
  store.endings.push('refused', 'refused')
  await t.rejects(writer.append([auditRecord(0)]))
  t.match(await writer.health(), { ok: false, problem: 'refused' })
  t.match(await writer.health(), { ok: true, problem: undefined })
  t.equal(idsOf(store.kept()).length, 1)
})

test('a chain that cannot be ended is told of, and the store is closed all the same', async (t: Test) => {
  const notes: string[] = []
  const store = scriptedStore()
  const writer = writerOver(store, 2_000, (note) => notes.push(note))
  await writer.append([auditRecord(0)])
  store.endings.push('refused')
  await writer.close()
  t.match(notes, [/not ended: refused/])
})

test('whatever a store does, chains have no gap and no fork, and hold all that was acknowledged', async () => {
  const endings = fc.array(fc.constantFrom<Ending>('stored', 'refused', 'lost', 'broken'), {
    maxLength: 30,
  })
  const groups = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(endings, groups, async (endings, groups) => {
      const store = scriptedStore()
      store.endings.push(...endings)
      const writer = writerOver(store)
      let acknowledged: string[] = []
      for (const count of groups) {
        const records: AuditRecord[] = [...auditRecords(count)]
        const lost = store.batches.length
        await writer.append(records).then(
          () => acknowledged.push(...records.map(({ id }) => id)),
          () => undefined,
        )
        // What a store loses after it has acknowledged it is not to be had by any writer.
        const broke = endings.slice(lost, store.batches.length).includes('broken')
        if (broke) acknowledged = acknowledged.filter((id) => idsOf(store.kept()).includes(id))
      }
      const ids = idsOf(store.kept())
      return (
        chainFaults(store.kept()).length === 0 &&
        acknowledged.every((id) => ids.includes(id)) &&
        new Set(ids).size === ids.length
      )
    }),
    { numRuns: 300 },
  )
})

test('canonical JSON is that of RFC 8785', (t: Test) => {
  // The sample of RFC 8785 3.2.2 and its canonical form of 3.2.3.
  const sample = `{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
    "string":"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}`
  t.equal(
    canonicalJson(JSON.parse(sample)),
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  )
  // RFC 8785 3.2.3: sorted by UTF-16 code units.
  const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
  const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']
  const object = Object.fromEntries(names.map((name) => [name, 1]))
  t.same(Object.keys(JSON.parse(canonicalJson(object)) as object).toSorted(), sorted.toSorted())
  t.match(canonicalJson(object), /^\{"\\r":1,"1":1,/)
  for (const value of ['\ud800', { a: Number.NaN }, { '\udc00': 1 }, Number.POSITIVE_INFINITY]) {
    t.throws(() => canonicalJson(value), { code: 'ERR_AUDIT_UNAVAILABLE' })
  }
  t.end()
})

test('the text of an envelope is its canonical JSON', (t: Test) => {
  for (const sealed of sealAll(auditRecords(3), newChain())) {
    t.equal(envelopeText(sealed.envelope), canonicalJson(sealed.envelope))
    t.equal(sealed.text, envelopeText(sealed.envelope))
    t.equal(sealed.eventText, canonicalJson(JSON.parse(sealed.eventText)))
  }
  t.end()
})
