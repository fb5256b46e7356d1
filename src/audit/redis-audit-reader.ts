/** Reads the audit stream, oldest record first: by pages, or following it on a connection of its own. */
import { connectRedis, type RedisConnection } from '../core/redis-connection.ts'
import type { AuditReader, ReadOptions, StoredRecord } from './audit-store.ts'
import { AuditCorruptError, AuditUnavailableError } from './errors.ts'
import { recordOfEntry } from './record-codec.ts'
import { auditRedisAddress } from './redis-audit-address.ts'
import { STREAM_KEYS } from './redis-audit-keys.ts'
import type { RedisStoreOptions } from './redis-record-store.ts'

const TIMEOUT_MS = 5_000
const PAGE_RECORDS = 200
const BLOCK_MS = 1_000

/**
 * Opens the stream for reading. A reading connects when it begins, and rejects with AuditUnavailableError where Redis is
 * away, or goes away: whoever follows goes on after the last position.
 */
export function openRedisAuditReader(options: RedisStoreOptions): Promise<AuditReader> {
  const closed = new AbortController()
  const server: Server = {
    address: auditRedisAddress(options.url),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
  }
  return Promise.resolve({
    read: (readOptions) => readStream(server, readOptions, closed.signal),
    close: () => Promise.resolve(closed.abort()),
  })
}

interface Server {
  readonly address: ReturnType<typeof auditRedisAddress>
  readonly timeoutMs: number
}

/** An entry as ioredis gives it: its id, then names and values in turn. */
type Entry = readonly [id: string, fields: readonly string[]]

async function* readStream(
  server: Server,
  options: ReadOptions,
  closed: AbortSignal,
): AsyncGenerator<StoredRecord, void, undefined> {
  const after = options.after ?? '0-0'
  if (!/^\d{1,20}-\d{1,20}$/.test(after))
    throw new AuditCorruptError(after, 'No place of the stream')
  const signal = AbortSignal.any([closed, ...(options.signal ? [options.signal] : [])])
  if (signal.aborted) return
  const blockMs = options.follow === true ? BLOCK_MS : undefined
  const connection = await connectRedis({
    address: server.address,
    timeoutMs: server.timeoutMs,
    blockMs,
  })
  const stop = (): void => connection.close()
  signal.addEventListener('abort', stop)
  const key = STREAM_KEYS[options.stream]
  const page = blockMs === undefined ? pageBefore(connection, key) : pageWithBlock(connection, key)
  let left = options.limit ?? Number.POSITIVE_INFINITY
  let last = after
  try {
    while (left > 0) {
      const entries = await page(last, Math.min(left, PAGE_RECORDS))
      if (entries === undefined) return
      for (const entry of entries) {
        if (signal.aborted) return
        yield* storedRecord(entry, options)
      }
      left -= entries.length
      last = entries.at(-1)?.[0] ?? last
    }
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof AuditCorruptError) throw error
    throw new AuditUnavailableError(connection.problem(error))
  } finally {
    signal.removeEventListener('abort', stop)
    connection.close()
  }
}

/** Entries after an id; undefined at the end. */
type Page = (after: string, count: number) => Promise<readonly Entry[] | undefined>

/** Pages up to what was newest when the reading began: what is appended later does not prolong it. */
function pageBefore({ redis }: RedisConnection, key: string): Page {
  let newest: string | undefined
  return async (after, count) => {
    newest ??= (await redis.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0]
    // Redis refuses to look for what comes after the greatest id there is.
    if (newest === undefined || after === newest) return undefined
    const entries = await redis.xrange(key, `(${after}`, newest, 'COUNT', count)
    return entries.length === 0 ? undefined : entries
  }
}

function pageWithBlock({ redis }: RedisConnection, key: string): Page {
  return async (after, count) => {
    const reply = await redis.xread('COUNT', count, 'BLOCK', BLOCK_MS, 'STREAMS', key, after)
    return reply?.[0]?.[1] ?? []
  }
}

function* storedRecord(
  [position, values]: Entry,
  { corrupt }: ReadOptions,
): Generator<StoredRecord, void, undefined> {
  const read = recordOfEntry(values)
  if (read !== undefined) {
    yield { position, ...read }
    return
  }
  const error = new AuditCorruptError(position, 'No record')
  if (corrupt === undefined) throw error
  corrupt(error)
}
