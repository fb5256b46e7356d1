/**
 * Laws of delivery: whatever fails, in whatever order, and wherever the shipper dies, each record arrives at least once and in
 * order, or is put aside, and nothing is acknowledged before that.
 */
import { test } from 'tap'
import * as fc from 'fast-check'
import { fitRecord } from '../../src/audit/export/drop-detail.ts'
import { ocsfJson } from '../../src/audit/export/ocsf-json.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock } from '../../src/core/clock.ts'
import { Courier } from '../../src/shipping/courier.ts'
import { DeliveryError, type FailureKind } from '../../src/shipping/delivery-error.ts'
import { createShippingMetrics } from '../../src/shipping/shipping-metrics.ts'
import type { Sink } from '../../src/shipping/sink.ts'
import { memorySource } from '../helpers/siem/memory-source.ts'

/** What the sink does with a batch that holds nothing it refuses. `lost`: it has all of it, and its answer does not arrive. */
type Mood = 'takes' | 'lost' | 'half' | 'passing' | 'misconfigured' | 'dies'

const moods = fc.array(
  fc.constantFrom<Mood>('takes', 'lost', 'half', 'passing', 'misconfigured', 'dies'),
  { maxLength: 12 },
)
const scenes = fc.record({
  records: fc.integer({ min: 1, max: 30 }),
  poison: fc.uniqueArray(fc.nat({ max: 29 }), { maxLength: 5 }),
  recordsMax: fc.integer({ min: 1, max: 12 }),
  failTake: fc.nat({ max: 2 }),
  failAcknowledge: fc.nat({ max: 3 }),
  moods,
})

test('each record arrives in order, at least once, or is put aside, and is acknowledged only then', async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async ({ records, poison, recordsMax, moods: given, ...failures }) => {
      const source = memorySource(Array.from({ length: records }, (_, number) => recordOf(number)))
      Object.assign(source, failures)
      const refused = new Set(poison.filter((number) => number < records))
      const arrived: number[] = []
      const left = [...given]
      let stopping = new AbortController()
      const sink: Sink = {
        encode: (read) => fitRecord(read, 1e6, ocsfJson),
        deliver: async (payloads) => {
          const numbers = payloads.map(({ text }) => numberOf(text))
          if (numbers.some((number) => refused.has(number))) throw failure('refused')
          const mood = left.shift() ?? 'takes'
          if (mood === 'half') arrived.push(...numbers.slice(0, Math.ceil(numbers.length / 2)))
          if (mood === 'takes' || mood === 'lost' || mood === 'dies') arrived.push(...numbers)
          if (mood === 'dies') stopping.abort()
          if (mood !== 'takes') throw failure(mood === 'misconfigured' ? mood : 'passing')
        },
        close: () => Promise.resolve(),
      }
      let early = false
      const checked = {
        ...source,
        acknowledge: async (deliveries: Parameters<typeof source.acknowledge>[0]) => {
          const settled = new Set([...arrived, ...source.aside.map(([number]) => number)])
          early ||= deliveries.some(({ position }) => !settled.has(Number(position)))
          await source.acknowledge(deliveries)
        },
      }
      // A shipper that dies is followed by another, which is given what was not acknowledged.
      while (source.acknowledged.length < records) {
        stopping = new AbortController()
        source.giveAgain()
        const { signal } = stopping
        const courier = new Courier(
          { ...optionsOf(recordsMax), source: checked, sink },
          { stopping: signal, cutting: signal, once: false },
        )
        const running = courier.run()
        while (source.acknowledged.length < records && !signal.aborted) await turn()
        stopping.abort()
        await running
      }
      const firsts = [...new Set(arrived)]
      const expected = Array.from({ length: records }, (_, i) => i).filter((i) => !refused.has(i))
      return (
        !early &&
        firsts.join() === expected.join() &&
        new Set(source.aside.map(([number]) => number)).size === refused.size
      )
    }),
    { numRuns: 300 },
  )
})

function optionsOf(recordsMax: number) {
  return {
    name: 'siem',
    accepts: () => true,
    batch: { recordsMax, bytesMax: 1e6, pauseMs: 0 },
    backoff: { firstMs: 0, maxMs: 0 },
    refusalsMax: 2,
    refusedInARowMax: Number.POSITIVE_INFINITY,
    lateAfterMs: 300_000,
    metrics: createShippingMetrics(systemClock.nowMs).courier('siem'),
    log: { info: () => undefined, warn: () => undefined },
    clock: systemClock,
    random: () => 0.5,
  }
}

function failure(kind: FailureKind): DeliveryError {
  return new DeliveryError({ kind, problem: 'It did not' })
}

function recordOf(number: number): AuditRecord {
  return { id: `id-${number}`, type: 'access', severity: 1, event: { number } }
}

function numberOf(text: string): number {
  return (JSON.parse(text) as { readonly number: number }).number
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
