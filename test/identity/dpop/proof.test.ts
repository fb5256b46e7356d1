/**
 * Proofs of possession, each against what RFC 9449 4.3 asks. The library that checks them for others, oauth4webapi, is asked too:
 * what it refuses is refused here.
 */
import * as oauth from 'oauth4webapi'
import { test } from 'tap'
import type { Test } from 'tap'
import { parseAuthorization } from '../../../src/identity/credential.ts'
import { TokenError } from '../../../src/identity/errors.ts'
import type { TokenVerifier } from '../../../src/identity/token-verifier.ts'
import { createIssuerKeys } from '../../../src/identity/issuer-keys.ts'
import { createTokenVerifier } from '../../../src/identity/token-verifier.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { Issuer } from '../../../src/rules/trust.ts'
import { startJwksServer } from '../../helpers/jwks-server.ts'
import { accessClaims, forgeToken, makeKey, signToken, tokenParts } from '../../helpers/keys.ts'
import type { TestKey } from '../../helpers/keys.ts'
import { bareKey, boundTo, makeProof, tokenHash } from '../../helpers/proofs.ts'
import type { ProofOptions } from '../../helpers/proofs.ts'
import { issuerOf } from '../trust.ts'

const ORIGIN = 'https://gateway.example.com'
const PATH = '/api/v2/users/7'
const URL_OF_IT = `${ORIGIN}${PATH}`

interface Surroundings {
  readonly issuer: string
  readonly verifier: TokenVerifier
  readonly token: string
  readonly bearer: string
  readonly key: TestKey
  readonly sign: (claims: Readonly<Record<string, unknown>>) => Promise<string>
}

async function surroundings(t: Test, overrides: Partial<Issuer> = {}): Promise<Surroundings> {
  const issuerKey = await makeKey('ES256')
  const server = await startJwksServer(t, [issuerKey])
  const dpop = { origins: new Set([ORIGIN]), algorithms: ['ES256', 'EdDSA', 'RS256'], nonce: false }
  const policy = {
    issuers: [issuerOf(server.issuer, overrides)],
    assurance: new Map(),
    training: undefined,
    dpop,
  }
  const keys = createIssuerKeys(systemClock)
  const key = await makeKey('ES256')
  const sign = (claims: Readonly<Record<string, unknown>>) =>
    signToken(accessClaims(server.issuer, { client_id: 'desk', ...claims }), { key: issuerKey })
  return {
    issuer: server.issuer,
    verifier: createTokenVerifier({ policy, keys, clock: systemClock }),
    token: await sign(await boundTo(key)),
    bearer: await sign({}),
    key,
    sign,
  }
}

interface Shown {
  readonly scheme?: string
  readonly token: string
  readonly proof: string | undefined
  readonly method?: string
}

async function ours(
  { verifier }: Surroundings,
  { scheme = 'DPoP', token, proof, method = 'GET' }: Shown,
) {
  try {
    const subject = await verifier.verify(parseAuthorization(`${scheme} ${token}`), {
      method,
      path: PATH,
      proof,
      certificate: undefined,
    })
    return { proof: subject.proof }
  } catch (error) {
    if (error instanceof TokenError) return error.reason
    throw error
  }
}

/** What oauth4webapi says of it: true where it takes it. */
async function theirs({ issuer }: Surroundings, shown: Shown): Promise<boolean> {
  const { scheme = 'DPoP', token, proof, method = 'GET' } = shown
  const headers = new Headers({ authorization: `${scheme} ${token}` })
  if (proof !== undefined) headers.set('dpop', proof)
  try {
    await oauth.validateJwtAccessToken(
      { issuer, jwks_uri: `${issuer}/jwks` },
      new Request(URL_OF_IT, { method, headers }),
      'celosia',
      { [oauth.allowInsecureRequests]: true },
    )
    return true
  } catch {
    return false
  }
}

