/** Used proofs of one machine, in memory. */
import type { Clock } from '../../core/clock.ts'
import { SpentProofsUnavailableError } from '../errors.ts'
import { PROOF_KEPT_MS } from './proof.ts'
import type { SpentProofs } from './spent-proofs.ts'

/** Proofs remembered at one time; of more, none is taken. */
const PROOFS_MAX = 200_000

/** `proofsMax`: how many are remembered at one time. */
export function createMemorySpentProofs(clock: Clock, proofsMax = PROOFS_MAX): SpentProofs {
  // The order of insertion is that of their ends.
  const untilMs = new Map<string, number>()
  return {
    spend: async (id) => {
      const nowMs = clock.monotonicMs()
      for (const [known, end] of untilMs) {
        if (end > nowMs) break
        untilMs.delete(known)
      }
      if (untilMs.has(id)) return false
      // One that is forgotten too early could be used again.
      if (untilMs.size >= proofsMax)
        throw new SpentProofsUnavailableError('too many proofs are remembered')
      untilMs.set(id, nowMs + PROOF_KEPT_MS)
      return true
    },
    close: () => Promise.resolve(),
  }
}
