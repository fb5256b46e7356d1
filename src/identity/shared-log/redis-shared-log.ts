/**
 * A shared log in a Redis stream. Readers poll: a connection that died without a word is found out at once, and a stream
 * that was emptied or put back is read anew from its beginning.
 */
import type { Clock } from '../../core/clock.ts'
import { parseRedisAddress, REDIS_ADDRESS_FORM } from '../../core/redis-address.ts'
import { connectRedis } from '../../core/redis-connection.ts'
import type { RedisConnection } from '../../core/redis-connection.ts'
import { checkEntry, SharedLogUnavailableError } from './shared-log.ts'
import type { SharedLog } from './shared-log.ts'

const TIMEOUT_MS = 1_000
/** Entries of one answer. */
const BATCH = 1_000
/** Entries of one read. A log with more is none of ours. */
const READ_MAX = 200_000
const BEGINNING = '0-0'

export interface RedisSharedLogOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** Name of the stream. */
  readonly key: string
  /** Entries older than this may be dropped. */
  readonly keptMs: number
  readonly clock: Clock
}

/**
 * Connects. Resolves also where Redis is away, since it comes back by itself. Throws {@link SharedLogUnavailableError} where
 * the address is none.
 */
export async function openRedisSharedLog(options: RedisSharedLogOptions): Promise<SharedLog> {
  const { url, key, keptMs, clock } = options
  const address = parseRedisAddress(url)
  if (address === undefined) {
    throw new SharedLogUnavailableError(
      `The address of Redis is not of the form ${REDIS_ADDRESS_FORM}`,
    )
  }
  const connection = await connectRedis({ address, timeoutMs: TIMEOUT_MS })
  let after = BEGINNING
  return {
    append: async (entry) => {
      checkEntry(entry)
      const oldest = Math.max(0, Math.floor(clock.nowMs() - keptMs))
      await call(connection, 'XADD', [key, 'MINID', '~', oldest, '*', 'entry', entry])
    },
    read: async () => {
      const again = comesBefore(await newestId(connection, key), after)
      let position = again ? BEGINNING : after
      const entries: string[] = []
      for (;;) {
        const batch = await readBatch(connection, key, position)
        entries.push(...batch.map(({ entry }) => entry))
        position = batch.at(-1)?.id ?? position
        if (batch.length < BATCH) break
        if (entries.length >= READ_MAX)
          throw new SharedLogUnavailableError('the shared log in Redis is too long')
      }
      // Only now: what is not handed out is read again.
      after = position
      return entries
    },
    close: async () => connection.close(),
  }
}

async function call(
  { redis, problem }: RedisConnection,
  command: string,
  values: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.call(command, [...values])
  } catch (error) {
    // Without the cause: ioredis' errors carry the arguments of the command.
    throw new SharedLogUnavailableError(problem(error))
  }
}

interface StreamEntry {
  readonly id: string
  readonly entry: string
}

async function newestId(connection: RedisConnection, key: string): Promise<string> {
  const answer = await call(connection, 'XREVRANGE', [key, '+', '-', 'COUNT', 1])
  return entriesOf(answer)[0]?.id ?? BEGINNING
}

async function readBatch(
  connection: RedisConnection,
  key: string,
  after: string,
): Promise<readonly StreamEntry[]> {
  const answer = await call(connection, 'XRANGE', [key, `(${after}`, '+', 'COUNT', BATCH])
  return entriesOf(answer)
}

function entriesOf(answer: unknown): readonly StreamEntry[] {
  if (!Array.isArray(answer)) throw unexpected()
  return answer.map((item: unknown): StreamEntry => {
    const [id, fields] = Array.isArray(item) ? (item as readonly unknown[]) : []
    const [name, entry] = Array.isArray(fields) ? (fields as readonly unknown[]) : []
    if (typeof id !== 'string' || name !== 'entry' || typeof entry !== 'string') throw unexpected()
    return { id, entry }
  })
}

function unexpected(): SharedLogUnavailableError {
  return new SharedLogUnavailableError('The shared log in Redis holds what no gateway wrote')
}

// Ids are `<milliseconds>-<number>`; the stream was emptied, or an older copy of it came back.
function comesBefore(newest: string, after: string): boolean {
  const [ms = 0, number = 0] = newest.split('-').map(Number)
  const [afterMs = 0, afterNumber = 0] = after.split('-').map(Number)
  return ms < afterMs || (ms === afterMs && number < afterNumber)
}
