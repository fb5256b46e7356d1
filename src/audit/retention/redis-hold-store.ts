/** Holds in Redis: a hash beside the streams. */
import type { RedisConnection } from '../../core/redis-connection.ts'
import { askingRedis } from '../asking-redis.ts'
import { AuditUnavailableError } from '../errors.ts'
import { HOLDS_KEY } from '../redis-audit-keys.ts'
import { HOLDS_MAX, holdText, parseHold } from './hold.ts'
import type { HoldStore } from './hold.ts'

/** Closes its connection with it. */
export function redisHoldStore(connection: RedisConnection): HoldStore {
  const { redis } = connection
  const asking = <T>(answer: Promise<T>): Promise<T> => askingRedis(connection, answer)
  return {
    list: async () => {
      const texts = await asking(redis.hvals(HOLDS_KEY))
      if (texts.length > HOLDS_MAX) throw new AuditUnavailableError('There are too many holds')
      return texts.map(parseHold)
    },
    place: async (hold) => (await asking(redis.hsetnx(HOLDS_KEY, hold.name, holdText(hold)))) === 1,
    replace: async (hold) => void (await asking(redis.hset(HOLDS_KEY, hold.name, holdText(hold)))),
    forget: async (name) => void (await asking(redis.hdel(HOLDS_KEY, name))),
    close: () => Promise.resolve(connection.close()),
  }
}
