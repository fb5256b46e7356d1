/** GraphQL on the real listener: what the standing of a caller is worth there - training, level of the login, reveals. */
import { test } from 'tap'
import { header, request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'
import { FILES, withGraphql } from '../attacks/graphql-rows.ts'

const REVEAL = [['celosia-reveal', 'classes=(payment.card), reason="refund 8123"']] as const

test('overdue training, a weak login and a reveal count as on any route', async (t) => {
  const world = await startWorld(t, { change: withGraphql, files: FILES })
  const { gateway, upstream, canaries } = world
  const card = canaries.make('card', 'user.card')
  const email = canaries.make('email', 'user.email')
  upstream.answer(() =>
    jsonAnswer({ data: { user: { e: email, a: { c: card }, celosia_id_0: '7' } } }),
  )
  const ask = (token: string, headers: readonly (readonly [string, string])[] = []) => {
    const body = JSON.stringify({ query: '{ user(id: 7) { e: email a: address { c: city } } }' })
    const all = [['content-type', 'application/json'], ...headers] as const
    return request(gateway.port, { method: 'POST', path: '/graphql', token, headers: all, body })
  }
  const lead = await world.token({ roles: ['lead'], subject: 'lea' })
  const seen = await ask(lead)
  t.same(JSON.parse(seen.body.toString()), {
    data: { user: { e: email, a: { c: `***${card.slice(-4)}` } } },
  })

  const overdue = { roles: ['lead', 'billing'], claims: { privacy_training_at: 0 } }
  const hidden = await ask(await world.token(overdue))
  t.equal(header(hidden, 'celosia-notice'), 'training-overdue')
  for (const value of [card, email]) t.notOk(hidden.body.includes(value))

  const password = { amr: ['pwd'] }
  const billing = { roles: ['billing'], claims: password }
  t.equal((await ask(await world.token(billing))).status, 401, 'its role needs a second factor')

  const revealed = await ask(lead, REVEAL)
  t.ok(revealed.body.includes(card))
  t.equal(header(revealed, 'celosia-revealed'), 'payment.card;n=1')
  t.notOk((await ask(lead)).body.includes(card), 'for one request')
  const weak = await ask(await world.token({ roles: ['lead'], claims: password }), REVEAL)
  t.equal(weak.status, 401)
  const agent = await ask(await world.token(), REVEAL)
  t.equal(agent.status, 403)
})
