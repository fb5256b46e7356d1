/** Resolves tokens that a browser brings by itself, whatever page caused the request: in a cookie, or by a proxy in front of the gateway. */
import { ipNetworks, isIpNetwork } from '../../core/ip-networks.ts'
import type { AmbientTrust } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import { NETWORK_HINT } from './forwarded.ts'
import { isOrigin, ORIGIN_HINT } from './origin.ts'

/** In the order in which they are looked for. */
export function compileAmbient(
  { identity, keys, forwarded }: PolicyDocument,
  complaints: Complaints,
): readonly AmbientTrust[] {
  const { cookie, tokenHeader } = identity
  const found: AmbientTrust[] = []
  if (tokenHeader !== undefined) {
    const path = ['identity', 'tokenHeader']
    for (const [index, network] of tokenHeader.networks.entries())
      if (!isIpNetwork(network))
        complaints.add([...path, 'networks', index], `\`${network}\` is no network`, NETWORK_HINT)
    if (tokenHeader.name === forwarded?.header)
      complaints.add([...path, 'name'], 'the header is said to have an address')
    const networks = ipNetworks(tokenHeader.networks)
    const origins = originsOf(path, tokenHeader.origins, complaints)
    found.push({ kind: 'header', name: tokenHeader.name, networks, origins })
  }
  if (cookie !== undefined) {
    const origins = originsOf(['identity', 'cookie'], cookie.origins, complaints)
    found.push({ kind: 'cookie', name: cookie.name, origins })
  }
  if (found.length > 0 && keys?.cursor === undefined)
    complaints.addAtKey(
      ['identity', cookie === undefined ? 'tokenHeader' : 'cookie'],
      'what protects it against requests of other sites is sealed, and there is no key',
      'add keys: { cursor: { version: 1, env: CELOSIA_CURSOR_KEY } } to the policy',
    )
  return found
}

function originsOf(
  path: PolicyPath,
  origins: readonly string[],
  complaints: Complaints,
): ReadonlySet<string> {
  for (const [index, origin] of origins.entries()) {
    if (!isOrigin(origin))
      complaints.add(
        [...path, 'origins', index],
        `\`${origin}\` is no origin as browsers write it`,
        ORIGIN_HINT,
      )
  }
  return new Set(origins)
}
