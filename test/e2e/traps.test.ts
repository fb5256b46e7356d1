/** Records that exist only to be looked at by those who have no reason to. */
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { findings, look, worldOf } from '../helpers/look-ups.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'

test('a look at a trap is a finding of high severity at once, by its path or in a list', async (t) => {
  const traps = { user: ['900001', '900002'] }
  const world = await worldOf(t, [
    { name: 'trap', count: { traps, within: '1h' } },
    {
      name: 'blocking trap',
      count: { traps: { user: ['900002'] }, within: '1h' },
      // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
      then: ['block'],
    },
  ])
  for (const id of [1, 2, 900_003]) await look(world, id)
  t.same(await findings(world), [])
  await look(world, 900_001)
  await look(world, 900_001)
  t.match(await findings(world), [{ rule: 'trap', counted: 'trap', observed: 1 }], 'once')
  const records = await world.gateway.records()
  t.match(
    records.find((event) => event['class_uid'] === 2004),
    { severity_id: 4, message: 'subject agent-1 looked at a trap. Then: flag.' },
  )
  const asked = world.upstream.requests.length
  t.equal(await look(world, 900_002, { subject: 'agent-2' }), 403)
  t.equal(world.upstream.requests.length, asked)
  t.equal(await look(world, 1, { subject: 'agent-2' }), 403)
  const users = ['1', '900001'].map((id) => JSON.parse(userBody(world.canaries, Number(id))).user)
  world.upstream.answer(jsonAnswer(JSON.stringify({ users, count: 2 })))
  const token = await world.token({ subject: 'agent-3' })
  await request(world.gateway.port, { path: '/api/v2/users', token })
  t.match((await findings(world)).at(-1), { rule: 'trap' })
  t.equal((await findings(world)).length, 4)
})
