/** The receiver of Shared Signals: security event tokens by push (RFC 8935). */
import { createHash, timingSafeEqual } from 'node:crypto'
import {
  readSecurityEvent,
  SecurityEventError,
  transmitterOf,
} from '../../identity/revocation/security-event.ts'
import type { Transmitter } from '../../rules/trust.ts'
import { RefusedError } from '../refused.ts'
import type { Receiver } from './receive.ts'

export const sharedSignals: Receiver = {
  path: '/celosia/shared-signals',
  source: 'shared-signals',
  type: 'application/secevent+jwt',
  enabled: ({ revocation }) => (revocation?.transmitters ?? []).length > 0,
  read: async (body, { raw }, { policy, verifier, clock }) => {
    const transmitters = policy.revocation?.transmitters ?? []
    const issuers = new Set(policy.issuers.map(({ issuer }) => issuer))
    const token = body.toString('latin1')
    try {
      const transmitter = transmitterOf(token, transmitters)
      checkAuthorization(transmitter, raw.headers.authorization)
      const options = { transmitters, issuers, keys: verifier.keys, clock }
      return { drafts: await readSecurityEvent(token, transmitter, options), status: 202 }
    } catch (cause) {
      if (!(cause instanceof SecurityEventError)) throw cause
      // RFC 8935 section 2.3.
      const document = { err: cause.err, description: 'The security event token is not taken' }
      throw new RefusedError('security-event-invalid', { cause, document })
    }
  },
}

function checkAuthorization({ authorization }: Transmitter, given: string | undefined): void {
  if (authorization === undefined) return
  if (!timingSafeEqual(digest(authorization), digest(given ?? '')))
    throw new SecurityEventError('authentication_failed', 'the transmitter is not authenticated')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
