/** What every source of records must do. Run by the tests of each implementation. */
import type { Test } from 'tap'
import type { AuditWriter } from '../../src/audit/audit-store.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import type { Delivery, RecordSource, Taken } from '../../src/shipping/record-source.ts'
import type { Start } from '../../src/shipping/sources/start.ts'
import { auditRecord, auditRecords } from '../helpers/audit-records.ts'

export interface SourceOptions {
  readonly start?: Start
  readonly restart?: boolean
  readonly deadLettersMax?: number
}

/** An audit with a source for one sink. What is opened is closed when the test ends. */
export interface SourceHarness {
  readonly writer: () => Promise<AuditWriter>
  readonly source: (options?: SourceOptions) => Promise<RecordSource>
  /** Lets a source go as if its process had died, and waits until another one gets what it had taken. */
  readonly die: (source: RecordSource) => Promise<void>
  /** Stores something that is no record, after what is there. */
  readonly damage: () => Promise<void>
  /** Dead letters: why, and the stored record as text. */
  readonly deadLetters: () => Promise<readonly { readonly reason: string; readonly text: string }[]>
}

type Make = (t: Test) => Promise<SourceHarness>

const never = new AbortController().signal

/** Runs the suite. `make` is called for each part of it, so that each has an audit of its own. */
export async function recordSourceContract(t: Test, make: Make): Promise<void> {
  await t.test('gives all records of all streams, each stream in its order', (t) =>
    givesAll(t, make),
  )
  await t.test('waits for what comes, and ends waiting when it is told to', (t) => waits(t, make))
  await t.test('goes on after what was acknowledged, also when it is opened again', (t) =>
    goesOn(t, make),
  )
  await t.test('gives again what was taken and not acknowledged', (t) => givesAgain(t, make))
  await t.test('begins where it is told to, and only the first time', (t) => begins(t, make))
  await t.test('goes back where it is told to', (t) => goesBack(t, make))
  await t.test('gives what is no record as such, in its place', (t) => givesDamaged(t, make))
  await t.test('puts aside with a copy and a reason, and not more than it may', (t) =>
    putsAside(t, make),
  )
  await t.test('takes no more than a few mebibytes at once', (t) => boundsBytes(t, make))
  await t.test('tells how far it is behind', (t) => tellsLag(t, make))
  await t.test('closes twice as once', async (t) => {
    const harness = await make(t)
    const source = await harness.source()
    await Promise.all([source.close(), source.close()])
  })
}

async function givesAll(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  const findings = Array.from({ length: 20 }, (_, i) => finding(i))
  await writer.append(auditRecords(120))
  await writer.append(findings)
  const source = await harness.source()
  const all = await takeAll(source)
  t.same(numbers(all, 'access'), count(120))
  t.same(numbers(all, 'finding'), count(20))
  t.equal(numbers(all, 'writer').length, 1, 'the chain too')
  t.equal(new Set(all.map(({ origin }) => origin)).size, 3)
  t.equal(new Set(all.map(({ origin, position }) => origin + position)).size, all.length)
}

async function waits(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  const source = await harness.source()
  const stop = new AbortController()
  const seen: Delivery[] = []
  const taking = (async () => {
    while (!stop.signal.aborted) {
      const { deliveries } = await source.take({ recordsMax: 10, wait: true, signal: stop.signal })
      seen.push(...deliveries)
      if (deliveries.length > 0) await source.acknowledge(deliveries)
    }
  })()
  for (let i = 0; i < 25; i += 1) await writer.append([auditRecord(i)])
  while (numbers(seen, 'access').length < 25) await sleep(10)
  stop.abort()
  await taking
  t.same(numbers(seen, 'access'), count(25))
}

async function goesOn(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  await writer.append(auditRecords(30))
  const first = await harness.source()
  const taken = await take(first, 20)
  await first.acknowledge(taken.deliveries)
  await first.close()
  await writer.append(auditRecords(10, 30))
  const second = await harness.source()
  const rest = await takeAll(second)
  t.ok(
    numbers(taken.deliveries, 'access').length <= 20,
    'no more of a stream than it was asked for',
  )
  t.same([...numbers(taken.deliveries, 'access'), ...numbers(rest, 'access')], count(40))
}

async function givesAgain(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  await writer.append(auditRecords(30))
  const first = await harness.source()
  const deliveries = await takeSome(first, 20)
  await first.acknowledge(deliveries.slice(0, 5))
  await harness.die(first)
  const second = await harness.source()
  const again = await takeAll(second)
  const done = new Set(deliveries.slice(0, 5).map(({ read }) => read?.record.id))
  t.notOk(
    again.some(({ read }) => done.has(read?.record.id)),
    'none that was acknowledged',
  )
  const seen = [...deliveries.slice(0, 5), ...again]
  t.same(new Set(numbers(seen, 'access')), new Set(count(30)), 'all others')
  t.equal(new Set(seen.map(({ read }) => read?.record.id)).size, seen.length, 'each once')
}

