/** Resolves the proxies in front. */
import { ipNetworks, isIpNetwork } from '../../core/ip-networks.ts'
import type { ForwardedTrust } from '../compiled-policy.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { Complaints } from './complaints.ts'

/** What to do about what is no network. */
export const NETWORK_HINT =
  'an address and the length of its prefix, 10.0.0.0/8 or 2001:db8::/32; not /0, which is everybody'

/** Undefined where the policy names none. */
export function compileForwarded(
  { forwarded }: PolicyDocument,
  complaints: Complaints,
): ForwardedTrust | undefined {
  if (forwarded === undefined) return undefined
  for (const [index, network] of forwarded.trust.entries()) {
    if (isIpNetwork(network)) continue
    complaints.add(['forwarded', 'trust', index], `\`${network}\` is no network`, NETWORK_HINT)
  }
  return { header: forwarded.header, networks: ipNetworks(forwarded.trust) }
}
