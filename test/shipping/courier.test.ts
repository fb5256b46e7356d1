/** The courier: order, acknowledgement after delivery, attempts, refusals, and how it ends. */
import { test } from 'tap'
import { fitRecord } from '../../src/audit/export/drop-detail.ts'
import { ocsfJson } from '../../src/audit/export/ocsf-json.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock } from '../../src/core/clock.ts'
import { backoffMs } from '../../src/shipping/backoff.ts'
import { Courier } from '../../src/shipping/courier.ts'
import type { CourierOptions } from '../../src/shipping/courier-options.ts'
import { DeliveryError, type FailureKind } from '../../src/shipping/delivery-error.ts'
import { createShippingMetrics } from '../../src/shipping/shipping-metrics.ts'
import type { ShippingFields } from '../../src/shipping/shipping-log.ts'
import type { Sink } from '../../src/shipping/sink.ts'
import { memorySource, type MemorySource } from '../helpers/siem/memory-source.ts'

const REFUSED_IN_A_ROW_MAX = 10

/** What a sink says to a batch of numbers: nothing, if it takes it. */
type Answer = (numbers: readonly number[], attempt: number) => FailureKind | undefined

interface Run {
  readonly source: MemorySource
  /** Numbers of what the sink took, in the order in which it did. */
  readonly delivered: readonly number[]
  /** Every attempt. */
  readonly attempts: readonly (readonly number[])[]
  readonly log: readonly (readonly [message: string, fields: ShippingFields])[]
  readonly metrics: () => Promise<string>
  readonly courier: Courier
  readonly stop: () => void
  readonly cut: () => void
  readonly running: Promise<void>
}

test('records are sent in order, in batches, and acknowledged once they were taken', async (t) => {
  const run = start(records(25), { batch: { recordsMax: 10, bytesMax: 1e6, pauseMs: 0 } })
  await ends(run, 25)
  t.same(run.delivered, count(25))
  t.same(run.source.acknowledged, count(25))
  t.same(
    run.attempts.map((numbers) => numbers.length),
    [10, 10, 5],
  )
})

test('a batch is not larger than it may be, and a larger record goes alone', async (t) => {
  const one = Buffer.byteLength(ocsfText(0))
  const sized = records(9).map((record, i) => (i === 4 ? padded(record, one * 5) : record))
  const run = start(sized, { batch: { recordsMax: 100, bytesMax: one * 3 + 10, pauseMs: 0 } })
  await ends(run, 9)
  t.same(run.delivered, count(9))
  t.same(
    run.attempts.map((numbers) => numbers.length),
    [3, 1, 1, 3, 1],
  )
})

test('what passes is tried again until it has passed; nothing is acknowledged before, nothing overtakes', async (t) => {
  for (const kind of ['passing', 'misconfigured'] as const) {
    const run = start(
      records(12),
      {},
      { answer: (_numbers, attempt) => (attempt < 6 ? kind : undefined) },
    )
    await ends(run, 12)
    t.same(run.delivered, count(12), kind)
    t.equal(run.attempts.length, 6)
    t.same(run.source.acknowledged, count(12))
    t.match(await run.metrics(), `celosia_ship_failures_total{sink="siem",kind="${kind}"} 5`)
    t.match(await run.metrics(), 'celosia_ship_blocked{sink="siem"} 0')
  }
})

test('a record that is refused by itself is put aside after so many times, and the others arrive in order', async (t) => {
  const bad = new Set([3, 17])
  const run = start(
    records(40),
    {},
    { answer: (numbers) => (numbers.some((number) => bad.has(number)) ? 'refused' : undefined) },
  )
  await ends(run, 40)
  t.same(
    run.delivered,
    count(40).filter((number) => !bad.has(number)),
  )
  t.same(run.source.aside, [
    [3, 'refused'],
    [17, 'refused'],
  ])
  t.same(run.source.acknowledged, count(40))
  for (const number of bad) {
    const alone = run.attempts.filter((numbers) => numbers.length === 1 && numbers[0] === number)
    t.equal(alone.length, 3, 'three times alone')
  }
  t.match(await run.metrics(), 'celosia_ship_dead_letters_total{sink="siem",reason="refused"} 2')
  const asides = run.log.filter(([message]) => message === 'a record was put aside')
  t.same(
    asides.map(([, fields]) => fields.position),
    ['3', '17'],
  )
})

