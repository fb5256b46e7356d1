/** What a token with a good signature must say, and what of it is believed. */
import { test } from 'tap'
import type { Clock } from '../../src/core/clock.ts'
import { knownRoles } from '../../src/rules/decide.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { compileText, PRELUDE } from '../rules/policy-text.ts'
import { issuerOf, outcome, signText, startTrust, verifierFor } from './trust.ts'

const NOW_S = 1_800_000_000

test('times are held against the clock with 30 seconds of skew, and a life has an end', async (t) => {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const clock: Clock = { nowMs: () => NOW_S * 1_000, monotonicMs: () => 0 }
  const verifier = verifierFor([issuerOf(server.issuer)], clock)
  const verify = async (times: Readonly<Record<string, unknown>>) => {
    const claims = accessClaims(server.issuer, { iat: NOW_S - 60, exp: NOW_S + 300, ...times })
    return outcome(verifier, `Bearer ${await signToken(claims, { key })}`)
  }
  const day = 86_400
  const taken: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { exp: NOW_S - 29 },
    { nbf: NOW_S + 30 },
    { iat: NOW_S + 30 },
    { iat: NOW_S - day + 300 },
    { iat: NOW_S, exp: NOW_S + day },
    { exp: NOW_S + 0.5 },
  ]
  for (const times of taken) t.match(await verify(times), { id: 'agent-1' }, JSON.stringify(times))
  const refused: readonly Readonly<Record<string, unknown>>[] = [
    { exp: NOW_S - 30 },
    { exp: 0 },
    { exp: -1 },
    { exp: undefined },
    { exp: null },
    { exp: String(NOW_S + 300) },
    { exp: [NOW_S + 300] },
    { nbf: NOW_S + 31 },
    { nbf: 'soon' },
    { iat: undefined },
    { iat: null },
    { iat: 'now' },
    { iat: NOW_S + 31 },
    { iat: NOW_S, exp: NOW_S + day + 1 },
    { iat: NOW_S + 10 * day, exp: NOW_S + 10 * day + 300 },
    { iat: 1e300, exp: 1e300 },
    { iat: -1e300, exp: NOW_S + 1 },
  ]
  for (const times of refused) t.equal(await verify(times), 'token-invalid', JSON.stringify(times))
})

test('issuer, audience, subject and type must be exactly right', async (t) => {
  const { server, key, verifier } = await startTrust(t)
  const verify = async (claims: object, header: object = {}) => {
    const token = await signToken(accessClaims(server.issuer, { ...claims }), {
      key,
      header: { ...header },
    })
    return outcome(verifier, `Bearer ${token}`)
  }
  const { issuer } = server
  const wrong: readonly object[] = [
    { iss: 'https://evil.example' },
    { iss: `${issuer}/` },
    { iss: issuer.toUpperCase() },
    { iss: [issuer] },
    { iss: '__proto__' },
    { iss: '' },
    { iss: undefined },
    { aud: 'Celosia' },
    { aud: 'celosia ' },
    { aud: ['other'] },
    { aud: [] },
    { aud: [['celosia']] },
    { aud: { celosia: true } },
    { aud: null },
    { aud: undefined },
    { sub: undefined },
    { sub: '' },
    { sub: null },
    { sub: 7 },
    { sub: true },
    { sub: ['agent-1'] },
    { sub: { id: 'agent-1' } },
    { sub: 'x'.repeat(513) },
  ]
  for (const claims of wrong) {
    const name = JSON.stringify(claims).slice(0, 60)
    t.equal(await verify(claims), 'token-invalid', name)
  }
  t.match(await verify({ aud: ['other', 'celosia'] }), { id: 'agent-1' }, 'one of several')
  t.match(await verify({ sub: 'x'.repeat(512) }), { id: 'x'.repeat(512) }, 'a long subject')
  for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt'])
    t.match(await verify({}, { typ }), { id: 'agent-1' }, `type ${typ}`)
  for (const typ of ['id+jwt', 'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'JOSE', '', null, 1, []])
    t.equal(await verify({}, { typ }), 'token-invalid', `type ${JSON.stringify(typ)}`)
})

test('the session is sid, else jti, else none', async (t) => {
  const { server, key, verifier } = await startTrust(t)
  const session = async (claims: object) => {
    const token = await signToken(accessClaims(server.issuer, { ...claims }), { key })
    const subject = await outcome(verifier, `Bearer ${token}`)
    return typeof subject === 'string' ? subject : subject.session
  }
  t.equal(await session({ sid: 's', jti: 'j' }), 's')
  t.equal(await session({ jti: 'j' }), 'j')
  t.equal(await session({ jti: undefined }), undefined)
  t.equal(await session({ sid: 7, jti: 'j' }), 'j')
  t.equal(await session({ sid: '', jti: ['j'] }), undefined)
  t.equal(await session({ sid: 'x'.repeat(513), jti: 'j' }), 'j')
})

test('payloads that are no claims, or could be read in two ways, give no access', async (t) => {
  const { server, key, verifier } = await startTrust(t)
  const good = JSON.stringify(accessClaims(server.issuer))
  const verify = async (text: string | Uint8Array) =>
    outcome(verifier, `Bearer ${await signText(text, key)}`)
  const none = ['null', '[]', '7', '"x"', 'true', '{', `${good}{}`, `\uFEFF${good}`, `//x\n${good}`]
  for (const text of none) t.equal(await verify(text), 'token-invalid', encodeURIComponent(text))
  const notUtf8 = Buffer.concat([
    Buffer.from(good.slice(0, -1)),
    Buffer.from(',"x":"\xff"}', 'latin1'),
  ])
  t.equal(await verify(notUtf8), 'token-invalid', 'not UTF-8')
  t.match(await verify(` ${good}\n`), { claimedRoles: { names: ['agent'] } }, 'white space is JSON')
  const inside = (more: string) => `${good.slice(0, -1)},${more}}`
  for (const more of [
    '"realm_access":{"roles":["admin"]}',
    '"realm_\\u0061ccess":{"roles":["admin"]}',
    '"sub":"agent-1"',
    '"exp":9999999999',
    '"iss":"https://evil.example"',
    `"iss":"${server.issuer}"`,
    '"x":[{"a":1,"a":2}]',
    '"__proto__":{},"__proto__":{}',
  ]) {
    t.equal(await verify(inside(more)), 'token-invalid', `a name twice: ${more}`)
  }
  t.match(await verify(inside('"__proto__":{"roles":["admin"]}')), {
    claimedRoles: { names: ['agent'] },
  })
})

test('names that the policy does not know count for nothing', (t) => {
  const policy = compileText(`${PRELUDE}classes: {}\nroles: { agent: {}, admin: {} }\nroutes: []\n`)
  t.same(knownRoles(policy, ['admin', 'agent', 'admin']), ['admin', 'agent'], 'sorted, each once')
  t.same(knownRoles(policy, ['Admin', 'admin\u200b', 'admin ', 'agent admin', '__proto__', '']), [])
  t.same(knownRoles(policy, ['root', 'agent']), ['agent'])
  t.same(knownRoles(policy, []), [])
  t.end()
})
