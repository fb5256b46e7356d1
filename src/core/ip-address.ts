/** Reads addresses of the Internet Protocol. Text to numbers only; nothing is looked up. */

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`)
const GROUP = /^[0-9a-f]{1,4}$/i
const IPV6_UNITS_MAX = 45
const GROUPS = 8

/** The four octets of a dotted address without leading zeros (RFC 6943 3.1.1: other forms are read differently). */
export function ipv4Octets(text: string): readonly number[] | undefined {
  return IPV4.exec(text)?.slice(1).map(Number)
}

/** The eight groups of an address as RFC 4291 2.2 writes it, also with an IPv4 tail; without zone or port. */
export function ipv6Groups(text: string): readonly number[] | undefined {
  if (text.length > IPV6_UNITS_MAX) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groupsOf(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 1 ? [] : groupsOf(halves[1] ?? '', true)
  if (head === undefined || tail === undefined) return undefined
  const missing = GROUPS - head.length - tail.length
  // "::" stands for one group or more.
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail]
}

function groupsOf(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const octets = atEnd && index === parts.length - 1 ? ipv4Octets(part) : undefined
    if (octets !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = octets
      groups.push(a * 256 + b, c * 256 + d)
    } else if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16))
    } else {
      return undefined
    }
  }
  return groups
}
