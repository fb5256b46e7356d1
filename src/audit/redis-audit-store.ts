/**
 * The audit as a Redis stream, for machines that share one. A record counts once XADD is acknowledged; whether that is
 * durable depends on how Redis is set up, which `health` looks at.
 */
import { connectRedis, type RedisConnection } from '../core/redis-connection.ts'
import { withinTime } from '../core/within-time.ts'
import type { AuditWriter } from './audit-store.ts'
import { AuditUnavailableError } from './errors.ts'
import { recordFields, type RecordFields } from './record-codec.ts'
import { auditRedisAddress } from './redis-audit-address.ts'
import { redisHealth } from './redis-health.ts'

export interface RedisAuditStoreOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** Key of the stream. */
  readonly stream?: string
  /** How long an append, a look at the health, and closing may take. */
  readonly timeoutMs?: number
}

export const AUDIT_STREAM = 'celosia:audit'
const TIMEOUT_MS = 2_000
/** What may be under way; beyond it an append is refused at once. */
const PENDING_RECORDS_MAX = 10_000
const PENDING_BYTES_MAX = 64 * 1024 * 1024

/**
 * Opens the stream for writing. Resolves also where Redis is away, since it comes back by itself: ask `health`. Rejects
 * with AuditUnavailableError where the address is none.
 */
export async function openRedisAuditStore(options: RedisAuditStoreOptions): Promise<AuditWriter> {
  const address = auditRedisAddress(options.url)
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const connection = await connectRedis({ address, timeoutMs })
  return new RedisAuditStore(connection, options.stream ?? AUDIT_STREAM, timeoutMs)
}

class RedisAuditStore implements AuditWriter {
  readonly #connection: RedisConnection
  readonly #stream: string
  readonly #timeoutMs: number
  readonly #pending = new Set<Promise<void>>()
  #pendingRecords = 0
  #pendingBytes = 0
  #closing: Promise<void> | undefined

  constructor(connection: RedisConnection, stream: string, timeoutMs: number) {
    this.#connection = connection
    this.#stream = stream
    this.#timeoutMs = timeoutMs
  }

  append: AuditWriter['append'] = async (records) => {
    this.#checkOpen()
    if (records.length === 0) return
    const entries = records.map(recordFields)
    const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.event), 0)
    const full =
      this.#pendingRecords + entries.length > PENDING_RECORDS_MAX ||
      this.#pendingBytes + bytes > PENDING_BYTES_MAX
    if (full) throw new AuditUnavailableError('Too many records are on their way to Redis')
    this.#pendingRecords += entries.length
    this.#pendingBytes += bytes
    const sending = this.#send(entries)
    this.#pending.add(sending)
    try {
      await sending
    } finally {
      this.#pending.delete(sending)
      this.#pendingRecords -= entries.length
      this.#pendingBytes -= bytes
    }
  }

  health: AuditWriter['health'] = () => redisHealth(this.#connection, this.#stream)

  close: AuditWriter['close'] = () => (this.#closing ??= this.#close())

  async #close(): Promise<void> {
    try {
      await withinTime(Promise.allSettled(this.#pending), this.#timeoutMs, closedLate)
    } finally {
      this.#connection.close()
    }
  }

  async #send(entries: readonly RecordFields[]): Promise<void> {
    const pipeline = this.#connection.redis.pipeline()
    for (const { v, id, type, severity, event } of entries) {
      // Nothing trims the stream here: how long records stay is for retention to say.
      pipeline.xadd(
        this.#stream,
        '*',
        'v',
        v,
        'id',
        id,
        'type',
        type,
        'severity',
        severity,
        'event',
        event,
      )
    }
    const results = await this.#rejecting(pipeline.exec())
    for (const [error] of results ?? []) {
      if (error !== null) throw this.#unavailable(error)
    }
    if (results?.length !== entries.length)
      throw new AuditUnavailableError('Redis answered too little')
  }

  async #rejecting<T>(sending: Promise<T>): Promise<T> {
    try {
      return await sending
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  // Without the cause: ioredis' errors carry the arguments of the command, and so the record or the password.
  #unavailable(error: unknown): AuditUnavailableError {
    return new AuditUnavailableError(this.#connection.problem(error))
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new AuditUnavailableError('The audit store is closed')
  }
}

function closedLate(): AuditUnavailableError {
  return new AuditUnavailableError('Redis did not answer before it was closed')
}
