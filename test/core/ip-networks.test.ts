/** Networks by prefix: what is one, and what lies in it. */
import { test } from 'tap'
import { callerNetwork, ipNetworks, isIpNetwork, plainIp } from '../../src/core/ip-networks.ts'

test('a network is an address and a prefix that fits it', (t) => {
  for (const text of ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32', '::1/128', 'fe80::/1']) {
    t.equal(isIpNetwork(text), true, text)
  }
  const none = ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/08', '10.0.0/8', '::/129', '::/0']
    .concat(['0.0.0.0/0', '10.0.0.0/-1', ' 10.0.0.0/8', '10.0.0.0/8 ', 'localhost/8', '', '/8'])
    .concat(['fe80::1%eth0/64', '10.0.0.0/8/8', '010.0.0.0/8'])
  for (const text of none) t.equal(isIpNetwork(text), false, JSON.stringify(text))
  t.end()
})

test('an address lies in a network by its bits, mapped or not', (t) => {
  const networks = ipNetworks(['10.0.0.0/8', '192.0.2.128/25', '2001:db8::/33', 'nonsense'])
  const inside = [
    '10.255.0.1',
    '::ffff:10.1.2.3',
    '::FFFF:10.1.2.3',
    '192.0.2.200',
    '2001:db8:7fff::1',
  ]
  const outside = [
    '11.0.0.1',
    '192.0.2.127',
    '2001:db8:8000::1',
    '::1',
    '',
    'x',
    '10.0.0',
    '::ffff:11.0.0.1',
  ]
  for (const address of inside) t.equal(networks.have(address), true, address)
  for (const address of outside) t.equal(networks.have(address), false, JSON.stringify(address))
  t.equal(ipNetworks([]).have('10.0.0.1'), false)
  t.equal(plainIp('::ffff:10.0.0.1'), '10.0.0.1')
  t.equal(plainIp('::1'), '::1')
  t.end()
})

test('what a caller can have at will is one address of IPv4, or 64 bits of IPv6', (t) => {
  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
    ['1::3:4:5:6:7:8', '1:0:3:4::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.7', '1:2:3:4::/64'],
    ['unix', 'unix'],
  ] as const)
    t.equal(callerNetwork(address), network, address)
  t.end()
})
