/** Networks of the Internet Protocol by prefix (RFC 4632, RFC 4291 2.3), and whether an address lies in one of them. */
import { BlockList, isIP } from 'node:net'
import { ipv6Groups } from './ip-address.ts'

export interface IpNetworks {
  /** False for what is no address. An IPv4 address that comes mapped into IPv6 is one of IPv4. */
  readonly have: (address: string) => boolean
}

/** A network as it is written: an address and the length of its prefix. */
interface IpNetwork {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

const NETWORK = /^([0-9A-Fa-f:.]{2,45})\/(0|[1-9][0-9]{0,2})$/
const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** True for `10.0.0.0/8` and its like; not for `/0`, which is everybody. */
export function isIpNetwork(text: string): boolean {
  return parseIpNetwork(text) !== undefined
}

/** The networks together. What {@link isIpNetwork} does not know is left out. */
export function ipNetworks(texts: readonly string[]): IpNetworks {
  const list = new BlockList()
  for (const text of texts) {
    const network = parseIpNetwork(text)
    if (network !== undefined) list.addSubnet(network.address, network.prefix, network.family)
  }
  return {
    have: (address) => {
      const plain = plainIp(address)
      const version = isIP(plain)
      return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
    },
  }
}

/** The address, as one of IPv4 where it is mapped into IPv6 (RFC 4291 2.5.5.2). */
export function plainIp(address: string): string {
  return IPV4_MAPPED.exec(address)?.[1] ?? address
}

/** What one caller can have at will: an address of IPv4, a network of 64 bits of IPv6 (RFC 4291 2.5.4). */
export function callerNetwork(address: string): string {
  const plain = plainIp(address)
  const groups = ipv6Groups(plain.split('%')[0] ?? '')
  if (groups === undefined) return plain
  const prefix = groups.slice(0, 4).map((group) => group.toString(16))
  return `${prefix.join(':')}::/64`
}

function parseIpNetwork(text: string): IpNetwork | undefined {
  const [, address = '', length = ''] = NETWORK.exec(text) ?? []
  const version = isIP(address)
  const prefix = Number(length)
  if (version === 0 || prefix === 0 || prefix > (version === 4 ? 32 : 128)) return undefined
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' }
}
