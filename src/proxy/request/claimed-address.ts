/**
 * What a proxy in front says of the address that a request came from: believed only from listed networks, and recorded as a
 * claim. It decides nothing.
 */
import { isIP } from 'node:net'
import { plainIp } from '../../core/ip-networks.ts'
import type { ForwardedTrust } from '../../rules/compiled-policy.ts'

/** Entries looked at, from the nearest proxy backwards. */
const HOPS_MAX = 32
/** RFC 7239 4: `for` among pairs of token and token or quoted string without escapes. */
const ELEMENT = /^(?:[a-z]+=(?:"[^"\\]*"|[^\s",;=]+))(?:;[a-z]+=(?:"[^"\\]*"|[^\s",;=]+))*$/i
const FOR = /(?:^|;)for=(?:"([^"\\]*)"|([^\s",;=]+))(?:;|$)/i
/** An address, with a port where there is one (RFC 7239 6). */
const NODE =
  /^(?:\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+)(?::\d{1,5})?|([0-9A-Fa-f:.]+))$/

/**
 * The nearest address that is none of the listed proxies, or the last of theirs where nothing else is readable; undefined
 * where the peer is not listed or claims nothing.
 */
export function claimedAddress(
  header: string | readonly string[] | undefined,
  peer: string,
  trust: ForwardedTrust,
): string | undefined {
  if (typeof header !== 'string' || !trust.networks.have(peer)) return undefined
  // From its end: what stands before the entries of listed proxies, anybody may have written.
  const entries = header.split(',').slice(-HOPS_MAX).toReversed()
  let claimed: string | undefined
  for (const entry of entries) {
    const address = trust.header === 'forwarded' ? forwardedFor(entry.trim()) : nodeOf(entry.trim())
    if (address === undefined) return claimed
    claimed = address
    if (!trust.networks.have(address)) return claimed
  }
  return claimed
}

function forwardedFor(element: string): string | undefined {
  if (!ELEMENT.test(element)) return undefined
  const [, quoted, token] = FOR.exec(element) ?? []
  return nodeOf(quoted ?? token ?? '')
}

function nodeOf(text: string): string | undefined {
  const [, bracketed, v4, plain] = NODE.exec(text) ?? []
  const address = plainIp(bracketed ?? v4 ?? plain ?? '')
  return isIP(address) === 0 ? undefined : address
}
