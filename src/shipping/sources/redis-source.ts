/**
 * Records from Redis streams by a consumer group: each is given to one shipper of the group and stays pending until it is
 * acknowledged. What a shipper has left behind is taken over once nobody has worked on it for a while.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { AuditUnavailableError } from '../../audit/errors.ts'
import type { Clock } from '../../core/clock.ts'
import type { RedisAddress } from '../../core/redis-address.ts'
import { connectRedis, replyCode, type RedisConnection } from '../../core/redis-connection.ts'
import { sizeOf, type Delivery, type RecordSource, type Taken } from '../record-source.ts'
import { letterFields } from './redis-dead-letters.ts'
import { byOrigin, deliveriesOf, type Entry } from './redis-entries.ts'
import { ensureGroup, type GroupPlace } from './redis-group.ts'
import { redisLag } from './redis-lag.ts'

export interface RedisSourceOptions {
  readonly address: RedisAddress
  readonly streams: readonly string[]
  readonly group: string
  /** Where a group begins that is not there yet: a stream id, `0` for the oldest, `$` for what comes from now on. */
  readonly start: string
  /** True: put a group that is there already back to `start`, so that what lies after it is delivered again. */
  readonly restart: boolean
  /** How long `take` waits where nothing is there. */
  readonly waitMs: number
  /** What nobody has worked on for so long is taken over. */
  readonly claimAfterMs: number
  /** Stream of the dead letters, and how many it may hold. */
  readonly deadLetters: { readonly stream: string; readonly entriesMax: number }
  /** Name of the sink, for the dead letters. */
  readonly sink: string
  readonly clock: Clock
}

const TIMEOUT_MS = 5_000
/** Records of a stream that are asked for at once. A record has up to a mebibyte. */
const PIECE_RECORDS = 32
/** With so many bytes a batch is large enough. */
const TAKE_BYTES_MAX = 8 * 1024 * 1024

/**
 * Joins the group, or makes it. Rejects with AuditUnavailableError where Redis refuses that for a reason that does not pass
 * (ACL, wrong type); a Redis that is away is no error, `take` then rejects until it is back.
 */
export async function openRedisSource(options: RedisSourceOptions): Promise<RecordSource> {
  const { address } = options
  const [commands, reading] = await Promise.all([
    connectRedis({ address, timeoutMs: TIMEOUT_MS }),
    connectRedis({ address, timeoutMs: TIMEOUT_MS, blockMs: options.waitMs }),
  ])
  const source = new RedisSource(options, commands, reading)
  try {
    await source.join()
    return source
  } catch (error) {
    commands.close()
    reading.close()
    throw error
  }
}

class RedisSource implements RecordSource {
  readonly #options: RedisSourceOptions
  readonly #commands: RedisConnection
  readonly #reading: RedisConnection
  readonly #consumer = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
  /** Streams whose group was seen. */
  readonly #joined = new Set<string>()
  /** Streams whose group was seen at least once. */
  readonly #begun = new Set<string>()
  /** Where the search for what others have left goes on, a stream each; undefined: it is through. */
  readonly #cursors = new Map<string, string>()
  #claimedAtMs: number | undefined
  /** Whether Redis may have given us something that we do not know of: its answer was lost. */
  #unsure = false
  #closing: Promise<void> | undefined

  constructor(options: RedisSourceOptions, commands: RedisConnection, reading: RedisConnection) {
    this.#options = options
    this.#commands = commands
    this.#reading = reading
  }

