/**
 * Shipping from Redis, with the connection cut once at each command that it sends, before Redis has it or before its answer:
 * each record arrives once and in order, and nothing stays pending. The list of commands is what a run without a fault sends.
 */
import type { Redis } from 'ioredis'
import { test, type Test } from 'tap'
import { fitRecord } from '../../src/audit/export/drop-detail.ts'
import { ocsfJson } from '../../src/audit/export/ocsf-json.ts'
import { STREAM_KEYS } from '../../src/audit/redis-audit-keys.ts'
import { systemClock } from '../../src/core/clock.ts'
import { Courier } from '../../src/shipping/courier.ts'
import { createShippingMetrics } from '../../src/shipping/shipping-metrics.ts'
import { openRedisSource } from '../../src/shipping/sources/redis-source.ts'
import { auditRecords } from '../helpers/audit-records.ts'
import { openRedisWriter } from '../helpers/audit-writers.ts'
import { LOOPBACK } from '../helpers/free-port.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'
import { startCuttingProxy, type Cut } from '../helpers/siem/cutting-proxy.ts'

const RECORDS = 40
const ADDRESS = {
  host: LOOPBACK,
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
} as const
const STREAMS = Object.values(STREAM_KEYS)
/** So many runs at a time. */
const ABREAST = 4

test('wherever the connection to Redis is cut, each record arrives once and in order', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(auditRecords(RECORDS))
  const place = { port: redis.port, admin: redis.admin() }
  const whole = await run(t, place, 'whole')
  t.same(
    whole.arrived,
    Array.from({ length: RECORDS }, (_, i) => i),
  )
  const cuts = whole.commands.flatMap((name, index) =>
    (['before', 'after'] as const).map((when) => ({ at: index + 1, when, name })),
  )
  t.ok(cuts.length > 30, `${cuts.length} cuts`)
  for (const name of ['XREADGROUP', 'XACK', 'XAUTOCLAIM', 'XGROUP', 'XINFO', 'XPENDING'])
    t.ok(whole.commands.includes(name), name)
  const left = [...cuts]
  const work = async (): Promise<void> => {
    for (let cut = left.shift(); cut !== undefined; cut = left.shift()) {
      const { at, when, name } = cut
      const { arrived, pending } = await run(t, place, `${at}-${when}`, cut)
      t.same(arrived, whole.arrived, `cut ${when} ${name} (${at})`)
      t.equal(pending, 0, `nothing is pending after a cut ${when} ${name} (${at})`)
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, work))
})

interface Place {
  readonly port: number
  readonly admin: Redis
}

interface Run {
  /** Numbers of the accesses, as often as they came. */
  readonly arrived: readonly number[]
  readonly pending: number
  readonly commands: readonly string[]
}

/** Ships everything to a group of its own. */
async function run(t: Test, { port, admin }: Place, name: string, cut?: Cut): Promise<Run> {
  const proxy = await startCuttingProxy(t, port, cut)
  const group = `celosia-ship:${name}`
  const source = await openRedisSource({
    address: { ...ADDRESS, port: proxy.port },
    streams: STREAMS,
    group,
    start: '0',
    restart: false,
    waitMs: 20,
    // Longer than the test: nothing is taken over that was only lost sight of.
    claimAfterMs: 600_000,
    deadLetters: { stream: 'celosia:ship:dead', entriesMax: 1 },
    sink: name,
    clock: systemClock,
  })
  const arrived: number[] = []
  const stopping = new AbortController()
  const courier = new Courier(
    {
      name,
      source,
      sink: {
        encode: (read) => fitRecord(read, 1e6, ocsfJson),
        deliver: async (payloads) => {
          for (const { text } of payloads) {
            const { number } = JSON.parse(text) as { readonly number?: number }
            if (number !== undefined) arrived.push(number)
          }
        },
        close: () => Promise.resolve(),
      },
      accepts: () => true,
      batch: { recordsMax: 15, bytesMax: 1e6, pauseMs: 0 },
      backoff: { firstMs: 1, maxMs: 5 },
      refusalsMax: 1,
      refusedInARowMax: 1,
      lateAfterMs: 300_000,
      metrics: createShippingMetrics(systemClock.nowMs).courier(name),
      log: { info: () => undefined, warn: () => undefined },
      clock: systemClock,
      random: () => 0.5,
    },
    { stopping: stopping.signal, cutting: stopping.signal, once: false },
  )
  const running = courier.run()
  while (arrived.length < RECORDS || (await pendingOf(admin, group)) > 0) await pause()
  stopping.abort()
  await running
  await source.close()
  return { arrived, pending: await pendingOf(admin, group), commands: proxy.commands }
}

async function pendingOf(admin: Redis, group: string): Promise<number> {
  let pending = 0
  for (const stream of STREAMS) {
    // No such group yet.
    const reply = await admin.xpending(stream, group).catch(() => [0])
    pending += Number(reply[0])
  }
  return pending
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
