/** A12: headers that claim another address or way. A claim is recorded as one, and nothing else comes of it. */
import { test } from 'tap'
import { startWorld } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'

const USER = '/api/v2/users/7'

test('A12: an address that is claimed', async (t) => {
  const forwarded = { trust: ['127.0.0.0/8'], header: 'x-forwarded-for' } as const
  const world = await startWorld(t, { change: (shipped) => ({ ...shipped, forwarded }) })
  const agent = `Authorization: Bearer ${await world.token()}`
  const row = (name: string, claimed: string | undefined, ...lines: readonly string[]): Attack => ({
    id: 'A12',
    name,
    send: get(USER, agent, ...lines),
    expect: ['permit'],
    check: async (sub) => {
      const event = (await world.gateway.records()).at(-1)
      const own = event?.['unmapped'] as { celosia: Record<string, unknown> } | undefined
      sub.equal(own?.celosia['claimed_address'], claimed)
      sub.match(event, { src_endpoint: { ip: '127.0.0.1' } }, 'the peer is the peer')
      const bytes = world.upstream.connections()[0]?.bytes.toString('latin1') ?? ''
      sub.notMatch(bytes, /forwarded|203\.0\.113|real-ip/i, 'nothing of it goes upstream')
    },
  })
  const rows = [
    row('nothing is claimed', undefined),
    row('one address', '203.0.113.7', 'X-Forwarded-For: 203.0.113.7'),
    row('a list that a caller began', '203.0.113.7', 'X-Forwarded-For: 127.0.0.1, 203.0.113.7'),
    row('two headers', '203.0.113.7', 'X-Forwarded-For: 9.9.9.9', 'X-Forwarded-For: 203.0.113.7'),
    row('no address', undefined, 'X-Forwarded-For: jane@x.example'),
    row('another header than the policy names', undefined, 'Forwarded: for=203.0.113.7'),
    row('headers that nobody believes', undefined, 'X-Real-IP: 203.0.113.7', 'Via: 1.1 x'),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})
