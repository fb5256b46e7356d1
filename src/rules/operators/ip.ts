/** `ip`: the network that an address is in. */
import { defineOperator } from './shared/define-operator.ts'
import { ipv4Octets, ipv6Groups } from '../../core/ip-address.ts'
import { textOperator } from './shared/text-operator.ts'

export const ip = defineOperator({
  name: 'ip',
  summary:
    'Keeps the network: 203.0.113.0/24 of an IPv4 address, 2001:db8:1::/48 of an IPv6 address. What is no address is redacted.',
  parameters: undefined,
  example: 'ip',
  build: () => textOperator({ name: 'ip', id: 'ip', mask: networkOf }),
})

function networkOf(text: string): string | undefined {
  const v4 = ipv4Octets(text.endsWith('/24') ? text.slice(0, -'/24'.length) : text)
  if (v4 !== undefined) return network24(v4)
  const groups = ipv6Groups(text.endsWith('/48') ? text.slice(0, -'/48'.length) : text)
  if (groups === undefined) return undefined
  // An IPv4-mapped address (RFC 4291 2.5.5.2) is one of IPv4; its first 48 bits would say nothing.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6)
    return network24([high >> 8, high & 0xff, low >> 8])
  }
  return network48(groups)
}

function network24(octets: readonly number[]): string {
  return `${octets.slice(0, 3).join('.')}.0/24`
}

/** As RFC 5952 writes it: the longest run of zeros is at the end. */
function network48(groups: readonly number[]): string {
  const kept = groups.slice(0, 3)
  while (kept.at(-1) === 0) kept.pop()
  return `${kept.map((group) => group.toString(16)).join(':')}::/48`
}
