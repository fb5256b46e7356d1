/** Proofs of possession beside what the proof itself says: each is good once, and made with a nonce of the gateway's where asked. */
import { SpentProofsUnavailableError } from '../../identity/errors.ts'
import type { Proof } from '../../identity/dpop/proof.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from '../store-budget.ts'
import { challenge } from './challenge.ts'

/** How long a nonce can be used; each answer brings a new one. */
const NONCE_MS = 300_000
const NONCE_PLACE = 'dpop-nonce'

/** Throws {@link RefusedError} where the proof was used before, has no good nonce, or where that cannot be known. */
export async function spendProof(
  proof: Proof,
  exchange: Exchange,
  services: Services,
): Promise<void> {
  const { policy, proofs, sealer, clock } = services
  if (policy.dpop?.nonce === true) {
    const owner = { owner: proof.key, place: NONCE_PLACE }
    if (sealer?.open(proof.nonce ?? '', owner, clock.nowMs()) === undefined)
      throw new RefusedError('proof-nonce-missing', {
        headers: {
          'www-authenticate': challenge('DPoP', { error: 'use_dpop_nonce' }),
          ...nonceFor(proof, services),
        },
      })
  }
  const first = await withinStoreBudget(exchange, services, {
    work: () => proofs.spend(proof.id),
    late: () => new SpentProofsUnavailableError(STORES_TOO_SLOW),
  }).catch((cause: unknown) => {
    if (cause instanceof SpentProofsUnavailableError)
      throw new RefusedError('proofs-unavailable', { cause })
    throw cause
  })
  if (!first)
    throw new RefusedError('proof-replayed', {
      headers: { 'www-authenticate': challenge('DPoP', { error: 'invalid_dpop_proof' }) },
    })
}

/** The header with which the next proof of the same key can be made. Nothing where the policy asks for none. */
export function nonceFor(
  proof: Proof | undefined,
  { policy, sealer, clock }: Pick<Services, 'policy' | 'sealer' | 'clock'>,
): Record<string, string> {
  if (proof === undefined || policy.dpop?.nonce !== true || sealer === undefined) return {}
  const owner = { owner: proof.key, place: NONCE_PLACE }
  return { 'dpop-nonce': sealer.seal('', owner, clock.nowMs() + NONCE_MS) }
}
