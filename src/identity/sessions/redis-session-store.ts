/** Sessions that many machines share, in Redis: one key each, which Redis itself forgets, and the list of each owner's. */
import { openBoundedRedis } from '../bounded-redis.ts'
import type { BoundedRedisOptions } from '../bounded-redis.ts'
import { SessionsUnavailableError } from '../errors.ts'
import type { SessionStore } from './session-store.ts'

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

/** Connects, as {@link openBoundedRedis} does. All that rejects, rejects with SessionsUnavailableError. */
export async function openRedisSessionStore(options: BoundedRedisOptions): Promise<SessionStore> {
  const { call, close } = await openBoundedRedis(
    options,
    (message) => new SessionsUnavailableError(message),
  )
  return {
    begin: async ({ id, owner, sealed, idleMs, lifetimeMs, ownerMax }) => {
      const own = [PREFIX, id, sealed, idleMs, lifetimeMs, ownerMax]
      await call((redis) => redis.call('EVAL', BEGIN, 1, OWNER_PREFIX + owner, ...own))
    },
    find: async (id, idleMs) =>
      (await call((redis) => redis.getex(PREFIX + id, 'PX', idleMs))) ?? undefined,
    end: async ({ id, owner }) => {
      await call(async (redis) => {
        await redis.del(PREFIX + id)
        await redis.zrem(OWNER_PREFIX + owner, id)
      })
    },
    close,
  }
}
