/** What every audit store must do. Run by the tests of each implementation. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { AuditReader, AuditWriter, StoredRecord } from '../../src/audit/audit-store.ts'
import {
  appendWhenUp,
  auditRecord,
  auditRecords,
  numbersOf,
  readAll,
} from '../helpers/audit-records.ts'

/** One way in which a store can fail, and be well again. */
export interface AuditFailure {
  readonly name: string
  readonly begin: () => Promise<void>
  readonly end: () => Promise<void>
}

/** A store of one implementation, empty at first. What is opened is closed when the test ends. */
export interface AuditStoreHarness {
  readonly writer: () => Promise<AuditWriter>
  readonly reader: () => Promise<AuditReader>
  readonly failures: readonly AuditFailure[]
}

/** P2 allows two seconds; the rest is for the machine that runs the test. */
const REJECTED_WITHIN_MS = 2_600

/** Runs the suite. `make` is called for each part of it, so that each has a store of its own. */
export async function auditStoreContract(
  t: Test,
  make: (t: Test) => Promise<AuditStoreHarness>,
): Promise<void> {
  await t.test('keeps records whole and in order, and reads none where there are none', (t) =>
    keepsOrder(t, make),
  )
  await t.test('keeps the order of 1,000 parallel appends', (t) => keepsParallelOrder(t, make))
  await t.test('reads by limit and position', (t) => readsByPosition(t, make))
  await t.test('reads while it is written to, always a part from the start', (t) =>
    readsWhileWriting(t, make),
  )
  await t.test('follows until told to stop', (t) => follows(t, make))
  await t.test('goes on after it was closed and opened again', (t) => reopens(t, make))
  await t.test('refuses a record that is too large, and stays well', (t) => refusesLarge(t, make))
  const { failures } = await make(t)
  for (const [i, { name }] of failures.entries()) {
    await t.test(`rejects within two seconds and recovers: ${name}`, (t) =>
      failsAndRecovers(t, make, i),
    )
  }
}

type Make = (t: Test) => Promise<AuditStoreHarness>

async function keepsOrder(t: Test, make: Make): Promise<void> {
  const store = await make(t)
  const writer = await store.writer()
  t.same(await readAll(await store.reader()), [], 'an empty store has no records')
  const records = auditRecords(25)
  await writer.append([])
  await writer.append(records.slice(0, 10))
  for (const record of records.slice(10, 15)) await writer.append([record])
  await writer.append(records.slice(15))
  const stored = await readAll(await store.reader())
  t.same(
    stored.map(({ record }) => record),
    records,
  )
  t.equal(new Set(stored.map(({ position }) => position)).size, records.length)
  t.equal((await writer.health()).ok, true)
}

async function keepsParallelOrder(t: Test, make: Make): Promise<void> {
  const store = await make(t)
  const writer = await store.writer()
  const records = auditRecords(1_500)
  const appends = Array.from({ length: 1_000 }, (_, i) =>
    // Every second append has two records.
    writer.append(records.slice(Math.ceil(i * 1.5), Math.ceil((i + 1) * 1.5))),
  )
  await Promise.all(appends)
  const stored = await readAll(await store.reader())
  t.same(
    numbersOf(stored),
    records.map((_, i) => i),
  )
}

async function readsByPosition(t: Test, make: Make): Promise<void> {
  const store = await make(t)
  const writer = await store.writer()
  await writer.append(auditRecords(450))
  const reader = await store.reader()
  const all = await readAll(reader)
  t.same(numbersOf(await readAll(reader, { limit: 3 })), [0, 1, 2])
  t.same(numbersOf(await readAll(reader, { limit: 0 })), [])
  const after = all[299]?.position
  t.same(await readAll(reader, { after }), all.slice(300))
  t.same(await readAll(reader, { after, limit: 2 }), all.slice(300, 302))
  t.same(await readAll(reader, { after: all.at(-1)?.position }), [])
  await t.rejects(readAll(reader, { after: 'nowhere' }), { code: 'ERR_AUDIT_CORRUPT' })
}

