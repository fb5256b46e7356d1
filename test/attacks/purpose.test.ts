/** Section I of the threat model where a route needs a purpose: what a request claims is read in one way. */
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { runHere } from '../helpers/program.ts'
import { startWorld, type World } from '../helpers/world.ts'
import { get, runAttacks, summarize, type Attack, type Outcome } from './attack-table.ts'
import { bearer, USER } from './token-rows.ts'

test('section I: requests that claim a purpose, or seem to', async (t) => {
  const world = await startWorld(t, { change: withPurposes })
  const tally = await runAttacks(t, world, await purposeRows(world))
  const text = JSON.stringify(await world.gateway.records())
  for (const purpose of [
    { header: 'referer', name: 'support', ticket: '8123' },
    { header: 'celosia-purpose', name: 'refund', ticket: null },
  ])
    t.ok(text.includes(`"purpose":${JSON.stringify(purpose)}`), `${purpose.name} is on record`)
  for (const word of ['jane', 'evil'])
    t.notOk(text.includes(word), 'words of the caller stand nowhere')
  const { gateway } = world
  const args = ['--config', gateway.policyFile, '--journal', gateway.journal]
  const told = await runHere(['audit', 'subject', '7', '--kind', 'user', ...args], {
    env: gateway.environment,
  })
  t.match(told.stdout, /role-permits, for support 8123/, 'who saw this person is told what for')
  t.match(told.stdout, /role-permits, for refund /)
  summarize(t, tally)
})

function withPurposes(policy: PolicyDocument): PolicyDocument {
  const match = 'https://desk.example.com/tickets/{ticket:integer}'
  const purposes = { support: { derive: [{ header: 'referer', match }] }, refund: {}, audit: {} }
  const routes = policy.routes.map((route) =>
    route.match.endsWith('/users/{id:integer}') && route.match.startsWith('GET ')
      ? { ...route, purpose: ['support', 'refund'] }
      : route,
  )
  return { ...policy, purposes, routes }
}

/** I104: a purpose is one of the policy, said once, and opens nothing that a role does not. */
async function purposeRows({ token }: World): Promise<Attack[]> {
  const agent = bearer(await token())
  const nobody = bearer(await token({ roles: ['nobody'] }))
  const refund = 'Celosia-Purpose: refund'
  const desk = 'Referer: https://desk.example.com/tickets/8123'
  const said: readonly (readonly [name: string, outcome: Outcome, ...lines: string[]])[] = [
    ['a purpose that is said', 'permit', refund],
    ['a purpose that is recognized', 'permit', desk],
    ['no purpose', 'purpose-missing'],
    ['the purpose of another route', 'purpose-forbidden', 'Celosia-Purpose: audit'],
    ['a purpose of nobody', 'purpose-malformed', 'Celosia-Purpose: jane@example.com'],
    ['the same beside one that is recognized', 'purpose-malformed', desk, 'Celosia-Purpose: x'],
    ['a key of the language', 'purpose-malformed', 'Celosia-Purpose: __proto__'],
    ['two purposes in one', 'purpose-malformed', 'Celosia-Purpose: support, refund'],
    ['two headers', 'header-malformed', refund, 'celosia-purpose: support'],
    ['two referers', 'header-malformed', desk, 'Referer: https://evil.example/'],
    ['another host', 'purpose-missing', from('desk.example.com.evil.example/tickets/1')],
    ['the host as a name', 'purpose-missing', from('desk.example.com@evil.example/tickets/1')],
    ['a person for a ticket', 'purpose-missing', from('desk.example.com/tickets/jane')],
  ]
  return [
    ...said.map(([name, outcome, ...lines]): Attack => ({
      id: 'I104',
      name,
      send: get(USER, agent, ...lines),
      expect: [outcome],
      ...(outcome === 'header-malformed' && { closed: true }),
    })),
    {
      id: 'I104',
      name: 'a purpose in the query',
      send: get(`${USER}?celosia-purpose=refund`, agent, refund),
      expect: ['parameter-undeclared'],
    },
    {
      id: 'I104',
      name: 'a purpose without a role',
      send: get(USER, nobody, refund),
      expect: ['role-unknown'],
    },
  ]
}

function from(address: string): string {
  return `Referer: https://${address}`
}
