/**
 * The audit as Redis streams, for machines that share them. A record counts once Redis has acknowledged it; whether that
 * is durable depends on how Redis is set up, which `health` looks at.
 */
import { createHash } from 'node:crypto'
import { STREAM_NAMES, STREAM_OF } from '../core/audit-record.ts'
import { connectRedis, replyCode, type RedisConnection } from '../core/redis-connection.ts'
import { withinTime } from '../core/within-time.ts'
import type { PlacedRecord } from './chain/envelope.ts'
import { AuditUnavailableError, ChainBrokenError } from './errors.ts'
import { placedStep } from './reconcile/open-access.ts'
import { recordFields } from './record-codec.ts'
import type { RecordStore } from './record-store.ts'
import type { ReplayTarget } from './spool/spooled-store.ts'
import { APPEND_SCRIPT } from './redis-append-script.ts'
import { auditRedisAddress } from './redis-audit-address.ts'
import { aliveKey, CLAIMS_KEY, HEADS_KEY, OPEN_KEY, STREAM_KEYS } from './redis-audit-keys.ts'
import { redisHealth } from './redis-health.ts'

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** How long an append, a look at the health, and closing may take. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 1_800
/** So long after its last append, or sign of life, a writer counts as dead. */
export const ALIVE_MS = 60_000
/** How long replicas may take. */
const REPLICAS_MS = 500
const SCRIPT_DIGEST = createHash('sha1').update(APPEND_SCRIPT).digest('hex')
const STREAMS = STREAM_NAMES.map((stream) => STREAM_KEYS[stream])

/**
 * Opens the streams for writing. Resolves also where Redis is away, since it comes back by itself: ask `health`. Rejects
 * with AuditUnavailableError where the address is none.
 */
export async function openRedisRecordStore(options: RedisStoreOptions): Promise<ReplayTarget> {
  const address = auditRedisAddress(options.url)
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const connection = await connectRedis({ address, timeoutMs })
  return new RedisRecordStore(connection, timeoutMs)
}

class RedisRecordStore implements ReplayTarget {
  readonly #connection: RedisConnection
  readonly #timeoutMs: number
  #underWay: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined
  #replicas = 0
  /** Why it must not be written to although it would take it. */
  #unfit: string | undefined

  constructor(connection: RedisConnection, timeoutMs: number) {
    this.#connection = connection
    this.#timeoutMs = timeoutMs
  }

  append: RecordStore['append'] = async (batch) => void (await this.#sendInTime(batch, false))

  replay: ReplayTarget['replay'] = (batch) => this.#sendInTime(batch, false)

  restore: ReplayTarget['restore'] = (batch) => this.#sendInTime(batch, true)

  configure: RecordStore['configure'] = ({ replicas }) => {
    this.#replicas = replicas
  }

  spooledBytes: RecordStore['spooledBytes'] = () => 0

  beat: RecordStore['beat'] = async (writer) => {
    try {
      await this.#connection.redis.set(aliveKey(writer), '1', 'PX', ALIVE_MS)
    } catch (error) {
      throw new AuditUnavailableError(this.#connection.problem(error))
    }
  }

  problem: RecordStore['problem'] = () =>
    this.#unfit ??
    (this.#connection.redis.status === 'ready' ? undefined : this.#connection.problem(undefined))

  health: RecordStore['health'] = async () => {
    const health = await redisHealth(this.#connection, {
      streams: Object.values(STREAM_KEYS),
      replicas: this.#replicas,
    })
    this.#unfit = health.unfit === true ? health.problem : undefined
    return health
  }

  close: RecordStore['close'] = () => (this.#closing ??= this.#close())

  async #close(): Promise<void> {
    try {
      await withinTime(this.#underWay, this.#timeoutMs, closedLate)
    } finally {
      this.#connection.close()
    }
  }

  async #sendInTime(batch: readonly PlacedRecord[], force: boolean): Promise<number> {
    if (this.#closing !== undefined) throw new AuditUnavailableError('The audit store is closed')
    if (this.#unfit !== undefined) throw new AuditUnavailableError(this.#unfit)
    const sending = this.#send(batch, force)
    this.#underWay = sending.catch(() => undefined)
    return sending
  }

  /** Gives how many were new. */
  async #send(batch: readonly PlacedRecord[], force: boolean): Promise<number> {
    const answer = await this.#evaluate(argumentsOf(batch, force))
    const [word, number] = Array.isArray(answer) ? (answer as unknown[]) : []
    if (word === 'broken') {
      const wanted = (batch[0]?.envelope.sequence ?? 1) - 1
      throw new ChainBrokenError(
        `Redis has ${Number(number)} records of this writer and had acknowledged ${wanted}`,
      )
    }
    if (word !== 'stored') throw new AuditUnavailableError('Redis gives an answer that is none')
    if (this.#replicas > 0) await this.#waitForReplicas()
    return Number(number)
  }

  /** Counts the replicas that have all that was written on this connection. */
  async #waitForReplicas(): Promise<void> {
    let count: number
    try {
      count = await this.#connection.redis.wait(this.#replicas, REPLICAS_MS)
    } catch (error) {
      throw new AuditUnavailableError(this.#connection.problem(error))
    }
    if (count < this.#replicas) {
      throw new AuditUnavailableError(
        `${count} replicas of Redis have the records; the policy asks for ${this.#replicas}`,
      )
    }
  }

  async #evaluate(rest: readonly (string | number)[]): Promise<unknown> {
    const { redis } = this.#connection
    try {
      return await redis.call('EVALSHA', [SCRIPT_DIGEST, ...rest]).catch((error: unknown) => {
        // A Redis that was started anew does not know the script, and has done nothing.
        if (replyCode(error) !== 'NOSCRIPT') throw error
        return redis.call('EVAL', [APPEND_SCRIPT, ...rest])
      })
    } catch (error) {
      // Without the cause: ioredis' errors carry the arguments of the command, and so the record or the password.
      throw new AuditUnavailableError(this.#connection.problem(error))
    }
  }
}

function argumentsOf(batch: readonly PlacedRecord[], force: boolean): readonly (string | number)[] {
  const writer = batch[0]?.envelope.writer ?? ''
  const keys = [HEADS_KEY, OPEN_KEY, CLAIMS_KEY, aliveKey(writer), ...STREAMS]
  const values: (string | number)[] = [keys.length, ...keys, writer, force ? 1 : 0, ALIVE_MS]
  for (const sealed of batch) {
    const { type, sequence, previous } = sealed.envelope
    const fields = recordFields(sealed)
    const stream = STREAM_NAMES.indexOf(STREAM_OF[type]) + 1
    const step = placedStep(sealed)
    const opened = step?.does === 'open' ? step.remembered : ''
    values.push(stream, sequence, previous, sealed.hash)
    values.push(step?.does ?? '', step?.requestId ?? '', opened, fields.length, ...fields)
  }
  return values
}

function closedLate(): AuditUnavailableError {
  return new AuditUnavailableError('Redis did not answer before it was closed')
}