test('a proof of the right key for the right request', async (t) => {
  const all = await surroundings(t)
  const { token, key } = all
  const { jkt } = (await boundTo(key)).cnf
  const nowS = Math.floor(Date.now() / 1_000)
  const good: Readonly<Record<string, Partial<ProofOptions>>> = {
    plain: {},
    'with a query and a fragment': { url: `${URL_OF_IT}?include=x#y` },
    'with the port that goes without saying': { url: `https://gateway.example.com:443${PATH}` },
    'with the host in other case': { url: `https://Gateway.EXAMPLE.com${PATH}` },
    'half a minute ago': { claims: { iat: nowS - 30 } },
    'with a nonce that nobody asked for': { claims: { nonce: 'n' } },
    'with more claims': { claims: { x: { y: 1 } } },
  }
  for (const [name, options] of Object.entries(good)) {
    const shown = { token, proof: await makeProof({ key, token, url: URL_OF_IT, ...options }) }
    t.match(await ours(all, shown), { proof: { key: jkt } }, name)
    t.equal(await theirs(all, shown), true, `${name}: so says oauth4webapi`)
  }
  for (const alg of ['EdDSA', 'RS256']) {
    const other = await makeKey(alg)
    const bound = await all.sign(await boundTo(other))
    const proof = await makeProof({ key: other, token: bound, url: URL_OF_IT })
    t.type(await ours(all, { token: bound, proof }), 'object', alg)
  }
  const post = { token, method: 'POST' }
  const proof = await makeProof({ key, token, url: URL_OF_IT, method: 'POST' })
  t.type(await ours(all, { ...post, proof }), 'object', 'another method')
})

test('a proof is known by its key and its id, not by its text', async (t) => {
  const all = await surroundings(t)
  const { token, key } = all
  const idOf = async (
    options: Partial<ProofOptions> & { readonly key: TestKey; token: string },
  ) => {
    const shown = { token: options.token, proof: await makeProof({ url: URL_OF_IT, ...options }) }
    const { proof } = (await ours(all, shown)) as { proof: { id: string } }
    return proof.id
  }
  const claims = { jti: 'j-1' }
  const first = await idOf({ key, token, claims })
  t.equal(await idOf({ key, token, claims }), first, 'signed once more')
  t.not(await idOf({ key, token, claims: { jti: 'j-2' } }), first)
  const other = await makeKey('ES256')
  const bound = await all.sign(await boundTo(other))
  t.not(await idOf({ key: other, token: bound, claims }), first, 'the same id of another key')
})

test('proofs that prove nothing', async (t) => {
  const all = await surroundings(t)
  const { token, key } = all
  const nowS = Math.floor(Date.now() / 1_000)
  const [stranger, secret] = [await makeKey('ES256'), await makeKey('HS256')]
  const weak: Readonly<Record<string, Partial<ProofOptions>>> = {
    'another method': { method: 'POST' },
    'a method in other case': { claims: { htm: 'get' } },
    'no method': { claims: { htm: undefined } },
    'another path': { url: `${ORIGIN}/api/v2/users/8` },
    'a path in another spelling': { url: `${ORIGIN}/api/v2/users/7/` },
    'another host': { url: `https://gateway.example.com.evil.example${PATH}` },
    'another port': { url: `https://gateway.example.com:8443${PATH}` },
    'without the lock': { url: `http://gateway.example.com${PATH}` },
    'a name before the host': { url: `https://x@gateway.example.com${PATH}` },
    'no address': { claims: { htu: undefined } },
    'the path alone': { claims: { htu: PATH } },
    'an address that is a list': { claims: { htu: [URL_OF_IT] } },
    'too old': { claims: { iat: nowS - 400 } },
    'from the future': { claims: { iat: nowS + 400 } },
    'no time': { claims: { iat: undefined } },
    'a time as text': { claims: { iat: String(nowS) } },
    'over before it is shown': { claims: { iat: nowS - 95 } },
    'no id': { claims: { jti: undefined } },
    'an empty id': { claims: { jti: '' } },
    'an id that is a number': { claims: { jti: 7 } },
    'no token': { claims: { ath: undefined } },
    'another token': { claims: { ath: tokenHash(all.bearer) } },
    'the hash in another alphabet': {
      claims: { ath: Buffer.from(tokenHash(token), 'base64url').toString('hex') },
    },
    'another key': { key: stranger },
    'the right key shown, another signs': { key: stranger, header: { jwk: bareKey(key) } },
    'the key with its private part': { header: { jwk: key.privateJwk } },
    'no key': { header: { jwk: undefined } },
    'a key by name': { header: { jwk: undefined, kid: key.kid } },
    'a key by address': { header: { jku: 'http://127.0.0.1:9/' } },
    'another type': { header: { typ: 'JWT' } },
    'no type': { header: { typ: undefined } },
    'the type of an access token': { header: { typ: 'at+jwt' } },
    'an extension that must be understood': { header: { crit: ['x'], x: true } },
    'a secret for a key': {
      key: secret,
      header: { jwk: { kty: 'oct', k: Buffer.from('secret').toString('base64url') } },
    },
  }
  for (const [name, options] of Object.entries(weak)) {
    const shown = { token, proof: await makeProof({ key, token, url: URL_OF_IT, ...options }) }
    t.equal(await ours(all, shown), 'proof-invalid', name)
  }
  const good = await makeProof({ key, token, url: URL_OF_IT })
  const [header, payload, signature] = tokenParts(good)
  const texts: Readonly<Record<string, string | undefined>> = {
    none: undefined,
    empty: '',
    'no JWS': 'proof',
    'two in one': `${good}, ${good}`,
    'with padding': `${good}=`,
    'no signature': forgeToken(header, payload),
    'a signature of zeros': forgeToken(header, payload, new Uint8Array(64)),
    'no algorithm': forgeToken(header.replace('ES256', 'none'), payload, signature),
    'the public key as secret': forgeToken(header.replace('ES256', 'HS256'), payload, signature),
    'a claim twice': forgeToken(header, payload.replace('{', '{"htm":"GET",'), signature),
    'the token itself': token,
    'too long': `${'a'.repeat(9_000)}.b.c`,
  }
  for (const [name, proof] of Object.entries(texts))
    t.equal(await ours(all, { token, proof }), 'proof-invalid', name)
})

