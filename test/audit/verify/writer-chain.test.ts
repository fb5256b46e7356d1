/** Laws of the verifier: what was written verifies in any reading order that stores can give, and no change goes unnoticed. */
import fc from 'fast-check'
import { test } from 'tap'
import type { SealedRecord } from '../../../src/audit/chain/envelope.ts'
import type { StreamRecord } from '../../../src/audit/read-all.ts'
import { purgeActivity } from '../../../src/audit/retention/retention-activity.ts'
import { RunBuilder } from '../../../src/audit/retention/run-builder.ts'
import { verifyAudit } from '../../../src/audit/verify/verify-audit.ts'
import type { VerifyReport } from '../../../src/audit/verify/verify-audit.ts'
import { STREAM_OF, type RecordType } from '../../../src/core/audit-record.ts'
import { uuidV7 } from '../../../src/core/ids.ts'
import { auditRecord } from '../../helpers/audit-records.ts'
import { newChain, sealAll } from '../../helpers/audit-writers.ts'

const TYPES = ['access', 'finding', 'writer'] as const satisfies readonly RecordType[]

function stored(sealed: SealedRecord, index: number): StreamRecord {
  const { envelope, eventText, prepared } = sealed
  const stream = STREAM_OF[envelope.type]
  return { envelope, eventText, record: prepared.record, stream, position: `${stream}:${index}` }
}

function chainOf(types: readonly RecordType[]): readonly StreamRecord[] {
  const records = types.map((type, i) => ({ ...auditRecord(i), type }))
  return sealAll(records, newChain()).map(stored)
}

function verified(
  records: readonly StreamRecord[],
  partial = false,
  purges: readonly StreamRecord[] = [],
): Promise<VerifyReport> {
  const asked = async function* () {
    yield* records
  }
  const purged = async function* () {
    yield* purges
  }
  return verifyAudit({
    records: asked,
    purges: purged,
    verifyJws: undefined,
    anchored: () => [],
    partial,
  })
}

/** The streams of records one after the other as a merge may give them: each in order, between each other at will. */
function shuffled(records: readonly StreamRecord[], picks: readonly number[]): StreamRecord[] {
  const queues = Object.values(Object.groupBy(records, ({ stream }) => stream)).map((queue) => [
    ...queue,
  ])
  const merged: StreamRecord[] = []
  for (let i = 0; queues.some((queue) => queue.length > 0); i += 1) {
    const filled = queues.filter((queue) => queue.length > 0)
    const next = filled[(picks[i % picks.length] ?? 0) % filled.length]?.shift()
    if (next !== undefined) merged.push(next)
  }
  return merged
}

const types = fc.array(fc.constantFrom(...TYPES), { minLength: 2, maxLength: 40 })
const picks = fc.array(fc.nat(5), { minLength: 1, maxLength: 20 })

test('what was written verifies, however streams and writers are mixed', async () => {
  await fc.assert(
    fc.asyncProperty(types, types, picks, async (one, other, picks) => {
      const report = await verified(shuffled([...chainOf(one), ...chainOf(other)], picks))
      return report.faultCount === 0 && report.writers.length === 2
    }),
  )
})

/** One change of a list of records that each verifier must notice. */
const CHANGES: Readonly<Record<string, (records: StreamRecord[], at: number) => StreamRecord[]>> = {
  'left out': (records, at) => records.toSpliced(at, 1),
  twice: (records, at) => records.toSpliced(at, 0, records[at] as StreamRecord),
  'another event': (records, at) =>
    records.with(at, { ...(records[at] as StreamRecord), eventText: '{"number":-1}' }),
  'another severity': (records, at) => {
    const record = records[at] as StreamRecord
    return records.with(at, { ...record, envelope: { ...record.envelope, severity: 9 } })
  },
  'another hash before it': (records, at) => {
    const record = records[at] as StreamRecord
    const envelope = { ...record.envelope, previous: 'b'.repeat(64) }
    return records.with(at, { ...record, envelope })
  },
  'another stream': (records, at) => {
    const record = records[at] as StreamRecord
    return records.with(at, { ...record, stream: record.stream === 'chain' ? 'records' : 'chain' })
  },
}

