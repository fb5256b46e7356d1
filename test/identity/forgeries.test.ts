/** Tokens that nobody should believe: their form, their header, their signature. None of them causes a request. */
import { createHmac, KeyObject, sign } from 'node:crypto'
import { exportSPKI, importJWK } from 'jose'
import type { CryptoKey } from 'jose'
import { test } from 'tap'
import type { Test } from 'tap'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, forgeToken, makeKey, signToken, tokenParts } from '../helpers/keys.ts'
import type { TestKey } from '../helpers/keys.ts'
import { outcome, startTrust } from './trust.ts'
import type { Trust } from './trust.ts'

/** Order of the group of P-256 (SEC 2, 2.4.2). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Holds each token against the verifier, and the issuer's server against being asked again. */
async function refusesAll(
  t: Test,
  { server, verifier }: Trust,
  tokens: Readonly<Record<string, string>>,
): Promise<void> {
  const before = server.count()
  for (const [name, token] of Object.entries(tokens)) {
    t.equal(await outcome(verifier, `Bearer ${token}`), 'token-invalid', name)
  }
  t.equal(server.count(), before, 'nobody was asked for keys')
}

test('a good token is taken, by the scheme in any case', async (t) => {
  const { server, key, verifier } = await startTrust(t)
  const token = await signToken(accessClaims(server.issuer, { sid: 's-1' }), { key })
  const expected = {
    id: 'agent-1',
    issuer: server.issuer,
    claimedRoles: { names: ['agent'] },
    session: 's-1',
    assurance: new Set(),
    trained: true,
  }
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    t.match(
      await outcome(verifier, `${scheme} ${token}`),
      { ...expected, sid: 's-1', jti: String, issuedS: Number },
      scheme,
    )
  }
  t.equal(server.count(), 1, 'the keys were fetched once, before the first token')
})

test('without one bearer token there is no subject', async (t) => {
  const { server, key, verifier } = await startTrust(t)
  const token = await signToken(accessClaims(server.issuer), { key })
  const missing = [undefined, '', 'Bearer', 'Bearer ', token, `Basic ${token}`, `Token ${token}`]
  missing.push(`Bearer  ${token}`, ` Bearer ${token}`, `Bearer ${token} `, `Bearer\t${token}`)
  missing.push(`Bearer ${token} ${token}`, `Bearer ${token}, Bearer ${token}`, `DPoP ${token}`)
  for (const [index, value] of missing.entries())
    t.equal(await outcome(verifier, value), 'token-missing', `header ${index}`)
  for (const value of [`Bearer ${token},${token}`, 'Bearer x', 'Bearer ..', 'Bearer null'])
    t.equal(await outcome(verifier, value), 'token-invalid')
})

test('no algorithm but those of the policy is believed', async (t) => {
  const trust = await startTrust(t)
  const { key, server } = trust
  const claims = JSON.stringify(accessClaims(server.issuer))
  const good = await signToken(accessClaims(server.issuer), { key })
  const [, , signature] = tokenParts(good)
  const forged: Record<string, string> = {}
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'es256', 'ES256 ', 'ES384', 'HS256']) {
    const header = JSON.stringify({ alg, kid: key.kid })
    forged[`alg "${alg}" without signature`] = forgeToken(header, claims)
    forged[`alg "${alg}" with a signature`] = forgeToken(header, claims, signature)
  }
  for (const alg of ['null', '["ES256"]', '{"ES256":1}', '0', 'true'])
    forged[`alg ${alg}`] = forgeToken(`{"alg":${alg},"kid":"${key.kid}"}`, claims, signature)
  forged['no alg'] = forgeToken(`{"kid":"${key.kid}"}`, claims, signature)
  forged['alg twice'] = forgeToken(`{"alg":"ES256","alg":"none"}`, claims, signature)
  await refusesAll(t, trust, forged)
})

test('a public key is no secret for HMAC', async (t) => {
  for (const alg of ['ES256', 'RS256']) {
    const trust = await startTrust(t, alg)
    const { key, server } = trust
    const publicKey = (await importJWK(key.publicJwk, alg, { extractable: true })) as CryptoKey
    const pem = await exportSPKI(publicKey)
    const secrets: Readonly<Record<string, string | Buffer>> = {
      PEM: pem,
      'PEM with a line break': `${pem}\n`,
      DER: KeyObject.from(publicKey).export({ type: 'spki', format: 'der' }),
      JWK: JSON.stringify(key.publicJwk),
      'the empty key': '',
    }
    const claims = JSON.stringify(accessClaims(server.issuer))
    const forged = Object.entries(secrets).flatMap(([name, secret]) =>
      ['sha256', 'sha384', 'sha512'].map((hash): [string, string] => {
        const header = JSON.stringify({ alg: `HS${hash.slice(3)}`, kid: key.kid })
        const input = forgeToken(header, claims).slice(0, -1)
        const mac = createHmac(hash, secret).update(input).digest()
        return [`${alg}: ${name}, ${hash}`, forgeToken(header, claims, mac)]
      }),
    )
    await refusesAll(t, trust, Object.fromEntries(forged))
  }
})

