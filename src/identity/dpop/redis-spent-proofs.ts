/** Used proofs that many machines share, in Redis: one key each, which Redis itself forgets. */
import { openBoundedRedis } from '../bounded-redis.ts'
import type { BoundedRedisOptions } from '../bounded-redis.ts'
import { SpentProofsUnavailableError } from '../errors.ts'
import { PROOF_KEPT_MS } from './proof.ts'
import type { SpentProofs } from './spent-proofs.ts'

const KEY_PREFIX = 'celosia:proofs:'

/** Connects, as {@link openBoundedRedis} does. All that rejects, rejects with SpentProofsUnavailableError. */
export async function openRedisSpentProofs(options: BoundedRedisOptions): Promise<SpentProofs> {
  const { call, close } = await openBoundedRedis(
    options,
    (message) => new SpentProofsUnavailableError(message),
  )
  return {
    spend: async (id) =>
      (await call((redis) => redis.set(KEY_PREFIX + id, '1', 'PX', PROOF_KEPT_MS, 'NX'))) === 'OK',
    close,
  }
}
