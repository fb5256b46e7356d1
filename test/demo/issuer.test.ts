/** The development issuer: its documents, its tokens, and that it stays on this machine. */
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { test, type Test } from 'tap'
import { startIssuer, type Issuer } from '../../demo/issuer.ts'
import { DEMO_SUBJECTS } from '../../demo/roles.ts'

const NOW_SECONDS = 1_767_225_600
const clock = { nowMs: () => NOW_SECONDS * 1000 + 999, monotonicMs: () => 0 }

async function started(t: Test, host = '127.0.0.1'): Promise<Issuer> {
  const issuer = await startIssuer({ port: 0, host, audience: 'celosia', clock })
  t.teardown(issuer.close)
  return issuer
}

test('startIssuer() refuses to listen where others could reach it', async (t) => {
  const refused = [
    '0.0.0.0',
    '::',
    '192.0.2.1',
    '10.0.0.1',
    'localhost',
    'example.com',
    '',
    '127.1',
    '[::1]',
  ]
  for (const host of refused) {
    await t.rejects(
      startIssuer({ port: 0, host, audience: 'celosia' }),
      { code: 'ERR_LISTEN' },
      `"${host}"`,
    )
  }
  for (const host of ['127.0.0.1', '127.0.0.2']) {
    t.ok((await started(t, host)).issuer.startsWith(`http://${host}:`))
  }
})

test('startIssuer() serves a discovery document and public keys only', async (t) => {
  const { issuer, jwksUrl } = await started(t)
  const discovery = await fetch(`${issuer}/.well-known/openid-configuration`)
  t.match(await discovery.json(), { issuer, jwks_uri: jwksUrl })
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: Record<string, unknown>[] }
  t.equal(keys.length, 1)
  t.match(keys[0], { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: String })
  t.notOk(keys[0]?.['d'], 'no private part')
  t.equal((await fetch(`${issuer}/token`)).status, 404)
  t.equal((await fetch(jwksUrl, { method: 'POST', body: '{}' })).status, 404)
})

test('mint() makes access tokens that verify and live eight hours', async (t) => {
  const { issuer, jwksUrl, mint } = await started(t)
  const keys = createRemoteJWKSet(new URL(jwksUrl))
  const ids = new Set<unknown>()
  for (const { role, subject, amr } of DEMO_SUBJECTS) {
    const token = await mint({ sub: subject, roles: [role], amr })
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer,
      audience: 'celosia',
      algorithms: ['ES256'],
      typ: 'at+jwt',
      requiredClaims: ['sub', 'iat', 'exp', 'jti', 'sid', 'acr', 'amr', 'auth_time'],
      currentDate: new Date(NOW_SECONDS * 1000),
    })
    t.equal(protectedHeader.alg, 'ES256')
    t.equal(payload.sub, subject)
    t.same(payload['realm_access'], { roles: [role] })
    t.same(payload['amr'], amr)
    t.equal(payload.iat, NOW_SECONDS)
    t.equal((payload.exp ?? 0) - NOW_SECONDS, 8 * 60 * 60)
    ids.add(payload.jti).add(payload['sid'])
  }
  t.equal(ids.size, 2 * DEMO_SUBJECTS.length, 'each token has its own jti and sid')
})

test('mint() writes further claims as given, in place of its own', async (t) => {
  const { mint } = await started(t)
  const token = await mint({ sub: 'a', roles: [], exp: 7, acr: 'gold', privacy_training_at: 5 })
  t.match(decodeJwt(token), { sub: 'a', exp: 7, acr: 'gold', privacy_training_at: 5 })
})

test('two issuers have different keys', async (t) => {
  const [one, other] = [await started(t), await started(t)]
  const token = await one.mint({ sub: 'a', roles: ['agent'] })
  await t.rejects(jwtVerify(token, createRemoteJWKSet(new URL(other.jwksUrl))), {
    code: 'ERR_JWKS_NO_MATCHING_KEY',
  })
})

test('DEMO_SUBJECTS names each of its callers once, and has every role', (t) => {
  t.same([...new Set(DEMO_SUBJECTS.map(({ role }) => role))], ['agent', 'lead', 'billing'])
  t.equal(new Set(DEMO_SUBJECTS.map(({ name }) => name)).size, DEMO_SUBJECTS.length)
  t.equal(new Set(DEMO_SUBJECTS.map(({ subject }) => subject)).size, DEMO_SUBJECTS.length)
  t.end()
})