test('an RSA key signs by the algorithm that it is published for, also where the policy knows both', async (t) => {
  for (const algorithms of [['RS256'], ['RS256', 'PS256']]) {
    const trust = await startTrust(t, 'RS256', { algorithms })
    const { key, server } = trust
    const header = JSON.stringify({ alg: 'PS256', kid: key.kid, typ: 'at+jwt' })
    const claims = JSON.stringify(accessClaims(server.issuer))
    const input = Buffer.from(forgeToken(header, claims).slice(0, -1))
    const signature = sign('sha256', input, {
      key: KeyObject.from(key.signingKey as CryptoKey),
      padding: 6,
      saltLength: 32,
    })
    const forged = { [`PS256 for ${algorithms.join()}`]: forgeToken(header, claims, signature) }
    await refusesAll(t, trust, forged)
  }
})

test('a header that brings or names its own key is refused, and nobody is asked for it', async (t) => {
  const trust = await startTrust(t)
  const attacker = await makeKey('ES256')
  const evil = await startJwksServer(t, [attacker])
  const claims = accessClaims(trust.server.issuer)
  const headers: Readonly<Record<string, Record<string, unknown>>> = {
    jwk: { jwk: attacker.publicJwk },
    'jwk and the kid of the issuer': { jwk: attacker.publicJwk, kid: trust.key.kid },
    'jwk null': { jwk: null },
    jku: { jku: evil.jwksUrl },
    'jku of the issuer': { jku: trust.server.jwksUrl, kid: trust.key.kid },
    x5u: { x5u: `${evil.issuer}/cert.pem` },
    x5c: { x5c: ['MIIB'] },
    'an unknown crit': { crit: ['odd'], odd: 1 },
    'an unencoded payload': { crit: ['b64'], b64: true },
    zip: { zip: 'DEF' },
    p2c: { p2c: 1_000_000_000, p2s: 'c2FsdA' },
    enc: { enc: 'A256GCM' },
    'the kid of the issuer only': { kid: trust.key.kid },
  }
  const tokens: Record<string, string> = {}
  for (const [name, header] of Object.entries(headers)) {
    tokens[`${name}, signed by the attacker`] = await signToken(claims, { key: attacker, header })
    if (name.startsWith('the kid')) continue
    const itself = { kid: trust.key.kid, ...header }
    tokens[`${name}, signed by the issuer`] = await signToken(claims, {
      key: trust.key,
      header: itself,
    })
  }
  await refusesAll(t, trust, tokens)
  t.equal(evil.count() + evil.count('/.well-known/openid-configuration'), 0, 'nor the attacker')
})

test('a key id that is a path, a query or no text is refused', async (t) => {
  const trust = await startTrust(t)
  const claims = accessClaims(trust.server.issuer)
  const kids = ['../../dev/null', '..', '/etc/../passwd', "' OR 1=1 --", 'https://evil.example/k']
  kids.push('', ' ', 'a b', 'a\u0000', 'a\nb', '$(id)', '`id`', 'é', 'x'.repeat(257), 'a|b', '%2e')
  const tokens: Record<string, string> = {}
  for (const [index, kid] of kids.entries())
    tokens[`kid ${index}`] = await signToken(claims, { key: trust.key, header: { kid } })
  for (const kid of [null, 7, true, [trust.key.kid], { kid: 'x' }])
    tokens[`kid ${JSON.stringify(kid)}`] = await signToken(claims, {
      key: trust.key,
      header: { kid },
    })
  await refusesAll(t, trust, tokens)
  const without = await signToken(claims, { key: trust.key, header: { kid: undefined } })
  t.match(await outcome(trust.verifier, `Bearer ${without}`), { id: 'agent-1' }, 'one key, no kid')
})

