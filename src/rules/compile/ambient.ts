/** Resolves tokens that a browser brings by itself, whatever page caused the request: in a cookie, or by a proxy in front of the gateway. */
import { ipNetworks, isIpNetwork } from '../../core/ip-networks.ts'
import type { AmbientTrust, CertificateName } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { CertificateNameDocument } from '../policy/identity-document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import { NETWORK_HINT } from './forwarded.ts'
import { isOrigin, ORIGIN_HINT } from './origin.ts'

/** The cookie of a session. A browser lets no neighbour and no page without TLS set such a one. */
export const SESSION_COOKIE = '__Host-celosia-session'

/** In the order in which they are looked for. */
export function compileAmbient(
  document: PolicyDocument,
  complaints: Complaints,
): readonly AmbientTrust[] {
  const { identity, session, keys, forwarded } = document
  const { cookie, tokenHeader } = identity
  const found: AmbientTrust[] = []
  if (tokenHeader !== undefined) {
    const path = ['identity', 'tokenHeader']
    if (tokenHeader.name === forwarded?.header)
      complaints.add([...path, 'name'], 'the header is said to have an address')
    const origins = originsOf(path, tokenHeader.origins, complaints)
    const proxy = compileProxy(path, document, complaints)
    found.push({ kind: 'header', name: tokenHeader.name, ...proxy, origins })
  }
  if (cookie !== undefined) {
    const origins = originsOf(['identity', 'cookie'], cookie.origins, complaints)
    found.push({ kind: 'cookie', name: cookie.name, origins })
  }
  if (session !== undefined) {
    const origins = originsOf(['session'], session.origins, complaints)
    return [...found, { kind: 'session', name: SESSION_COOKIE, origins }]
  }
  if (found.length > 0 && keys?.cursor === undefined)
    complaints.addAtKey(
      ['identity', cookie === undefined ? 'tokenHeader' : 'cookie'],
      'what protects it against requests of other sites is sealed, and there is no key',
      'add keys: { cursor: { version: 1, env: CELOSIA_CURSOR_KEY } } to the policy',
    )
  return found
}

// What tells the proxy from anybody else who can send a header.
function compileProxy(
  path: PolicyPath,
  { identity, listen }: PolicyDocument,
  complaints: Complaints,
): Pick<Extract<AmbientTrust, { readonly kind: 'header' }>, 'networks' | 'certificates'> {
  const { networks, certificates } = identity.tokenHeader ?? {}
  for (const [index, network] of (networks ?? []).entries())
    if (!isIpNetwork(network))
      complaints.add([...path, 'networks', index], `\`${network}\` is no network`, NETWORK_HINT)
  if (networks === undefined && certificates === undefined)
    complaints.addAtKey(
      path,
      'anybody could send the header',
      'say where the proxy is (`networks`), whose certificate it shows (`certificates`), or both',
    )
  if (certificates !== undefined && listen?.tls.clients === undefined)
    complaints.addAtKey(
      [...path, 'certificates'],
      'nobody is asked for a certificate',
      'add `listen.tls.clients`',
    )
  return {
    networks: networks && ipNetworks(networks),
    certificates: certificates?.map(certificateName),
  }
}

function certificateName(name: CertificateNameDocument): CertificateName {
  if ('dns' in name) return { kind: 'dns', value: name.dns }
  return 'uri' in name ? { kind: 'uri', value: name.uri } : { kind: 'spki', value: name.spki }
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