async function begins(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  await writer.append(auditRecords(7))
  const first = await harness.source({ start: { at: 'newest' } })
  t.same(numbers(await takeAll(first), 'access'), [], 'nothing of what was there')
  await writer.append(auditRecords(3, 7))
  t.same(numbers(await takeAll(first), 'access'), [7, 8, 9])
  await first.close()
  const second = await harness.source({ start: { at: 'oldest' } })
  t.same(numbers(await takeAll(second), 'access'), [], 'it has a place already')
}

async function goesBack(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  await writer.append(auditRecords(5))
  const first = await harness.source()
  await takeAll(first)
  await first.close()
  await sleep(20)
  const sinceMs = Math.floor(performance.timeOrigin + performance.now())
  await sleep(20)
  await writer.append(auditRecords(5, 5).map((record) => at(record, sinceMs + 1)))
  const second = await harness.source({ start: { at: 'oldest' }, restart: true })
  t.same(numbers(await takeAll(second), 'access'), count(10))
  await second.close()
  const third = await harness.source({ start: { at: 'time', sinceMs }, restart: true })
  t.same(numbers(await takeAll(third), 'access'), [5, 6, 7, 8, 9])
}

async function givesDamaged(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  await writer.append(auditRecords(2))
  await writer.close()
  await harness.damage()
  await (await harness.writer()).append(auditRecords(2, 2))
  const source = await harness.source()
  const all = (await takeAll(source)).filter(({ origin }) => !origin.endsWith('chain'))
  t.same(
    all.map(({ read }) => read?.record.event['number']),
    [0, 1, undefined, 2, 3],
  )
  await source.close()
  const again = await harness.source()
  const more = (await takeAll(again)).filter(({ origin }) => !origin.endsWith('chain'))
  t.same(more, [], 'it is passed over like any other')
}

async function putsAside(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  await writer.append(auditRecords(3))
  const source = await harness.source({ deadLettersMax: 2 })
  const deliveries = await takeSome(source, 4)
  const accesses = deliveries.filter(({ read }) => read?.record.type === 'access')
  await source.putAside(accesses[0] as Delivery, 'refused')
  await source.putAside(accesses[1] as Delivery, 'too-large')
  await t.rejects(source.putAside(accesses[2] as Delivery, 'refused'), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /too many dead letters/,
  })
  const letters = await harness.deadLetters()
  t.same(
    letters.map(({ reason }) => reason),
    ['refused', 'too-large'],
  )
  for (const [i, { text }] of letters.entries()) {
    t.ok(text.includes(accesses[i]?.read?.record.id ?? 'none'), 'the record is in it')
  }
}

async function boundsBytes(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  const padding = 'x'.repeat(500_000)
  for (let i = 0; i < 100; i += 1) await writer.append([auditRecord(i, padding)])
  const source = await harness.source()
  const sizes: number[] = []
  const seen: Delivery[] = []
  while (numbers(seen, 'access').length < 100) {
    const { deliveries } = await take(source, 500)
    sizes.push(numbers(deliveries, 'access').length)
    seen.push(...deliveries)
    await source.acknowledge(deliveries)
  }
  t.ok(Math.max(...sizes) <= 50, `${Math.max(...sizes)} records of half a mebibyte`)
  t.same(numbers(seen, 'access'), count(100))
}

async function tellsLag(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const writer = await harness.writer()
  await writer.append(auditRecords(10))
  // It says more of itself as long as it is open.
  await writer.close()
  const source = await harness.source()
  const before = await source.lag()
  t.ok((before.waiting ?? before.bytes ?? 0) > 0, 'there is something to do')
  await takeAll(source)
  const after = await source.lag()
  t.equal(after.waiting ?? after.bytes, 0)
  t.equal(after.pending ?? 0, 0)
  t.equal(after.oldestMs, undefined)
  t.equal(after.lost, 0)
}

/** Takes until nothing is left, and acknowledges it. */
async function takeAll(source: RecordSource): Promise<readonly Delivery[]> {
  const all: Delivery[] = []
  for (;;) {
    // A source that follows has nothing ready at once: twice nothing in a row is nothing.
    const first = await take(source, 50)
    const { deliveries } = first.deliveries.length > 0 ? first : await take(source, 50)
    if (deliveries.length === 0) return all
    all.push(...deliveries)
    await source.acknowledge(deliveries)
  }
}

/** Takes until there are so many. */
async function takeSome(source: RecordSource, records: number): Promise<readonly Delivery[]> {
  const some: Delivery[] = []
  while (some.length < records) some.push(...(await take(source, 20)).deliveries)
  return some
}

function take(source: RecordSource, recordsMax: number): Promise<Taken> {
  return source.take({ recordsMax, wait: true, signal: never })
}

function numbers(deliveries: readonly Delivery[], type: string): readonly unknown[] {
  return deliveries
    .filter(({ read }) => read?.record.type === type)
    .map(({ read }) => read?.record.event['number'])
}

function count(to: number): readonly number[] {
  return Array.from({ length: to }, (_, i) => i)
}

function finding(number: number): AuditRecord {
  return { ...auditRecord(number), type: 'finding', severity: 3 }
}

function at(record: AuditRecord, timeMs: number): AuditRecord {
  return { ...record, event: { ...record.event, time: timeMs } }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