test('of one token only its one spelling is taken', async (t) => {
  const trust = await startTrust(t)
  const token = await signToken(accessClaims(trust.server.issuer), { key: trust.key })
  const [header = '', payload = '', signature = ''] = token.split('.')
  const lastBits = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    .map((last) => signature.slice(0, -1) + last)
    .filter((other) => other !== signature)
  t.equal(lastBits.length, 63)
  const same = lastBits.filter((other) =>
    Buffer.from(other, 'base64url').equals(Buffer.from(signature, 'base64url')),
  )
  t.equal(same.length, 15, 'texts that a lenient decoder takes for the same signature')
  const variants: Record<string, string> = {
    'padded signature': `${token}==`,
    'padded by one': `${token}=`,
    'padded header': `${header}=.${payload}.${signature}`,
    'padded payload': `${header}.${payload}=.${signature}`,
    'a dot at the end': `${token}.`,
    'a dot at the start': `.${token}`,
    'percent-encoded': `${header}%2E${payload}.${signature}`,
    'a comma in the signature': `${header}.${payload}.${signature.slice(0, 20)},${signature.slice(20)}`,
    'the alphabet of base64': `${header}.${payload}.+/${signature.slice(2)}`,
    'header in other case': `${header.toLowerCase()}.${payload}.${signature}`,
    'changed payload': `${header}.${payload.slice(0, -4)}fQ==.${signature}`,
  }
  for (const [index, other] of lastBits.entries())
    variants[`last character ${index}`] = `${header}.${payload}.${other}`
  await refusesAll(t, trust, variants)
  for (const space of [' ', '\n', '\t', '\u00a0', '\u200b']) {
    const spaced = `${header}.${payload}.${signature.slice(0, 9)}${space}${signature.slice(9)}`
    t.match(await outcome(trust.verifier, `Bearer ${spaced}`), /^token-/, 'white space')
  }
})

test('signatures that are none are refused', async (t) => {
  const trust = await startTrust(t)
  const claims = accessClaims(trust.server.issuer)
  const token = await signToken(claims, { key: trust.key })
  const [header, payload, signature] = tokenParts(token)
  const order = Buffer.from(P256_ORDER.toString(16), 'hex')
  const key = KeyObject.from(trust.key.signingKey as CryptoKey)
  const input = Buffer.from(token.slice(0, token.lastIndexOf('.')))
  const with64 = (r: Buffer, s: Buffer) => forgeToken(header, payload, Buffer.concat([r, s]))
  const zero = Buffer.alloc(32)
  const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])])
  await refusesAll(t, trust, {
    'r = s = 0': with64(zero, zero),
    'r = 0, s = 1': with64(zero, one),
    'r = 1, s = 1': with64(one, one),
    'r = s = n': with64(order, order),
    'all bits': forgeToken(header, payload, Buffer.alloc(64, 0xff)),
    none: forgeToken(header, payload),
    'one byte': forgeToken(header, payload, Buffer.from([0])),
    'cut off': forgeToken(header, payload, signature.subarray(0, 63)),
    'too long': forgeToken(header, payload, Buffer.concat([signature, Buffer.from([0])])),
    'r and s changed round': with64(signature.subarray(32), signature.subarray(0, 32)),
    DER: forgeToken(header, payload, sign('sha256', input, { key, dsaEncoding: 'der' })),
    'of other claims': forgeToken(header, JSON.stringify({ ...claims, sub: 'agent-2' }), signature),
    'of another header': forgeToken(header.replace('at+jwt', 'JWT'), payload, signature),
    'by another key': await signToken(claims, { key: await sameId(trust.key) }),
  })
})

test('the other of the two signatures that ECDSA has for one token names the same subject', async (t) => {
  const { server, key, verifier } = await startTrust(t)
  const token = await signToken(accessClaims(server.issuer), { key })
  const [header, payload, signature] = tokenParts(token)
  const s = P256_ORDER - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
  const twin = forgeToken(header, payload, Buffer.concat([signature.subarray(0, 32), other]))
  t.not(twin, token)
  t.same(
    await outcome(verifier, `Bearer ${twin}`),
    await outcome(verifier, `Bearer ${token}`),
    'so nothing may ever be keyed by the text of a token',
  )
})

test('what is no compact JWS of three parts, or too long, is refused with constant work', async (t) => {
  const trust = await startTrust(t)
  const claims = accessClaims(trust.server.issuer)
  const token = await signToken(claims, { key: trust.key })
  const [header = '', payload = '', signature = ''] = token.split('.')
  const long = await signToken({ ...claims, x: 'x'.repeat(8_192) }, { key: trust.key })
  const jwe = JSON.stringify({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 1e9, p2s: 'c2Fs' })
  const startMs = performance.now()
  await refusesAll(t, trust, {
    'two parts': `${header}.${payload}`,
    'four parts': `${token}.${signature}`,
    'five parts, as a JWE has': [jwe, 'x', 'x', 'x', 'x'].map(base64url).join('.'),
    'a JWE of three parts': [jwe, 'x', 'x'].map(base64url).join('.'),
    'a detached payload': `${header}..${signature}`,
    'only dots': '..',
    'a token in a token': [JSON.stringify({ alg: 'ES256', cty: 'JWT' }), token, 'x']
      .map(base64url)
      .join('.'),
    'JSON serialization': JSON.stringify({
      payload,
      signatures: [{ protected: header, signature }],
    }),
    'more than 8 KiB': long,
    '1 MiB': 'a'.repeat(1_048_576),
    '1 MiB of dots': '.'.repeat(1_048_576),
  })
  t.ok(performance.now() - startMs < 1_000)
})

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** Another key that says it is this one. */
async function sameId(key: TestKey): Promise<TestKey> {
  return { ...(await makeKey(key.alg)), kid: key.kid }
}
