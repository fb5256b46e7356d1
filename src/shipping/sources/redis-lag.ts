/** How far a consumer group is behind its streams, from what Redis tells of them (XINFO, XPENDING). */
import type { RedisConnection } from '../../core/redis-connection.ts'
import type { SourceLag } from '../record-source.ts'
import { replyRow } from './reply-row.ts'

/** The sum over all streams. Rejects with what the client gives; for the caller to translate. */
export async function redisLag(
  connection: RedisConnection,
  group: string,
  streams: readonly string[],
): Promise<SourceLag> {
  const parts = await Promise.all(streams.map((stream) => lagOf(connection, group, stream)))
  const oldest = parts.map(({ oldestMs }) => oldestMs).filter((ms) => ms !== undefined)
  return {
    waiting: sum(parts.map(({ waiting }) => waiting)),
    pending: sum(parts.map(({ pending }) => pending)),
    bytes: undefined,
    oldestMs: oldest.length > 0 ? Math.min(...oldest) : undefined,
    lost: parts.reduce((all, { lost }) => all + lost, 0),
  }
}

async function lagOf(
  { redis }: RedisConnection,
  group: string,
  stream: string,
): Promise<SourceLag> {
  const [about, groups, pending] = await Promise.all([
    redis.xinfo('STREAM', stream),
    redis.xinfo('GROUPS', stream),
    redis.xpending(stream, group),
  ])
  const whole = replyRow(about)
  const ours = (groups as readonly unknown[]).map(replyRow).find((row) => row.get('name') === group)
  const delivered = textOf(ours?.get('last-delivered-id'))
  const first = textOf(whole.get('recorded-first-entry-id'))
  // Redis counts on from what it has counted: after records were removed unread, its lag never comes back to nothing.
  const allGiven = compareIds(delivered, textOf(whole.get('last-generated-id'))) >= 0
  const lag = allGiven ? 0 : ours?.get('lag')
  const waiting = typeof lag === 'number' ? lag : undefined
  const length = Number(whole.get('length'))
  // Nothing that is there was given out yet: then what is counted and not there was removed before it was given out.
  const unread = length > 0 && compareIds(first, delivered) > 0
  const lost =
    waiting === undefined || !(unread || length === 0) ? 0 : Math.max(0, waiting - length)
  const [count, oldestPending] = pending as [number, string | null]
  const oldestWaiting = unread ? first : await firstAfter(redis, stream, delivered)
  return {
    waiting: waiting === undefined ? undefined : waiting - lost,
    pending: count,
    bytes: undefined,
    oldestMs: timeOf(oldestPending ?? undefined) ?? timeOf(oldestWaiting),
    lost,
  }
}

async function firstAfter(
  redis: RedisConnection['redis'],
  stream: string,
  id: string,
): Promise<string | undefined> {
  return (await redis.xrange(stream, `(${id}`, '+', 'COUNT', 1))[0]?.[0]
}

function sum(parts: readonly (number | undefined)[]): number | undefined {
  return parts.reduce(
    (all, part) => (all === undefined || part === undefined ? undefined : all + part),
    0,
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '0-0'
}

/** Stream ids are milliseconds and a number, both unsigned 64 bits. */
function compareIds(a: string, b: string): number {
  const [aMs = 0n, aNumber = 0n] = a.split('-').map(BigInt)
  const [bMs = 0n, bNumber = 0n] = b.split('-').map(BigInt)
  if (aMs !== bMs) return aMs < bMs ? -1 : 1
  if (aNumber === bNumber) return 0
  return aNumber < bNumber ? -1 : 1
}

function timeOf(id: string | undefined): number | undefined {
  return id === undefined ? undefined : Number(id.split('-')[0])
}