test('where everything is refused it is not the records: it stops putting aside, and goes on once they are taken', async (t) => {
  let angry = true
  const run = start(records(40), {}, { answer: () => (angry ? 'refused' : undefined) })
  await until(() => run.source.aside.length === REFUSED_IN_A_ROW_MAX && run.attempts.length > 60)
  t.equal(run.source.aside.length, REFUSED_IN_A_ROW_MAX)
  t.match(run.courier.problem, /refused/)
  angry = false
  await ends(run, 40)
  t.same(run.delivered, count(40).slice(REFUSED_IN_A_ROW_MAX))
})

test('what cannot be read, or made small enough, is put aside in its place', async (t) => {
  const damaged: (AuditRecord | undefined)[] = [...records(5)]
  damaged[2] = undefined
  const run = start(damaged, { refusalsMax: 1 }, { fits: (number) => number !== 4 })
  await ends(run, 5)
  t.same(run.delivered, [0, 1, 3])
  t.same(run.source.aside, [
    [2, 'unreadable'],
    [4, 'too-large'],
  ])
  t.same(run.source.acknowledged, count(5))
})

test('a filter leaves records out, and they are acknowledged with the others', async (t) => {
  const run = start(records(10), { accepts: ({ event }) => Number(event['number']) % 2 === 0 })
  await ends(run, 10)
  t.same(run.delivered, [0, 2, 4, 6, 8])
  t.same(run.source.acknowledged, count(10))
  t.match(await run.metrics(), 'celosia_ship_filtered_total{sink="siem"} 5')
})

test('an acknowledgement that fails is tried again, and nothing is sent twice for it', async (t) => {
  const run = start(records(5))
  run.source.failAcknowledge = 3
  await ends(run, 5)
  t.same(run.delivered, count(5))
  t.same(run.source.acknowledged, count(5))
})

test('a source that is away is asked again, and the problem goes with it', async (t) => {
  const run = start(records(5))
  run.source.failTake = 3
  await ends(run, 5)
  t.same(run.delivered, count(5))
  t.equal(run.courier.problem, undefined)
  t.match(await run.metrics(), 'celosia_ship_failures_total{sink="siem",kind="source"} 3')
})

test('what a sink asks to wait is waited, and held while it is', async (t) => {
  const run = start(
    records(1),
    {},
    {
      answer: (_numbers, attempt) => (attempt === 1 ? 'passing' : undefined),
      retryAfterMs: 30_000,
    },
  )
  await until(() => run.courier.problem !== undefined)
  const waits = run.log.map(([, { waitMs }]) => waitMs).filter((ms) => ms !== undefined)
  t.same(waits, [30_000], 'it does not ask again at once')
  t.equal(run.attempts.length, 1)
  run.stop()
  await run.running
  t.same(run.source.acknowledged, [], 'it is left for the next shipper')
})

test('what is being worked on is held, while it waits and between one group and the next', async (t) => {
  let slow = 0
  const run = start(
    records(40),
    { batch: { recordsMax: 10, bytesMax: 1e6, pauseMs: 0 }, backoff: { firstMs: 60, maxMs: 60 } },
    {
      answer: (_numbers, attempt) => (attempt < 3 ? 'passing' : undefined),
      deliver: async () => {
        slow += 1
        await sleep(25)
      },
    },
  )
  run.source.holdEveryMs = 20
  await ends(run, 40)
  t.ok(slow > 4)
  t.ok(run.source.holds >= 4, `${run.source.holds} times`)
  const quick = start(records(40), { batch: { recordsMax: 10, bytesMax: 1e6, pauseMs: 0 } })
  quick.source.holdEveryMs = 60_000
  await ends(quick, 40)
  t.equal(quick.source.holds, 0, 'and not for nothing')
})

