/** Retention in Redis: the oldest entries of each stream go, entry by entry and all streams at once, never before every group has acknowledged them. */
import { STREAM_NAMES, type StreamName } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import type { RedisConnection } from '../../core/redis-connection.ts'
import { askingRedis } from '../asking-redis.ts'
import { AuditUnavailableError } from '../errors.ts'
import type { AuditReader } from '../audit-store.ts'
import { mergeByTime, type StreamRecord } from '../read-all.ts'
import { HOLDS_KEY, PURGING_KEY, STREAM_KEYS } from '../redis-audit-keys.ts'
import { readConsumerGroups, type ConsumerGroup } from '../redis-groups.ts'
import { PlanBuilder, StreamAge } from './plan-builder.ts'
import { PURGE_SCRIPT } from './redis-purge-script.ts'
import { redisHoldStore } from './redis-hold-store.ts'
import type { PlanRequest, PurgePlan, RetentionTarget } from './retention-target.ts'

export interface RedisRetentionOptions {
  /** Closed with it, as is the reader. */
  readonly connection: RedisConnection
  readonly reader: AuditReader
  readonly clock: Clock
  /** Consumer groups that must have read a record, also where they are not there yet. */
  readonly groups: () => readonly string[]
}

/** Records of one step, and so of one script: Redis does nothing else meanwhile. */
const STEP_RECORDS = 2_000
/** Two at once do no harm; only one does all the work. */
const PURGING_MS = 60_000

export function redisRetention(options: RedisRetentionOptions): RetentionTarget {
  const { connection, reader, clock } = options
  const { redis } = connection
  const holds = redisHoldStore(connection)
  const asking = <T>(answer: Promise<T>): Promise<T> => askingRedis(connection, answer)
  return {
    holds,
    plan: async (request) => {
      const groups = await readConsumerGroups(connection)
      return planFor(request, { reader, barriers: barriersOf(groups, options.groups()) }, (ids) =>
        asking(redis.call('EVAL', scriptArguments(ids, request))),
      )
    },
    nowMs: async () => {
      const [seconds] = await asking(redis.time())
      return Math.min(Number(seconds) * 1_000, clock.nowMs())
    },
    claim: async () => (await asking(redis.set(PURGING_KEY, '1', 'PX', PURGING_MS, 'NX'))) !== null,
    close: async () => {
      await reader.close()
      await holds.close()
    },
  }
}

/** What stands in the way of an entry, one sentence; undefined: nothing. */
type Barrier = (id: string) => string | undefined

interface Source {
  readonly reader: AuditReader
  readonly barriers: ReadonlyMap<StreamName, Barrier>
}

type Ids = ReadonlyMap<StreamName, readonly string[]>

async function planFor(
  request: PlanRequest,
  { reader, barriers }: Source,
  run: (ids: Ids) => Promise<unknown>,
): Promise<PurgePlan> {
  const builder = new PlanBuilder(request)
  const ids = new Map<StreamName, string[]>(STREAM_NAMES.map((stream) => [stream, []]))
  const streams = STREAM_NAMES.map((stream) =>
    oldRecords(stream, request, { reader, barrier: barriers.get(stream), builder }),
  )
  const through = new Map(request.after)
  let more = false
  for await (const stored of mergeByTime(streams)) {
    through.set(stored.stream, stored.position)
    if (!builder.take(stored)) continue
    if (request.step) ids.get(stored.stream)?.push(stored.position)
    more = request.step && builder.records >= STEP_RECORDS
    if (more) break
  }
  return builder.plan({
    through,
    more,
    remove: async () => {
      const answer = await run(ids)
      if (answer === 'held') throw new AuditUnavailableError('Holds have changed meanwhile')
      if (answer !== 'purged')
        throw new AuditUnavailableError(`A consumer group of ${String(answer)} has gone back`)
    },
  })
}

/** What is no record stays: the verifier names it. */
const PASSED_OVER = (): void => undefined

interface Reading {
  readonly reader: AuditReader
  readonly barrier: Barrier | undefined
  readonly builder: PlanBuilder
}

/** The records of a stream that are old and acknowledged, up to the first that is not. */
async function* oldRecords(
  stream: StreamName,
  { cutoffs, nowMs, after }: PlanRequest,
  { reader, barrier, builder }: Reading,
): AsyncGenerator<StreamRecord, void, undefined> {
  const cutoffMs = cutoffs[stream]
  if (cutoffMs === undefined) return
  const age = new StreamAge(nowMs)
  for await (const read of reader.read({
    stream,
    after: after?.get(stream),
    corrupt: PASSED_OVER,
  })) {
    const stored = { ...read, stream }
    if (!age.isOlder(stored, cutoffMs, Number(stored.position.split('-')[0]))) return
    const waits = barrier?.(stored.position)
    if (waits !== undefined) {
      builder.waits(waits)
      return
    }
    yield stored
  }
}

function barriersOf(
  groups: readonly ConsumerGroup[],
  demanded: readonly string[],
): ReadonlyMap<StreamName, Barrier> {
  return new Map(
    STREAM_NAMES.map((stream) => {
      const own = groups.filter((group) => group.stream === stream)
      const missing = demanded.find((name) => !own.some((group) => group.name === name))
      return [stream, (id) => missingGroup(missing, stream) ?? unacknowledged(own, id)] as const
    }),
  )
}

function missingGroup(name: string | undefined, stream: StreamName): string | undefined {
  return name === undefined
    ? undefined
    : `The consumer group ${name} has not begun to read ${STREAM_KEYS[stream]}`
}

function unacknowledged(groups: readonly ConsumerGroup[], id: string): string | undefined {
  const behind = groups.find(({ oldestPending, lastDelivered }) =>
    oldestPending === undefined
      ? comesBefore(lastDelivered, id)
      : !comesBefore(id, oldestPending) || comesBefore(lastDelivered, id),
  )
  return behind === undefined
    ? undefined
    : `The consumer group ${behind.name} of ${STREAM_KEYS[behind.stream]} has not acknowledged what is to be purged`
}

// Ids are `<milliseconds>-<number>`.
function comesBefore(a: string, b: string): boolean {
  const [aMs = 0n, aNumber = 0n] = a.split('-').map(BigInt)
  const [bMs = 0n, bNumber = 0n] = b.split('-').map(BigInt)
  return aMs < bMs || (aMs === bMs && aNumber < bNumber)
}

function scriptArguments(ids: Ids, { holds }: PlanRequest): (string | number)[] {
  const keys = [...STREAM_NAMES.map((stream) => STREAM_KEYS[stream]), HOLDS_KEY]
  const names = holds.map(({ name }) => name)
  const lists = STREAM_NAMES.map((stream) => ids.get(stream) ?? [])
  const given = lists.flatMap((list) => [list.length, ...list])
  return [PURGE_SCRIPT, keys.length, ...keys, names.join(' '), ...given]
}
