/** Logins at a real authorization server that are not good enough, stepped up, and repeated; and training that is overdue. */
import { test } from 'tap'
import { createCanaries } from '../helpers/canaries.ts'
import { startGatewayProcess } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { header, request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream } from '../helpers/upstream.ts'

const PATH = '/api/v2/users/7'
const HOUR_S = 3_600

test('step-up and training', async (t) => {
  const canaries = createCanaries()
  const [upstream, issuer] = await Promise.all([startRawUpstream(t), startOidcProvider(t)])
  const gateway = await startGatewayProcess(t, { upstreamUrl: upstream.url, issuer: issuer.issuer })
  upstream.answer(jsonAnswer(userBody(canaries)))
  const card = canaries.make('card', 'user.card')
  const name = canaries.make('name', 'user.name')
  const ask = (token: string) => request(gateway.port, { path: PATH, token })
  const billing = { subject: 'bill', roles: ['billing'] }
  const accesses = async () =>
    (await gateway.records()).filter((event) => event['http_request'] !== undefined)

  await t.test('request, 401, step up, repeat, 200', async (row) => {
    const weak = await ask(await issuer.login({ ...billing, acr: '1', amr: ['pwd'] }))
    row.equal(weak.status, 401)
    row.notOk(weak.body.includes(card))
    const challenge = header(weak, 'www-authenticate') ?? ''
    row.match(challenge, /^Bearer realm="celosia", error="insufficient_user_authentication"/)
    row.match(challenge, /max_age="43200"/)
    const [acr = ''] = (/acr_values="([^"]*)"/.exec(challenge)?.[1] ?? '').split(' ')
    row.equal(acr, 'phr')
    row.equal(upstream.requests.length, 0, 'the upstream was not asked')
    row.match((await accesses()).at(-1), {
      actor: { user: { uid: 'bill' } },
      status_code: '401',
      unmapped: { celosia: { assurance: [], reasons: ['assurance-insufficient'] } },
    })
    const again = await ask(await issuer.login({ ...billing, acr, amr: ['pwd'] }))
    row.equal(again.status, 200)
    row.ok(again.body.includes(card))
    row.match((await accesses()).at(-1), {
      unmapped: { celosia: { assurance: ['phishing-resistant', 'second-factor'] } },
    })
  })
  await t.test('a second factor counts by its method, and for so long', async (row) => {
    const now = Math.floor(performance.timeOrigin / 1_000)
    const otp = { ...billing, amr: ['pwd', 'otp'] }
    const login = (authTime: number) => issuer.login({ ...otp, authTime, trained: now })
    row.equal((await ask(await login(now))).status, 200)
    row.equal((await ask(await login(now - 13 * HOUR_S))).status, 401, 'too long ago')
  })
  await t.test('who is not shown the class needs no second factor', async (row) => {
    const agent = await issuer.login({ subject: 'ann', roles: ['agent'], amr: ['pwd'] })
    const answer = await ask(agent)
    row.equal(answer.status, 200)
    row.ok(answer.body.includes(name))
    row.notOk(answer.body.includes(card))
  })
  await t.test('overdue training masks every class, says so, and is on record', async (row) => {
    for (const trained of ['2020-01-15', null, 'soon', 0]) {
      const lead = await issuer.login({ subject: 'lea', roles: ['lead', 'billing'], trained })
      const answer = await ask(lead)
      row.equal(answer.status, 200, `trained ${trained}`)
      row.equal(header(answer, 'celosia-notice'), 'training-overdue')
      for (const value of [name, card, canaries.make('email', 'user.email')])
        row.notOk(answer.body.includes(value))
      row.match((await accesses()).at(-1), {
        unmapped: { celosia: { reasons: ['role-permits', 'training-overdue'] } },
      })
    }
    const trained = await ask(await issuer.login({ subject: 'lea', roles: ['lead'] }))
    row.equal(header(trained, 'celosia-notice'), undefined)
    row.ok(trained.body.includes(name))
  })
})
