/** Resolves tokens that are bound to a key (RFC 9449): where callers reach the gateway, and what proofs must be. */
import type { DpopRules } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { Complaints } from './complaints.ts'
import { isOrigin, ORIGIN_HINT } from './origin.ts'

const ALGORITHMS = ['ES256']

/** Undefined where no such tokens are taken. */
export function compileDpop(
  { identity, keys }: PolicyDocument,
  complaints: Complaints,
): DpopRules | undefined {
  const { dpop } = identity
  if (dpop === undefined) {
    for (const [index, issuer] of identity.issuers.entries()) {
      if (issuer.dpop !== undefined)
        complaints.addAtKey(
          ['identity', 'issuers', index, 'dpop'],
          'its tokens could not be taken at all',
          'add identity.dpop: { origins: [https://gateway.example.com] }',
        )
    }
    return undefined
  }
  for (const [index, origin] of dpop.origins.entries()) {
    if (!isOrigin(origin))
      complaints.add(
        ['identity', 'dpop', 'origins', index],
        `\`${origin}\` is no origin as browsers write it`,
        ORIGIN_HINT,
      )
  }
  if (dpop.nonce !== undefined && keys?.cursor === undefined)
    complaints.addAtKey(
      ['identity', 'dpop', 'nonce'],
      'nonces are sealed, and there is no key',
      'add keys: { cursor: { version: 1, env: CELOSIA_CURSOR_KEY } } to the policy',
    )
  return {
    origins: new Set(dpop.origins),
    algorithms: dpop.algorithms ?? ALGORITHMS,
    nonce: dpop.nonce !== undefined,
  }
}
