/** The authorization server, the key server and the token forge, each against an independent verifier. */
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { test } from 'tap'
import { startOidcProvider, type OidcIssuer } from '../helpers/issuer.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, forgeToken, makeKey, signToken, tokenParts } from '../helpers/keys.ts'

function verify(token: string, { issuer, jwksUrl }: Pick<OidcIssuer, 'issuer' | 'jwksUrl'>) {
  return jwtVerify(token, createRemoteJWKSet(new URL(jwksUrl)), {
    issuer,
    audience: 'celosia',
    typ: 'at+jwt',
    algorithms: ['ES256'],
  })
}

test('startOidcProvider: login gives a signed access token with subject, roles and assurance', async (t) => {
  const oidc = await startOidcProvider(t)
  const token = await oidc.login({
    subject: 'agent-7',
    roles: ['agent', 'lead'],
    acr: 'urn:example:silver',
    amr: ['pwd', 'otp'],
    authTime: 1_700_000_000,
  })
  const { payload, protectedHeader } = await verify(token, oidc)
  t.match(payload, {
    sub: 'agent-7',
    aud: 'celosia',
    iss: oidc.issuer,
    realm_access: { roles: ['agent', 'lead'] },
    acr: 'urn:example:silver',
    amr: ['pwd', 'otp'],
    auth_time: 1_700_000_000,
    jti: String,
    exp: Number,
    iat: Number,
  })
  t.equal(protectedHeader.typ, 'at+jwt')
  t.equal(oidc.jwksCount(), 1)
  const other = decodeJwt(await oidc.login({ subject: 'agent-8' }))
  t.equal(other.sub, 'agent-8')
  t.same(other['realm_access'], { roles: [] })
  t.not(other.jti, payload.jti)
})

test('startOidcProvider: rotate signs with a new key, and keeps or drops the old', async (t) => {
  const oidc = await startOidcProvider(t)
  const before = await oidc.login({ subject: 'agent-1', roles: ['agent'] })
  const kid = await oidc.rotate()
  const after = await oidc.login({ subject: 'agent-1', roles: ['agent'] })
  t.equal(decodeProtectedHeader(after).kid, kid)
  t.not(decodeProtectedHeader(before).kid, kid)
  await t.resolves(verify(before, oidc))
  await t.resolves(verify(after, oidc))
  const last = await oidc.rotate({ dropOld: true })
  const newest = await oidc.login({ subject: 'agent-1', roles: ['agent'] })
  t.equal(decodeProtectedHeader(newest).kid, last)
  await t.resolves(verify(newest, oidc))
  await t.rejects(verify(after, oidc), errors.JWKSNoMatchingKey)
})

test('startOidcProvider publishes a discovery document that names itself', async (t) => {
  const { issuer, jwksUrl } = await startOidcProvider(t)
  const response = await fetch(`${issuer}/.well-known/openid-configuration`)
  t.match(await response.json(), { issuer, jwks_uri: jwksUrl })
})

test('startJwksServer: counts, changes keys, and fails in every way asked for', async (t) => {
  const [first, second] = [await makeKey('ES256'), await makeKey('ES256')]
  const server = await startJwksServer(t, [first])
  const get = async (): Promise<unknown> => {
    const response = await fetch(server.jwksUrl, { signal: AbortSignal.timeout(300) })
    return response.ok ? await response.json() : response.status
  }
  t.same(await get(), { keys: [first.publicJwk] })
  server.setKeys([second])
  t.same(await get(), { keys: [second.publicJwk] })
  t.equal(server.count(), 2)
  await server.setMode('error')
  t.equal(await get(), 500)
  await server.setMode('empty')
  t.same(await get(), { keys: [] })
  for (const mode of ['reset', 'hang', 'garbage', 'down'] as const) {
    await server.setMode(mode)
    await t.rejects(get(), mode)
  }
  const counted = server.count()
  await t.rejects(get(), 'down')
  t.equal(server.count(), counted, 'nobody listens')
  await server.setMode('slow', { slowMs: 100 })
  t.same(await get(), { keys: [second.publicJwk] }, 'it is back')
  await server.setMode('slow', { slowMs: 1_000 })
  await t.rejects(get(), 'too slow')
  await server.setMode('huge')
  const huge = await fetch(server.jwksUrl)
  t.ok((await huge.arrayBuffer()).byteLength > 64 * 1024 * 1024)
  await server.setMode('ok')
  t.equal(server.count('/.well-known/openid-configuration'), 0)
  const discovery = await fetch(`${server.issuer}/.well-known/openid-configuration`)
  t.same(await discovery.json(), { issuer: server.issuer, jwks_uri: server.jwksUrl })
  t.equal((await fetch(`${server.issuer}/other`)).status, 404)
})

test('makeKey and signToken make tokens that verify, for every algorithm', async (t) => {
  for (const alg of ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'HS256']) {
    const key = await makeKey(alg)
    const server = await startJwksServer(t, [key])
    const token = await signToken(accessClaims(server.issuer), { key })
    const keys = alg === 'HS256' ? key.signingKey : createRemoteJWKSet(new URL(server.jwksUrl))
    const { payload } = await jwtVerify(token, keys as Uint8Array, { algorithms: [alg] })
    t.match(payload, { iss: server.issuer, aud: 'celosia', sub: 'agent-1' }, alg)
  }
})

test('signToken takes any header and claims, forgeToken any bytes', async (t) => {
  const key = await makeKey('ES256')
  const claims = accessClaims('https://idp.example', { aud: undefined, exp: 'soon' })
  const token = await signToken(claims, {
    key,
    header: { kid: undefined, jku: 'https://evil.example', crit: ['odd'], odd: 1 },
  })
  t.same(decodeProtectedHeader(token), {
    alg: 'ES256',
    typ: 'at+jwt',
    jku: 'https://evil.example',
    crit: ['odd'],
    odd: 1,
  })
  const payload = JSON.parse(tokenParts(token)[1]) as Record<string, unknown>
  t.equal(payload['exp'], 'soon')
  t.notOk('aud' in payload)
  const forged = forgeToken('{"alg":"none"}', '{"sub":"a","sub":"b"}', Buffer.from([0, 255]))
  t.same(tokenParts(forged), ['{"alg":"none"}', '{"sub":"a","sub":"b"}', Buffer.from([0, 255])])
  t.equal(forgeToken('{}', '{}').split('.')[2], '')
  t.equal(forgeToken(...tokenParts(token)), token, 'taken apart and put together')
})
