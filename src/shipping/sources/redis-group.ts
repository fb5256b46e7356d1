/** The consumer group of a sink at a stream: made where it is missing, and clear words where that cannot be done. */
import { AuditUnavailableError } from '../../audit/errors.ts'
import { replyCode, type RedisConnection } from '../../core/redis-connection.ts'
import { replyRow } from './reply-row.ts'

export interface GroupPlace {
  readonly stream: string
  readonly group: string
}

/** Where a group begins, or is put back to. */
export interface GroupStart {
  /** A stream id, `0` for the oldest record, `$` for what comes from now on. */
  readonly start: string
  readonly restart: boolean
}

/** Refusals of Redis that do not pass by themselves. */
const LASTING_CODES = new Set(['NOPERM', 'WRONGTYPE', 'ERR', 'NOAUTH', 'WRONGPASS'])

/**
 * True once the group is there; false where Redis is away. Throws AuditUnavailableError where Redis says no for good, with
 * what has to be done about it.
 */
export async function ensureGroup(
  connection: RedisConnection,
  { stream, group }: GroupPlace,
  { start, restart }: GroupStart,
): Promise<boolean> {
  const { redis } = connection
  try {
    // What was removed before the group came was none of its records: without this number Redis cannot tell them apart.
    const read = start === '0' ? await removedEntries(connection, stream) : undefined
    if (read === undefined) await redis.xgroup('CREATE', stream, group, start, 'MKSTREAM')
    else await redis.xgroup('CREATE', stream, group, start, 'MKSTREAM', 'ENTRIESREAD', read)
    return true
  } catch (error) {
    const code = replyCode(error)
    if (code === 'BUSYGROUP') {
      return restart ? putBack(connection, { stream, group }, start) : true
    }
    if (code === 'NOPERM' && !restart && (await isThere(connection, { stream, group }))) return true
    if (code === undefined || !LASTING_CODES.has(code)) return false
    throw new AuditUnavailableError(
      `${connection.problem(error)}; the consumer group ${group} of ${stream} is not there, and was not made. ` +
        `An administrator makes it with: XGROUP CREATE ${stream} ${group} 0 MKSTREAM`,
    )
  }
}

/** How many entries a stream has had and has no more. Undefined where there is no stream yet, or Redis does not say. */
async function removedEntries(
  { redis }: RedisConnection,
  stream: string,
): Promise<number | undefined> {
  try {
    const about = replyRow(await redis.xinfo('STREAM', stream))
    const removed = Number(about.get('entries-added')) - Number(about.get('length'))
    return Number.isSafeInteger(removed) ? removed : undefined
  } catch (error) {
    if (replyCode(error) === undefined) throw error
    return undefined
  }
}

async function putBack(
  connection: RedisConnection,
  { stream, group }: GroupPlace,
  start: string,
): Promise<boolean> {
  try {
    await connection.redis.xgroup('SETID', stream, group, start)
    return true
  } catch (error) {
    if (replyCode(error) === undefined) return false
    throw new AuditUnavailableError(
      `${connection.problem(error)}; the consumer group ${group} of ${stream} was not put back. ` +
        `An administrator does it with: XGROUP SETID ${stream} ${group} ${start}`,
    )
  }
}

async function isThere(
  connection: RedisConnection,
  { stream, group }: GroupPlace,
): Promise<boolean> {
  try {
    const groups = (await connection.redis.xinfo('GROUPS', stream)) as readonly unknown[]
    return groups.some((row) => replyRow(row).get('name') === group)
  } catch (error) {
    if (replyCode(error) === undefined) throw new AuditUnavailableError(connection.problem(error))
    return false
  }
}

/** The last id that a group was given, by stream; none of a stream without the group. Rejects where Redis is away. */
export async function deliveredIds(
  { redis, problem }: RedisConnection,
  group: string,
  streams: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  for (const stream of streams) {
    try {
      const groups = (await redis.xinfo('GROUPS', stream)) as readonly unknown[]
      const ours = groups.map(replyRow).find((row) => row.get('name') === group)
      const id = ours?.get('last-delivered-id')
      if (typeof id === 'string') ids.set(stream, id)
    } catch (error) {
      // No such key: nothing was ever stored there.
      if (replyCode(error) !== 'ERR') throw new AuditUnavailableError(problem(error))
    }
  }
  return ids
}
