/** Redis for what a request waits for: each call within a time, so many at once, and one kind of error for all that can be wrong. */
import { parseRedisAddress, REDIS_ADDRESS_FORM } from '../core/redis-address.ts'
import { connectRedis } from '../core/redis-connection.ts'
import type { RedisConnection } from '../core/redis-connection.ts'
import { withinTime } from '../core/within-time.ts'

export interface BoundedRedisOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** How long one call may take. */
  readonly timeoutMs?: number
}

export interface BoundedRedis {
  /** What `work` gives. Rejects with the error of the opener where it cannot be had in time. */
  readonly call: <T>(work: (redis: RedisConnection['redis']) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

const TIMEOUT_MS = 1_000
/** Calls under way at once; beyond it none is made. */
const PENDING_MAX = 2_000

/**
 * Connects. Resolves also where Redis is away, since it comes back by itself; calls are rejected meanwhile. Rejects with what
 * `unavailable` makes of a sentence where the address is none.
 */
export async function openBoundedRedis(
  { url, timeoutMs = TIMEOUT_MS }: BoundedRedisOptions,
  unavailable: (message: string) => Error,
): Promise<BoundedRedis> {
  const address = parseRedisAddress(url)
  if (address === undefined)
    throw unavailable(`The address of Redis is not of the form ${REDIS_ADDRESS_FORM}`)
  const { redis, problem, close } = await connectRedis({ address, timeoutMs })
  const late = () => unavailable('Redis took too long to answer')
  let pending = 0
  return {
    call: async (work) => {
      if (pending >= PENDING_MAX) throw unavailable('Too many calls are on their way to Redis')
      pending += 1
      const told = work(redis).catch((error: unknown) => {
        // Without the cause: ioredis' errors carry the arguments of the command.
        throw unavailable(problem(error))
      })
      try {
        return await withinTime(told, timeoutMs, late)
      } finally {
        pending -= 1
      }
    },
    close: () => Promise.resolve(close()),
  }
}
