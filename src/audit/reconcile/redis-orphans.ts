/** Open accesses in Redis whose writers have given no sign of life: found by every gateway, closed by one. */
import type { Clock } from '../../core/clock.ts'
import type { RedisConnection } from '../../core/redis-connection.ts'
import { askingRedis } from '../asking-redis.ts'
import { aliveKey, CLAIMS_KEY, OPEN_KEY } from '../redis-audit-keys.ts'
import { openAccessOf } from './open-access.ts'
import type { OpenAccess } from './open-access.ts'
import type { OrphanSource } from './reconciler.ts'

export interface RedisOrphansOptions {
  readonly connection: RedisConnection
  readonly clock: Clock
  /** The writer of this process: he claims, and is alive. */
  readonly writer: () => string
  /** A writer is taken for dead only after he has been seen without a sign of life for so long. */
  readonly patienceMs?: number
}

/** A writer that Redis was away from may not have been able to give a sign; it does so once Redis is back. */
const PATIENCE_MS = 60_000
/** Read in one step. */
const SCAN_COUNT = 200
/** Writers that are watched for signs of life. */
const SUSPECTS_MAX = 10_000

/**
 * KEYS: claims, the sign of life of whoever has claimed it, what is open. ARGV: the request, who claims, who has claimed it
 * so far. Answer: 1 where it is the claimer's now.
 */
const CLAIM_SCRIPT = `
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0 then return 0 end
local claimer = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if claimer ~= ARGV[3] then return 0 end
if claimer ~= '' and claimer ~= ARGV[2] and redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
`

export function redisOrphans(options: RedisOrphansOptions): OrphanSource {
  return new RedisOrphans(options)
}

class RedisOrphans implements OrphanSource {
  readonly #options: RedisOrphansOptions
  /** Since when each writer has been seen without a sign of life. Monotonic. */
  readonly #suspectMs = new Map<string, number>()

  constructor(options: RedisOrphansOptions) {
    this.#options = options
  }

  find: OrphanSource['find'] = async (limit) => {
    const orphans: OpenAccess[] = []
    const seen = new Map<string, boolean>()
    let cursor = '0'
    do {
      const [next, pairs] = await this.#asking((redis) =>
        redis.hscan(OPEN_KEY, cursor, 'COUNT', SCAN_COUNT),
      )
      cursor = next
      for (let i = 0; i + 1 < pairs.length && orphans.length < limit; i += 2) {
        const access = openAccessOf(pairs[i] ?? '', pairs[i + 1] ?? '')
        if (access !== undefined && (await this.#isDead(access.writer, seen))) orphans.push(access)
      }
    } while (cursor !== '0' && orphans.length < limit)
    return orphans
  }

  claim: OrphanSource['claim'] = async ({ requestId }) => {
    const writer = this.#options.writer()
    const claimer = (await this.#asking((redis) => redis.hget(CLAIMS_KEY, requestId))) ?? ''
    const keys = [CLAIMS_KEY, aliveKey(claimer), OPEN_KEY]
    const answer = await this.#asking((redis) =>
      redis.call('EVAL', [CLAIM_SCRIPT, keys.length, ...keys, requestId, writer, claimer]),
    )
    return answer === 1
  }

  done: OrphanSource['done'] = () => Promise.resolve()

  close: OrphanSource['close'] = () => Promise.resolve(this.#options.connection.close())

  async #isDead(writer: string, seen: Map<string, boolean>): Promise<boolean> {
    const known = seen.get(writer)
    if (known !== undefined) return known
    const dead = await this.#lookAt(writer)
    seen.set(writer, dead)
    return dead
  }

  async #lookAt(writer: string): Promise<boolean> {
    const { clock, patienceMs = PATIENCE_MS } = this.#options
    const alive =
      writer === this.#options.writer() ||
      (await this.#asking((redis) => redis.exists(aliveKey(writer)))) === 1
    if (alive) {
      this.#suspectMs.delete(writer)
      return false
    }
    const nowMs = clock.monotonicMs()
    const sinceMs = this.#suspectMs.get(writer)
    if (sinceMs !== undefined) return nowMs - sinceMs >= patienceMs
    if (this.#suspectMs.size >= SUSPECTS_MAX) this.#suspectMs.clear()
    this.#suspectMs.set(writer, nowMs)
    return patienceMs <= 0
  }

  #asking<T>(ask: (redis: RedisConnection['redis']) => Promise<T>): Promise<T> {
    const { connection } = this.#options
    return askingRedis(connection, ask(connection.redis))
  }
}
