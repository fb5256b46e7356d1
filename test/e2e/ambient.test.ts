/** Tokens of a real login that the browser brings by itself: in a cookie, and through nginx as an authenticating proxy in front. */
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { createCanaries } from '../helpers/canaries.ts'
import { shippedPolicy, startGatewayProcess } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { startNginx } from '../helpers/nginx.ts'
import { requirePeer } from '../helpers/peers.ts'
import { header, request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream } from '../helpers/upstream.ts'

const PATH = '/api/v2/users/7'
const DESK = 'https://desk.example.com'
const SAME = ['sec-fetch-site', 'same-origin'] as const

function withAmbient(): PolicyDocument {
  const policy = shippedPolicy()
  return {
    ...policy,
    keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
    identity: {
      ...policy.identity,
      cookie: { name: '__Host-access', origins: [DESK] },
      tokenHeader: {
        name: 'x-forwarded-access-token',
        networks: ['127.0.0.1/32'],
        origins: [DESK],
      },
    },
  }
}

test('tokens that browsers bring by themselves', async (t) => {
  if (!requirePeer(t, 'nginx')) return
  const canaries = createCanaries()
  const [upstream, issuer] = await Promise.all([startRawUpstream(t), startOidcProvider(t)])
  const gateway = await startGatewayProcess(t, {
    policy: withAmbient(),
    upstreamUrl: upstream.url,
    issuer: issuer.issuer,
    env: { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') },
  })
  upstream.answer(jsonAnswer(userBody(canaries)))
  const name = canaries.make('name', 'user.name')
  const ann = await issuer.login({ subject: 'ann', roles: ['agent'] })
  const bill = await issuer.login({ subject: 'bill', roles: ['billing'], acr: '1', amr: ['pwd'] })
  const nginx = await startNginx(t, gateway.port, new Map([['s-ann', ann]]))
  const ask = (port: number, ...headers: readonly (readonly [string, string])[]) =>
    request(port, { path: PATH, headers })

  const lastAccess = async () =>
    (await gateway.records()).findLast((event) => event['http_request'] !== undefined)

  await t.test('in a cookie', async (t) => {
    const answer = await ask(gateway.port, ['cookie', `__Host-access=${ann}`], SAME)
    t.equal(answer.status, 200)
    t.ok(answer.body.includes(name))
    t.type(header(answer, 'celosia-csrf'), 'string')
    t.equal(header(answer, 'cache-control'), 'no-store')
    const weak = await ask(gateway.port, ['cookie', `__Host-access=${bill}`], SAME)
    t.equal(weak.status, 401)
    t.match(header(weak, 'www-authenticate'), /^Bearer .*acr_values="phr mfa"/, 'it can step up')
    const image = await ask(gateway.port, ['cookie', `__Host-access=${ann}`])
    t.equal(image.status, 403)
  })
  await t.test('through a proxy that knows the session', async (t) => {
    const answer = await ask(nginx.port, ['cookie', 'session=s-ann'], SAME)
    t.equal(answer.status, 200)
    t.ok(answer.body.includes(name))
    t.match(await lastAccess(), { actor: { user: { uid: 'ann' } } })
    const own = ['x-forwarded-access-token', bill] as const
    t.equal((await ask(nginx.port, own, SAME)).status, 401, 'what a caller writes there is nothing')
    const other = await ask(
      nginx.port,
      ['cookie', 'session=s-ann'],
      ['sec-fetch-site', 'cross-site'],
      ['origin', 'https://evil.example'],
    )
    t.equal(other.status, 403)
    t.match(await lastAccess(), {
      actor: { user: { uid: 'ann' } },
      unmapped: { celosia: { reasons: ['cross-site-refused'] } },
    })
  })
})