test('no change goes unnoticed, and it is the first that is named', async (t) => {
  for (const [name, change] of Object.entries(CHANGES)) {
    await fc.assert(
      fc.asyncProperty(types, fc.nat(), async (types, pick) => {
        const records = [...chainOf(types)]
        // The end of a chain proves itself only by a checkpoint.
        const at = pick % (records.length - 1)
        const { faults } = await verified(change(records, at))
        const [first] = faults
        return first !== undefined && first.sequence === at + 1
      }),
    )
    t.pass(name)
  }
})

test('two records of one stream that change places are named', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 3, max: 30 }), fc.nat(), async (count, pick) => {
      const records = chainOf(Array.from({ length: count }, () => 'access' as const))
      const at = pick % (count - 1)
      const [one, other] = [records[at], records[at + 1]] as [StreamRecord, StreamRecord]
      const { faults } = await verified(records.toSpliced(at, 2, other, one))
      return faults[0]?.kind === 'reordered' && faults[0].sequence === at + 1
    }),
  )
})

test('a part of an audit verifies as a part, and a hole in it is named', async (t) => {
  const records = chainOf(Array.from({ length: 20 }, () => 'access' as const))
  const part = records.slice(5, 15)
  t.match(await verified(part, true), { faultCount: 0, writers: [{ first: 6, last: 15 }] })
  t.match(await verified(part), { faults: [{ kind: 'missing', sequence: 1, to: 5 }] })
  const holed = part.toSpliced(3, 2)
  t.match((await verified(holed, true)).faults, [{ kind: 'missing', sequence: 9, to: 10 }])
})

test('a hole that is larger than what is held back is named too, and the rest is verified', async (t) => {
  const records = sealAll(
    Array.from({ length: 12_000 }, (_, i) => auditRecord(i)),
    newChain(),
  ).map(stored)
  const report = await verified(records.toSpliced(10, 5))
  t.match(report.faults, [{ kind: 'missing', sequence: 11, to: 15 }])
  t.equal(report.writers[0]?.last, 12_000)
  const late = [...records.toSpliced(10, 5), ...records.slice(10, 15)]
  const kinds = (await verified(late)).faults.map(({ kind }) => kind)
  t.same(kinds, ['missing', ...Array.from({ length: 5 }, () => 'reordered')])
})

test('a record that another writer has taken over does not fit', async (t) => {
  const [one, other] = [chainOf(['access', 'access']), chainOf(['access', 'access', 'access'])]
  const stolen = other[2] as StreamRecord
  const envelope = { ...stolen.envelope, writer: one[0]?.envelope.writer ?? '' }
  const { faults } = await verified([...one, { ...stolen, envelope }])
  t.match(faults, [{ kind: 'altered' }])
})

/** A record that says that these went. */
function purgeOf(gone: readonly StreamRecord[]): StreamRecord {
  const builder = new RunBuilder()
  for (const { envelope } of gone) builder.add(envelope)
  const claim = { timeMs: 1, runs: builder.runs() }
  const facts = { id: uuidV7(), claim, records: gone.length, before: {}, holds: [], jws: 'x' }
  const [sealed] = sealAll([purgeActivity(facts)], newChain())
  if (sealed === undefined) throw new Error('nothing was sealed')
  return stored(sealed, 0)
}

