/** Used proofs that many machines share, in Redis: one key each, which Redis itself forgets. */
import { parseRedisAddress, REDIS_ADDRESS_FORM } from '../../core/redis-address.ts'
import { connectRedis } from '../../core/redis-connection.ts'
import { withinTime } from '../../core/within-time.ts'
import { SpentProofsUnavailableError } from '../errors.ts'
import { PROOF_KEPT_MS } from './proof.ts'
import type { SpentProofs } from './spent-proofs.ts'

export interface RedisSpentProofsOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string
  /** How long one question may take. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 1_000
/** Questions under way at once; beyond it none is asked. */
const PENDING_MAX = 2_000
const KEY_PREFIX = 'celosia:proofs:'

/**
 * Connects. Resolves also where Redis is away, since it comes back by itself; questions are rejected meanwhile. Rejects with
 * SpentProofsUnavailableError where the address is none.
 */
export async function openRedisSpentProofs({
  url,
  timeoutMs = TIMEOUT_MS,
}: RedisSpentProofsOptions): Promise<SpentProofs> {
  const address = parseRedisAddress(url)
  if (address === undefined)
    throw new SpentProofsUnavailableError(
      `The address of Redis is not of the form ${REDIS_ADDRESS_FORM}`,
    )
  const connection = await connectRedis({ address, timeoutMs })
  let pending = 0
  const remember = async (id: string): Promise<boolean> => {
    try {
      const key = `${KEY_PREFIX}${id}`
      return (await connection.redis.set(key, '1', 'PX', PROOF_KEPT_MS, 'NX')) === 'OK'
    } catch (error) {
      // Without the cause: ioredis' errors carry the arguments of the command.
      throw new SpentProofsUnavailableError(connection.problem(error))
    }
  }
  return {
    spend: async (id) => {
      if (pending >= PENDING_MAX)
        throw new SpentProofsUnavailableError('Too many proofs are on their way to Redis')
      pending += 1
      try {
        return await withinTime(remember(id), timeoutMs, late)
      } finally {
        pending -= 1
      }
    },
    close: () => Promise.resolve(connection.close()),
  }
}

function late(): SpentProofsUnavailableError {
  return new SpentProofsUnavailableError('Redis took too long to say whether a proof was used')
}