test('what oauth4webapi refuses is refused', async (t) => {
  const all = await surroundings(t)
  const { token, key } = all
  const nowS = Math.floor(Date.now() / 1_000)
  let refused = 0
  const changes = [
    {},
    { htm: 'POST' },
    { htu: `${ORIGIN}/` },
    { htu: 'x' },
    { iat: nowS - 301 },
    { iat: nowS - 61 },
    { jti: undefined },
    { ath: 'x' },
    { exp: nowS - 100 },
    { nbf: nowS + 100 },
  ]
  for (const claims of changes) {
    for (const header of [{}, { typ: 'JWT' }, { jwk: {} }, { jwk: undefined }, { alg: 'ES384' }]) {
      const shown = {
        token,
        proof: await makeProof({ key, token, url: URL_OF_IT, claims, header }).catch(() => 'none'),
      }
      if (await theirs(all, shown)) continue
      refused += 1
      t.equal(await ours(all, shown), 'proof-invalid', JSON.stringify({ claims, header }))
    }
  }
  t.ok(refused > 30, `it refuses ${refused}`)
})

test('a token and the way it is brought must fit', async (t) => {
  const all = await surroundings(t)
  const { token, bearer, key } = all
  const { cnf } = await boundTo(key)
  const proofFor = (of: string) => makeProof({ key, token: of, url: URL_OF_IT })
  t.equal(await ours(all, { scheme: 'Bearer', token, proof: undefined }), 'token-invalid')
  t.equal(
    await ours(all, { scheme: 'Bearer', token, proof: await proofFor(token) }),
    'token-invalid',
  )
  t.same(await ours(all, { scheme: 'Bearer', token: bearer, proof: undefined }), {
    proof: undefined,
  })
  t.equal(await ours(all, { token: bearer, proof: await proofFor(bearer) }), 'token-invalid')
  for (const other of [
    {},
    null,
    'x',
    [cnf.jkt],
    { jkt: 7 },
    { 'x5t#S256': 'x' },
    { ...cnf, 'x5t#S256': 'x' },
    { jwk: bareKey(key) },
  ]) {
    const odd = await all.sign({ cnf: other })
    const name = JSON.stringify(other)
    t.equal(
      await ours(all, { scheme: 'Bearer', token: odd, proof: undefined }),
      'token-invalid',
      name,
    )
    t.equal(await ours(all, { token: odd, proof: await proofFor(odd) }), 'token-invalid', name)
  }
  const typed = await all.sign({ token_type: 'DPoP' })
  const said = { scheme: 'Bearer', token: typed, proof: undefined }
  t.equal(await ours(all, said), 'token-invalid', 'the issuer says so by its type')
  const strict = await surroundings(t, { dpopRequired: true })
  const plain = { scheme: 'Bearer', token: strict.bearer, proof: undefined }
  t.equal(await ours(strict, plain), 'token-invalid', 'the issuer must bind them')
  const held = await surroundings(t, { certificateBound: 'required' })
  const proof = await makeProof({ key: held.key, token: held.token, url: URL_OF_IT })
  const proven = { token: held.token, proof }
  t.equal(await ours(held, proven), 'token-invalid', 'the issuer must bind them to a certificate')
})
