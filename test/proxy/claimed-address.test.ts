/** The address that a proxy in front claims: only from listed networks, and only as far back as these reach. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { ipNetworks } from '../../src/core/ip-networks.ts'
import { claimedAddress } from '../../src/proxy/request/claimed-address.ts'
import type { ForwardedTrust } from '../../src/rules/compiled-policy.ts'

const networks = ipNetworks(['10.0.0.0/8', '::1/128'])
const LIST: ForwardedTrust = { header: 'x-forwarded-for', networks }
const ELEMENTS: ForwardedTrust = { header: 'forwarded', networks }
const PROXY = '10.0.0.1'

test('X-Forwarded-For is read from its end, through listed proxies', (t) => {
  const rows: Readonly<Record<string, string | undefined>> = {
    '203.0.113.7': '203.0.113.7',
    '198.51.100.1, 203.0.113.7': '203.0.113.7',
    '203.0.113.7, 10.0.0.2': '203.0.113.7',
    '203.0.113.7,10.0.0.2 ,10.0.0.3': '203.0.113.7',
    'evil, 203.0.113.7': '203.0.113.7',
    'evil, 10.0.0.2': '10.0.0.2',
    '10.0.0.9, 10.0.0.2': '10.0.0.9',
    '203.0.113.7:4711': '203.0.113.7',
    '[2001:db8::1]:4711': '2001:db8::1',
    '2001:db8::1': '2001:db8::1',
    '::ffff:203.0.113.7': '203.0.113.7',
    '203.0.113.7, unknown': undefined,
    '203.0.113.7,': undefined,
    'jane@x.example': undefined,
    '203.0.113.007': undefined,
    '203.0.113.7 203.0.113.8': undefined,
    '<script>': undefined,
    '': undefined,
  }
  for (const [header, expected] of Object.entries(rows)) {
    t.equal(claimedAddress(header, PROXY, LIST), expected, JSON.stringify(header))
  }
  t.equal(claimedAddress(undefined, PROXY, LIST), undefined)
  t.equal(claimedAddress('203.0.113.7', '192.0.2.1', LIST), undefined, 'a peer that is not listed')
  t.equal(claimedAddress('203.0.113.7', '::ffff:10.0.0.1', LIST), '203.0.113.7')
  const many = Array.from({ length: 1_000 }, () => '10.0.0.2')
  t.equal(claimedAddress(['203.0.113.7', ...many].join(), PROXY, LIST), '10.0.0.2', 'bounded')
  t.end()
})

test('Forwarded is read by the form of RFC 7239', (t) => {
  const rows: Readonly<Record<string, string | undefined>> = {
    'for=203.0.113.7': '203.0.113.7',
    'For="[2001:db8::1]:4711"': '2001:db8::1',
    'proto=https;for=203.0.113.7;by=10.0.0.1': '203.0.113.7',
    'for=198.51.100.1, for=203.0.113.7;host=x, for=10.0.0.2': '203.0.113.7',
    'for=203.0.113.7;for=198.51.100.1': '203.0.113.7',
    'for=unknown': undefined,
    'for=_hidden': undefined,
    'by=203.0.113.7': undefined,
    'xfor=203.0.113.7': undefined,
    'for="203.0.113.7': undefined,
    'for=203.0.113.7;': undefined,
    '203.0.113.7': undefined,
  }
  for (const [header, expected] of Object.entries(rows)) {
    t.equal(claimedAddress(header, PROXY, ELEMENTS), expected, header)
  }
  t.end()
})

test('law: what a caller writes never hides what the nearest listed proxy saw', (t) => {
  const junk = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6())
  fc.assert(
    fc.property(fc.array(junk), fc.constantFrom('203.0.113.7', '2001:db8::7'), (before, seen) => {
      t.equal(claimedAddress([...before, seen].join(', '), PROXY, LIST), seen)
    }),
    { numRuns: 200 },
  )
  t.end()
})