test('stopped, it ends what is under way, acknowledges it, and begins nothing new', async (t) => {
  let release = () => {}
  const deliver = () => new Promise<void>((resolve) => (release = resolve))
  const run = start(
    records(30),
    { batch: { recordsMax: 10, bytesMax: 1e6, pauseMs: 0 } },
    { deliver },
  )
  await until(() => run.attempts.length === 1)
  run.stop()
  await sleep(30)
  release()
  await run.running
  t.same(run.source.acknowledged, count(10))
  t.equal(run.attempts.length, 1)
})

test('cut, what is under way ends without an acknowledgement', async (t) => {
  const deliver = (signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      const ended = () =>
        reject(new DeliveryError({ kind: 'passing', problem: 'The delivery was ended' }))
      signal.addEventListener('abort', ended, { once: true })
    })
  const run = start(records(10), {}, { deliver })
  await until(() => run.attempts.length === 1)
  run.stop()
  run.cut()
  await run.running
  t.same(run.source.acknowledged, [])
})

test('once, it ends when nothing is left, and at the first failure', async (t) => {
  const well = start(records(25), {}, { once: true })
  await well.running
  t.same(well.source.acknowledged, count(25))
  const failing = start(records(25), {}, { answer: () => 'passing', once: true })
  await t.rejects(failing.running, { code: 'ERR_DELIVERY' })
  t.equal(failing.attempts.length, 1)
  const away = start(records(1), {}, { once: true })
  away.source.failTake = 1
  await t.rejects(away.running, { code: 'ERR_AUDIT_UNAVAILABLE' })
  const refusing = start(
    records(5),
    {},
    { answer: (numbers) => (numbers.includes(2) ? 'refused' : undefined), once: true },
  )
  await refusing.running
  t.same(refusing.source.aside, [[2, 'refused']])
  const angry = start(records(25), {}, { answer: () => 'refused', once: true })
  await t.rejects(angry.running, { code: 'ERR_DELIVERY' }, 'nor does it try for ever')
  t.equal(angry.source.aside.length, REFUSED_IN_A_ROW_MAX)
})

test('a sink whose records wait for longer than they may is late, until they do not', async (t) => {
  let monotonicMs = 0
  const clock = {
    ...systemClock,
    nowMs: () => 1_000_000,
    monotonicMs: () => (monotonicMs += 5_000),
  }
  const run = start(records(1), { clock, lateAfterMs: 60_000 })
  run.source.oldestMs = 1_000_000 - 60_000
  await ends(run, 1)
  t.match(await run.metrics(), 'celosia_ship_late{sink="siem"} 0')
  const late = start([], { clock, lateAfterMs: 60_000 })
  late.source.oldestMs = 1_000_000 - 60_001
  await until(() => late.courier.problem !== undefined)
  t.match(late.courier.problem, /wait for longer/)
  t.match(await late.metrics(), 'celosia_ship_late{sink="siem"} 1')
  late.source.oldestMs = undefined
  await until(() => late.courier.problem === undefined)
  t.match(await late.metrics(), 'celosia_ship_late{sink="siem"} 0')
  late.stop()
  await late.running
  t.same(
    late.log.map(([message]) => message),
    ['a sink is late', 'a sink is no longer late'],
    'said once',
  )
})

test('a fault of ours ends it, and is no delivery', async (t) => {
  const run = start(
    records(3),
    {},
    { deliver: () => Promise.reject(new TypeError('a fault of ours')) },
  )
  await t.rejects(run.running, { name: 'TypeError' })
  t.same(run.source.acknowledged, [])
})

