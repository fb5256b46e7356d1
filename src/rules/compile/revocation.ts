/** Resolves who may end sessions from outside. */
import type { CompiledPolicy } from '../compiled-policy.ts'
import type { Transmitter } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { Complaints } from './complaints.ts'
import { keyPlace } from './issuers.ts'

/** Undefined where tokens cannot be revoked. What is wrong goes to `complaints`. */
export function compileRevocation(
  { identity }: PolicyDocument,
  complaints: Complaints,
): CompiledPolicy['revocation'] {
  const { revocation } = identity
  if (revocation === undefined) return undefined
  const transmitters: Transmitter[] = []
  for (const [index, entry] of (revocation.transmitters ?? []).entries()) {
    const path = ['identity', 'revocation', 'transmitters', index]
    if (transmitters.some(({ issuer }) => issuer === entry.issuer))
      complaints.add([...path, 'issuer'], `the transmitter \`${entry.issuer}\` stands twice`)
    const keys = keyPlace(path, entry, 'ssf', complaints)
    if (keys === undefined) continue
    const { issuer, audience, algorithms, authorization } = entry
    transmitters.push({ issuer, audience, algorithms, keys, authorization })
  }
  return { transmitters }
}
