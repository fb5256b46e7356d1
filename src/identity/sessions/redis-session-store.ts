/** Sessions that many machines share, in Redis: one key each, which Redis itself forgets, and the list of each owner's. */
import { parseRedisAddress, REDIS_ADDRESS_FORM } from '../../core/redis-address.ts'
import { connectRedis } from '../../core/redis-connection.ts'
import { withinTime } from '../../core/within-time.ts'
import { SessionsUnavailableError } from '../errors.ts'
import type { SessionStore } from './session-store.ts'

export interface RedisSessionStoreOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** How long one call may take. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 1_000
/** Calls under way at once; beyond it none is made. */
const PENDING_MAX = 2_000
/** One hash tag: a login touches a session and the list of its owner in one step. */
const PREFIX = 'celosia:{sessions}:id:'
const OWNER_PREFIX = 'celosia:{sessions}:of:'

// KEYS: the list of the owner. ARGV: prefix, id, sealed, idleMs, lifetimeMs, ownerMax.
const BEGIN = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local alive = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('EXISTS', ARGV[1] .. id) == 1 then
    alive[#alive + 1] = id
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
for index = 1, #alive - tonumber(ARGV[6]) + 1 do
  redis.call('DEL', ARGV[1] .. alive[index])
  redis.call('ZREM', KEYS[1], alive[index])
end
redis.call('SET', ARGV[1] .. ARGV[2], ARGV[3], 'PX', ARGV[4])
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`

/**
 * Connects. Resolves also where Redis is away, since it comes back by itself; calls are rejected meanwhile. Rejects with
 * SessionsUnavailableError where the address is none.
 */
export async function openRedisSessionStore({
  url,
  timeoutMs = TIMEOUT_MS,
}: RedisSessionStoreOptions): Promise<SessionStore> {
  const address = parseRedisAddress(url)
  if (address === undefined)
    throw new SessionsUnavailableError(
      `The address of Redis is not of the form ${REDIS_ADDRESS_FORM}`,
    )
  const connection = await connectRedis({ address, timeoutMs })
  const { redis } = connection
  let pending = 0
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (pending >= PENDING_MAX)
      throw new SessionsUnavailableError('Too many calls are on their way to Redis')
    pending += 1
    const told = work().catch((error: unknown) => {
      // Without the cause: ioredis' errors carry the arguments of the command.
      throw new SessionsUnavailableError(connection.problem(error))
    })
    try {
      return await withinTime(told, timeoutMs, late)
    } finally {
      pending -= 1
    }
  }
  return {
    begin: async ({ id, owner, sealed, idleMs, lifetimeMs, ownerMax }) => {
      const own = [PREFIX, id, sealed, idleMs, lifetimeMs, ownerMax]
      await call(() => redis.call('EVAL', BEGIN, 1, OWNER_PREFIX + owner, ...own))
    },
    find: async (id, idleMs) =>
      (await call(() => redis.getex(PREFIX + id, 'PX', idleMs))) ?? undefined,
    end: async ({ id, owner }) => {
      await call(async () => {
        await redis.del(PREFIX + id)
        await redis.zrem(OWNER_PREFIX + owner, id)
      })
    },
    close: () => Promise.resolve(connection.close()),
  }
}

function late(): SessionsUnavailableError {
  return new SessionsUnavailableError('Redis took too long to answer for a session')
}