test('whatever was purged, in one go or several, the rest verifies, and nothing else may be gone', async () => {
  const choices = fc.array(fc.nat(3), { minLength: 40, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(types, choices, picks, fc.nat(), async (types, choices, picks, pick) => {
      const records = chainOf(types)
      const goneWith = (purge: number) => records.filter((_, i) => choices[i] === purge)
      const purges = [1, 2]
        .map(goneWith)
        .filter((gone) => gone.length > 0)
        .map(purgeOf)
      const left = records.filter((_, i) => choices[i] !== 1 && choices[i] !== 2)
      const audit = shuffled([...left, ...purges], picks)
      const report = await verified(audit, false, purges)
      const middle = left.slice(0, -1)
      const victim = middle[pick % Math.max(1, middle.length)]
      const robbed = await verified(
        audit.filter((one) => one !== victim),
        false,
        purges,
      )
      // Of what was purged at the end, or next to it, nobody can tell that more was there.
      return report.faultCount === 0 && (victim === undefined || robbed.faultCount > 0)
    }),
    { numRuns: 300 },
  )
})

test('a purge that was cut short verifies as far as what is left ends where a purge says', async (t) => {
  const records = chainOf(Array.from({ length: 12 }, () => 'access' as const))
  const all = purgeOf(records.slice(0, 10))
  const kindsOf = async (left: readonly StreamRecord[], purges = [all]) =>
    (await verified([...left, ...purges], false, purges)).faults.map(({ kind }) => kind)
  t.same(await kindsOf(records), [], 'nothing is gone yet')
  t.same(await kindsOf(records.slice(6)), [], 'the end of what was to go is there')
  t.same(await kindsOf(records.slice(3)), [])
  const parted = records.toSpliced(3, 3)
  t.same(await kindsOf(parted), [], 'both ends are there')
  const amid = records.toSpliced(8, 2).slice(4)
  t.same(await kindsOf(amid), ['altered'], 'nothing says what came after these')
  t.same(await kindsOf(amid, [all, purgeOf(records.slice(4, 8))]), [], 'the next purge does')
})

test('of a purge that was cut short, findings and checkpoints verify by themselves, and nothing else does', async (t) => {
  const kinds = ['access', 'finding', 'access', 'checkpoint', 'access', 'checkpoint'] as const
  const records = chainOf([...kinds, ...kinds, ...kinds])
  const purge = purgeOf(records.slice(0, 14))
  const kindsOf = async (left: readonly StreamRecord[]) =>
    (await verified([...left, purge], false, [purge])).faults.map(({ kind }) => kind)
  const after = records.slice(14)
  for (const gone of [['access'], ['access', 'finding'], ['access', 'finding', 'checkpoint']]) {
    const left = records.slice(0, 14).filter(({ envelope }) => !gone.includes(envelope.type))
    t.same(await kindsOf([...left, ...after]), [], `without ${gone.join(' and ')}`)
    t.same(await kindsOf([...left.slice(2), ...after]), [], 'and of these not all')
  }
  const [, finding, access] = records.slice(6)
  t.same(await kindsOf([access as StreamRecord, ...after]), ['altered'], 'an access by itself')
  const forged = { ...(finding as StreamRecord) }
  const envelope = { ...forged.envelope, severity: 6 }
  t.same(await kindsOf([{ ...forged, envelope }, ...after]), ['altered'], 'another finding')
  const checkpoint = records[9] as StreamRecord
  const follows = { ...records[10]?.envelope, severity: 6 } as StreamRecord['envelope']
  const behind = { ...(records[10] as StreamRecord), envelope: follows }
  t.same(
    await kindsOf([checkpoint, behind, ...after]),
    ['altered'],
    'what follows on a checkpoint is not confirmed by it',
  )
})

test('a record that was altered is named also where a purge stands next to it, or next but one', async (t) => {
  const all = chainOf(Array.from({ length: 8 }, () => 'access' as const))
  const purge = purgeOf([...all.slice(0, 2), ...all.slice(5)])
  for (const altered of [3, 4, 5]) {
    const left = all.slice(2, 5).map((one) => {
      const { envelope } = one
      const severity = envelope.sequence === altered ? 6 : envelope.severity
      return { ...one, envelope: { ...envelope, severity } }
    })
    const { faults } = await verified(left, false, [purge])
    t.match(faults, [{ kind: 'altered' }], `record ${altered}`)
    t.equal(faults.length, 1)
  }
})