async function readsWhileWriting(t: Test, make: Make): Promise<void> {
  const store = await make(t)
  const writer = await store.writer()
  let acknowledged = 0
  const writing = new AbortController()
  const write = async (): Promise<void> => {
    for (let i = 0; i < 200; i += 1) {
      await writer.append([auditRecord(i)])
      acknowledged = i + 1
    }
    writing.abort()
  }
  const read = async (): Promise<number> => {
    let readings = 0
    while (!writing.signal.aborted) {
      const before = acknowledged
      const numbers = numbersOf(await readAll(await store.reader()))
      readings += 1
      const ordered = numbers.every((number, i) => number === i)
      if (!ordered || numbers.length < before) t.fail('a reading has a gap', { numbers, before })
    }
    return readings
  }
  const [, readings] = await Promise.all([write(), read()])
  t.ok(readings > 0)
  t.equal((await readAll(await store.reader())).length, 200)
}

async function follows(t: Test, make: Make): Promise<void> {
  const store = await make(t)
  const writer = await store.writer()
  await writer.append(auditRecords(5))
  const seen: StoredRecord[] = []
  const stop = new AbortController()
  const following = (async () => {
    for await (const stored of (await store.reader()).read({
      stream: 'records',
      follow: true,
      signal: stop.signal,
    })) {
      seen.push(stored)
    }
  })()
  await until(() => seen.length === 5)
  for (let i = 5; i < 10; i += 1) await writer.append([auditRecord(i)])
  await until(() => seen.length === 10)
  t.same(
    numbersOf(seen),
    Array.from({ length: 10 }, (_, i) => i),
  )
  stop.abort()
  await following
  const limited = await readAll(await store.reader(), {
    follow: true,
    limit: 7,
    after: seen[1]?.position,
  })
  t.same(numbersOf(limited), [2, 3, 4, 5, 6, 7, 8])
  const closing = await store.reader()
  const waiting = readAll(closing, { follow: true, after: seen.at(-1)?.position })
  await sleep(50)
  await closing.close()
  t.same(await waiting, [], 'closing the reader ends a reading')
  t.same(await readAll(await store.reader(), { signal: AbortSignal.abort() }), [])
}

async function reopens(t: Test, make: Make): Promise<void> {
  const store = await make(t)
  const first = await store.writer()
  const underWay = first.append(auditRecords(3))
  await Promise.all([first.close(), first.close()])
  await underWay
  await t.rejects(first.append([auditRecord(99)]), { code: 'ERR_AUDIT_UNAVAILABLE' })
  t.match(await first.health(), { ok: false, problem: String })
  const second = await store.writer()
  await second.append(auditRecords(2, 3))
  await second.close()
  t.same(numbersOf(await readAll(await store.reader())), [0, 1, 2, 3, 4])
}

async function refusesLarge(t: Test, make: Make): Promise<void> {
  const store = await make(t)
  const writer = await store.writer()
  const large = auditRecord(0, 'x'.repeat(1024 * 1024))
  await t.rejects(writer.append([large]), { code: 'ERR_AUDIT_UNAVAILABLE' })
  const half = auditRecord(1, 'x'.repeat(512 * 1024))
  await writer.append([half, auditRecord(2)])
  t.same(numbersOf(await readAll(await store.reader())), [1, 2])
  t.equal((await writer.health()).ok, true)
}

async function failsAndRecovers(t: Test, make: Make, index: number): Promise<void> {
  const store = await make(t)
  const failure = store.failures[index]
  if (failure === undefined) throw new Error('no such failure')
  const writer = await store.writer()
  await writer.append(auditRecords(3))
  await failure.begin()
  for (let round = 0; round < 2; round += 1) {
    const appends = Array.from({ length: 20 }, (_, i) => rejectionMs(writer, 100 + i))
    const slowest = Math.max(...(await Promise.all(appends)))
    t.ok(slowest < REJECTED_WITHIN_MS, 'every append is rejected in time', { slowest })
  }
  const health = await writer.health()
  t.equal(health.ok, false)
  t.type(health.problem, 'string')
  await failure.end()
  await appendWhenUp(writer, [auditRecord(3)])
  await writer.append([auditRecord(4)])
  t.equal((await writer.health()).ok, true)
  const numbers = numbersOf(await readAll(await store.reader()))
  // What was rejected may be there all the same: at least once.
  t.same(
    numbers.filter((number) => Number(number) < 100 && number !== 3),
    [0, 1, 2, 4],
  )
  t.ok(numbers.includes(3))
}

async function rejectionMs(writer: AuditWriter, number: number): Promise<number> {
  const start = performance.now()
  try {
    await writer.append([auditRecord(number)])
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_AUDIT_UNAVAILABLE') throw error
    return performance.now() - start
  }
  throw new Error('an append was acknowledged while the store had failed')
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await sleep(10)
  }
}
