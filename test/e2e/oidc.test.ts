/** From a login at a real authorization server to a masked answer, and what happens when its keys change. */
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { createCanaries } from '../helpers/canaries.ts'
import { startGatewayProcess } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream } from '../helpers/upstream.ts'

const PATH = '/api/v2/users/7'

test('login, token, masked answer', async (t) => {
  const canaries = createCanaries()
  const [upstream, issuer] = await Promise.all([startRawUpstream(t), startOidcProvider(t)])
  const gateway = await startGatewayProcess(t, { upstreamUrl: upstream.url, issuer: issuer.issuer })
  upstream.answer(jsonAnswer(userBody(canaries)))
  const email = canaries.make('email', 'user.email')
  const ask = (token: string) => request(gateway.port, { path: PATH, token })
  const ann = await issuer.login({ subject: 'ann', roles: ['agent'] })

  await t.test('an agent and a lead', async (row) => {
    const bob = await issuer.login({ subject: 'bob', roles: ['lead', 'offline_access'] })
    const [asAgent, asLead] = [await ask(ann), await ask(bob)]
    row.same([asAgent.status, asLead.status], [200, 200])
    row.same(
      [asAgent, asLead].map(({ body }) => body.toString().includes(email)),
      [false, true],
    )
    const accesses = (await gateway.records()).filter(
      (event) => event['http_request'] !== undefined,
    )
    row.match(accesses[1], {
      actor: {
        user: { uid: 'bob', groups: [{ name: 'lead' }] },
        session: { issuer: issuer.issuer },
      },
    })
  })
  await t.test('somebody without a role of the policy', async (row) => {
    const { status } = await ask(
      await issuer.login({ subject: 'carol', roles: ['uma_protection'] }),
    )
    row.equal(status, 403)
  })
  await t.test('keys are fetched once, not for each token', (row) => {
    row.equal(issuer.jwksCount(), 1)
    row.end()
  })
  await t.test('three rotations of keys under load cost no request', async (row) => {
    const statuses: number[] = []
    const tokens = [ann]
    const rotated = new AbortController()
    const load = Array.from({ length: 8 }, async () => {
      while (!rotated.signal.aborted) statuses.push((await ask(tokens.at(-1) ?? '')).status)
    })
    for (const subject of ['dan', 'eve', 'fay']) {
      await issuer.rotate()
      tokens.push(await issuer.login({ subject, roles: ['agent'] }))
      // As long as it takes for each of them to be used: a busy machine answers slowly.
      for (const asked = statuses.length; statuses.length < asked + 40;) await setTimeout(10)
    }
    rotated.abort()
    await Promise.all(load)
    row.same([...new Set(statuses)], [200], `${statuses.length} requests`)
    row.ok(statuses.length > 100)
    row.equal((await ask(ann)).status, 200, 'tokens of the old key are good while it is published')
    row.ok(issuer.jwksCount() <= 4, 'at most one request for each new key')
  })
})
