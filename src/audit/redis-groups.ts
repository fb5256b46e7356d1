/** The consumer groups of the audit's streams: who reads them, how far each is, and what nobody has acknowledged. */
import type { StreamName } from '../core/audit-record.ts'
import { STREAM_NAMES } from '../core/audit-record.ts'
import type { RedisConnection } from '../core/redis-connection.ts'
import { replyCode } from '../core/redis-connection.ts'
import { AuditUnavailableError } from './errors.ts'
import { STREAM_KEYS } from './redis-audit-keys.ts'

export interface ConsumerGroup {
  readonly stream: StreamName
  readonly name: string
  readonly consumers: number
  /** Entries that were given to a consumer and not acknowledged. */
  readonly pending: number
  /** Entries that were not given to any yet; undefined where Redis does not know. */
  readonly lag: number | undefined
  /** The last entry that was given to one. */
  readonly lastDelivered: string
  /** The oldest entry that is not acknowledged, among those that were given. */
  readonly oldestPending: string | undefined
}

/** The groups of all streams. Rejects with AuditUnavailableError. */
export async function readConsumerGroups(
  connection: RedisConnection,
): Promise<readonly ConsumerGroup[]> {
  const lists = await Promise.all(STREAM_NAMES.map((stream) => groupsOf(connection, stream)))
  return lists.flat()
}

async function groupsOf(
  connection: RedisConnection,
  stream: StreamName,
): Promise<readonly ConsumerGroup[]> {
  const { redis } = connection
  const key = STREAM_KEYS[stream]
  try {
    const groups = (await redis.xinfo('GROUPS', key)) as readonly (readonly unknown[])[]
    return await Promise.all(
      groups.map(async (texts) => {
        const members = membersOf(texts)
        const name = String(members.get('name'))
        const [, oldest] = await redis.xpending(key, name)
        return {
          stream,
          name,
          consumers: Number(members.get('consumers')),
          pending: Number(members.get('pending')),
          lag: typeof members.get('lag') === 'number' ? Number(members.get('lag')) : undefined,
          lastDelivered: String(members.get('last-delivered-id')),
          oldestPending: typeof oldest === 'string' ? oldest : undefined,
        }
      }),
    )
  } catch (error) {
    // A stream that nothing was written to yet has no groups.
    if (replyCode(error) === 'ERR' && (await redis.exists(key)) === 0) return []
    throw new AuditUnavailableError(connection.problem(error))
  }
}

function membersOf(texts: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  return new Map(texts.flatMap((name, i) => (i % 2 === 0 ? [[name, texts[i + 1]] as const] : [])))
}