test('pauses double up to a limit, have a random part, and are longer where the sink asks for it', (t) => {
  const backoff = { firstMs: 100, maxMs: 1_000 }
  const at = (attempt: number, random: number, askedMs?: number) =>
    backoffMs(attempt, backoff, () => random, askedMs)
  t.same(
    [1, 2, 3, 4, 5, 1_000].map((attempt) => at(attempt, 0.999_999)).map(Math.round),
    [100, 200, 400, 800, 1_000, 1_000],
  )
  t.same(
    [1, 2, 5].map((attempt) => at(attempt, 0)),
    [50, 100, 500],
  )
  t.equal(at(1, 0, 5_000), 5_000)
  t.equal(at(1, 0, 1e12), 600_000, 'and that has a limit too')
  t.end()
})

/** How a run differs from one in which all goes well. */
interface Scene {
  readonly answer?: Answer
  readonly fits?: (number: number) => boolean
  readonly retryAfterMs?: number
  /** What the sink does before it answers. */
  readonly deliver?: (signal: AbortSignal) => Promise<void>
  readonly once?: boolean
}

function start(
  stored: readonly (AuditRecord | undefined)[],
  options: Partial<CourierOptions> = {},
  scene: Scene = {},
): Run {
  const { answer, fits, retryAfterMs, deliver, once = false } = scene
  const source = memorySource(stored)
  const delivered: number[] = []
  const attempts: (readonly number[])[] = []
  const log: (readonly [string, ShippingFields])[] = []
  const metrics = createShippingMetrics(systemClock.nowMs)
  const [stopping, cutting] = [new AbortController(), new AbortController()]
  const sink: Sink = {
    encode: (read) =>
      fits?.(Number(read.record.event['number'])) !== false
        ? fitRecord(read, 1e6, ocsfJson)
        : undefined,
    deliver: async (payloads, signal) => {
      const numbers = payloads.map(({ text }) => (JSON.parse(text) as { number: number }).number)
      attempts.push(numbers)
      await deliver?.(signal)
      const kind = answer?.(numbers, attempts.length)
      if (kind !== undefined)
        throw new DeliveryError({ kind, problem: `It was ${kind}`, retryAfterMs })
      delivered.push(...numbers)
    },
    close: () => Promise.resolve(),
  }
  const courier = new Courier(
    {
      name: 'siem',
      source,
      sink,
      accepts: () => true,
      batch: { recordsMax: 100, bytesMax: 1e6, pauseMs: 0 },
      backoff: { firstMs: 1, maxMs: 2 },
      refusalsMax: 3,
      refusedInARowMax: REFUSED_IN_A_ROW_MAX,
      lateAfterMs: 300_000,
      metrics: metrics.courier('siem'),
      log: {
        info: (m, fields = {}) => log.push([m, fields]),
        warn: (m, fields = {}) => log.push([m, fields]),
      },
      clock: systemClock,
      random: () => 0.5,
      ...options,
    },
    { stopping: stopping.signal, cutting: cutting.signal, once },
  )
  const running = courier.run()
  running.catch(() => undefined)
  return {
    source,
    delivered,
    attempts,
    log,
    courier,
    running,
    metrics: metrics.text,
    stop: () => stopping.abort(),
    cut: () => cutting.abort(),
  }
}

/** Waits until so many are acknowledged, and stops it. */
async function ends(run: Run, acknowledged: number): Promise<void> {
  await until(() => run.source.acknowledged.length >= acknowledged)
  run.stop()
  await run.running
}

function records(many: number): readonly AuditRecord[] {
  return count(many).map((number) => ({
    id: `id-${number}`,
    type: 'access',
    severity: 1,
    event: { number },
  }))
}

function padded(record: AuditRecord, bytes: number): AuditRecord {
  return { ...record, event: { ...record.event, padding: 'x'.repeat(bytes) } }
}

function ocsfText(number: number): string {
  return JSON.stringify({ number })
}

function count(to: number): readonly number[] {
  return Array.from({ length: to }, (_, i) => i)
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(2)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