  async join(): Promise<void> {
    for (const stream of this.#options.streams) {
      if (this.#joined.has(stream)) continue
      // Put back once, and made again as often as somebody removes it: then from the oldest record that is there.
      const begun = this.#begun.has(stream)
      const { start, restart } = begun ? { start: '0', restart: false } : this.#options
      if (!(await ensureGroup(this.#commands, this.#place(stream), { start, restart }))) continue
      this.#joined.add(stream)
      this.#begun.add(stream)
    }
  }

  take: RecordSource['take'] = async ({ recordsMax, wait, signal }) => {
    await this.join()
    try {
      const own = this.#unsure ? await this.#readOwn(recordsMax) : NOTHING
      if (hasSome(own)) return own
      this.#unsure = false
      const left = await this.#takeOver(recordsMax)
      if (hasSome(left) || signal.aborted) return left
      return await this.#readNew(recordsMax, wait)
    } catch (error) {
      this.#unsure = true
      throw error
    }
  }

  acknowledge: RecordSource['acknowledge'] = async (deliveries) => {
    for (const [stream, ids] of byOrigin(deliveries)) {
      await this.#command(({ redis }) => redis.xack(stream, this.#options.group, ...ids))
    }
  }

  get holdEveryMs(): number {
    return this.#options.claimAfterMs / 4
  }

  hold: RecordSource['hold'] = async (deliveries) => {
    const { group } = this.#options
    for (const [stream, ids] of byOrigin(deliveries)) {
      await this.#command(({ redis }) =>
        redis.xclaim(stream, group, this.#consumer, 0, ...ids, 'JUSTID'),
      )
    }
  }

  putAside: RecordSource['putAside'] = async ({ origin, position, stored }, reason) => {
    const { deadLetters, group, sink, clock } = this.#options
    const length = await this.#command(({ redis }) => redis.xlen(deadLetters.stream))
    if (length >= deadLetters.entriesMax) {
      throw new AuditUnavailableError(
        'There are too many dead letters; look at them, and send them again or delete them',
      )
    }
    const notes = { sink, reason, stream: origin, position, atMs: clock.nowMs() }
    const fields = letterFields(stored, notes)
    // The copy first: in a transaction of Redis the second command would be done also where the first has failed.
    await this.#command(({ redis }) => redis.xadd(deadLetters.stream, '*', ...fields))
    await this.#command(({ redis }) => redis.xack(origin, group, position))
  }

  lag: RecordSource['lag'] = () => {
    const { group, streams } = this.#options
    return this.#command((connection) => redisLag(connection, group, streams))
  }

  close: RecordSource['close'] = () => (this.#closing ??= this.#close())

  async #close(): Promise<void> {
    try {
      for (const stream of this.#joined) await this.#forget(stream)
    } catch (error) {
      if (!(error instanceof AuditUnavailableError)) throw error
    } finally {
      this.#commands.close()
      this.#reading.close()
    }
  }

  /** What other shippers have left. Looked for once in half the time after which it counts as left. */
  async #takeOver(recordsMax: number): Promise<Taken> {
    const count = Math.min(recordsMax, PIECE_RECORDS)
    const { clock, claimAfterMs, group, streams } = this.#options
    const nowMs = clock.monotonicMs()
    if (this.#claimedAtMs === undefined || nowMs - this.#claimedAtMs >= claimAfterMs / 2) {
      this.#claimedAtMs = nowMs
      for (const stream of streams) this.#cursors.set(stream, '0-0')
    }
    for (const [stream, cursor] of this.#cursors) {
      const reply = await this.#command(({ redis }) =>
        redis.xautoclaim(stream, group, this.#consumer, claimAfterMs, cursor, 'COUNT', count),
      )
      const [next, entries, deleted] = reply as [string, readonly Entry[], (readonly string[])?]
      if (next === '0-0') this.#cursors.delete(stream)
      else this.#cursors.set(stream, next)
      const deliveries = entries.flatMap((entry) => deliveriesOf(stream, entry))
      const lost = deleted?.length ?? 0
      if (deliveries.length > 0 || lost > 0) return { deliveries, claimed: true, lost }
    }
    return NOTHING
  }

  /** What is pending for us: whoever takes again has acknowledged all that he was given. It comes before anything newer. */
  async #readOwn(recordsMax: number): Promise<Taken> {
    const entries = await this.#read('0', Math.min(recordsMax, PIECE_RECORDS))
    const deliveries = entries.flatMap(([stream, entry]) => deliveriesOf(stream, entry))
    const gone = entries.filter(([, [, stored]]) => stored === null)
    for (const [stream, [id]] of gone) {
      await this.#command(({ redis }) => redis.xack(stream, this.#options.group, id))
    }
    return { deliveries, claimed: false, lost: gone.length }
  }

  /** In small pieces, since Redis counts records and not bytes. Only the first waits. */
  async #readNew(recordsMax: number, wait: boolean): Promise<Taken> {
    const deliveries: Delivery[] = []
    let bytes = 0
    let taken = 0
    for (let first = true; taken < recordsMax && bytes < TAKE_BYTES_MAX; first = false) {
      const count = Math.min(recordsMax - taken, PIECE_RECORDS)
      const piece = await this.#readPiece(count, { wait: wait && first, before: deliveries.length })
      if (piece.length === 0) break
      deliveries.push(...piece)
      bytes += piece.reduce((sum, delivery) => sum + sizeOf(delivery), 0)
      taken += count
    }
    return { deliveries, claimed: false, lost: 0 }
  }

  /** Where some were read before, one that fails is as one that gives nothing: those are not to be lost with it. */
  async #readPiece(
    count: number,
    { wait, before }: { readonly wait: boolean; readonly before: number },
  ): Promise<readonly Delivery[]> {
    try {
      const entries = await this.#read('>', count, wait)
      return entries.flatMap(([stream, entry]) => deliveriesOf(stream, entry))
    } catch (error) {
      if (before === 0) throw error
      this.#unsure = true
      return []
    }
  }

  /** `>`: what nobody was given yet. `0`: what we were given and have not acknowledged. */
  async #read(
    from: '>' | '0',
    count: number,
    wait = false,
  ): Promise<readonly (readonly [stream: string, entry: Entry])[]> {
    const { group, streams, waitMs } = this.#options
    const places = [...streams, ...streams.map(() => from)]
    const block = wait ? ['BLOCK', waitMs] : []
    const words = ['GROUP', group, this.#consumer, 'COUNT', count, ...block, 'STREAMS', ...places]
    const reply = await this.#command(({ redis }) => redis.call('XREADGROUP', words), this.#reading)
    const read = (reply ?? []) as readonly (readonly [string, readonly Entry[]])[]
    return read.flatMap(([stream, entries]) => entries.map((entry) => [stream, entry] as const))
  }

  /**
   * Strikes us from the group, unless something is pending for us, or may be: that would be lost with the name.
   */
  async #forget(stream: string): Promise<void> {
    const { group } = this.#options
    if (this.#unsure) return
    const pending = await this.#command(({ redis }) =>
      redis.xpending(stream, group, '-', '+', 1, this.#consumer),
    )
    if (pending.length > 0) return
    await this.#command(({ redis }) => redis.xgroup('DELCONSUMER', stream, group, this.#consumer))
  }

  #place(stream: string): GroupPlace {
    return { stream, group: this.#options.group }
  }

  async #command<T>(
    run: (connection: RedisConnection) => Promise<T>,
    connection: RedisConnection = this.#commands,
  ): Promise<T> {
    try {
      return await run(connection)
    } catch (error) {
      // Somebody has removed the group, or the stream with it: it is made again, from the oldest record that is there.
      if (replyCode(error) === 'NOGROUP') this.#joined.clear()
      throw this.#unavailable(error, connection)
    }
  }

  // Without the cause: ioredis' errors carry the arguments of the command, and so records.
  #unavailable(
    error: unknown,
    connection: RedisConnection = this.#commands,
  ): AuditUnavailableError {
    if (error instanceof AuditUnavailableError) return error
    return new AuditUnavailableError(connection.problem(error))
  }
}

const NOTHING: Taken = { deliveries: [], claimed: false, lost: 0 }

function hasSome({ deliveries, lost }: Taken): boolean {
  return deliveries.length > 0 || lost > 0
}
