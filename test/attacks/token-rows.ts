/** Tokens that are none, and roles that are none. */
import { CompactSign } from 'jose'
import { accessClaims, forgeToken, makeKey, signToken, tokenParts } from '../helpers/keys.ts'
import type { World } from '../helpers/world.ts'
import { get, type Attack } from './attack-table.ts'

/** The route that they ask for. */
export const USER = '/api/v2/users/7'

/** The header line of a token. */
export function bearer(token: string): string {
  return `Authorization: Bearer ${token}`
}

/** I95 to I98: forms of one token; the unit tests of identity/ have the rest. */
export async function tokenRows({ issuer, key }: World, token: string): Promise<Attack[]> {
  const claims = accessClaims(issuer.issuer)
  const [header, payload, signature] = tokenParts(token)
  const other = await makeKey('ES256')
  const secret = await makeKey('HS256')
  const headerWith = (more: Readonly<Record<string, unknown>>) =>
    JSON.stringify({ ...(JSON.parse(header) as object), ...more })
  const signed = (overrides: Readonly<Record<string, unknown>>) =>
    signToken(accessClaims(issuer.issuer, overrides), { key })
  const publicAsSecret = {
    ...secret,
    signingKey: Buffer.from(JSON.stringify(key.publicJwk)),
    kid: key.kid,
  }
  const nowS = Math.floor((claims['iat'] as number) ?? 0)
  const tokens: Readonly<Record<string, string>> = {
    'no algorithm': forgeToken(headerWith({ alg: 'none' }), payload),
    'no algorithm, in other case': forgeToken(headerWith({ alg: 'nOnE' }), payload, signature),
    'no signature': `${token.split('.').slice(0, 2).join('.')}.`,
    'the public key as secret': await signToken(claims, { key: publicAsSecret }),
    'a key of somebody else under the same id': await signToken(claims, {
      key: { ...other, kid: key.kid },
    }),
    'an embedded key': await signToken(claims, {
      key: other,
      header: { kid: key.kid, jwk: other.publicJwk },
    }),
    'a key by URL': await signToken(claims, { key, header: { jku: 'http://127.0.0.1:9/jwks' } }),
    'a certificate': await signToken(claims, { key, header: { x5c: ['AAAA'] } }),
    'a key id that is a path': forgeToken(
      headerWith({ kid: '../../dev/null' }),
      payload,
      signature,
    ),
    'an empty key id': forgeToken(headerWith({ kid: '' }), payload, signature),
    'a signature of zeros': forgeToken(header, payload, new Uint8Array(64)),
    padding: token.replace('.', '=.'),
    'another payload': forgeToken(header, payload.replace('agent-1', 'agent-2'), signature),
    expired: await signed({ iat: nowS - 7_200, exp: nowS - 3_600 }),
    'without end': await signed({ exp: undefined }),
    'too long a life': await signed({ exp: nowS + 400_000 }),
    'another audience': await signed({ aud: 'other' }),
    'another issuer': await signed({ iss: 'http://127.0.0.1:9' }),
    'no subject': await signed({ sub: undefined }),
    'not yet': await signed({ nbf: nowS + 3_600 }),
    'a claim twice': await signedText(
      key,
      `${JSON.stringify(claims).slice(0, -1)},"realm_access":{"roles":["lead"]}}`,
    ),
    'an id token': await signToken(claims, { key, header: { typ: 'id+jwt' } }),
    'five parts': `${token}.x.y`,
    'a bomb': `${'a'.repeat(8_000)}.b.c`,
  }
  return Object.entries(tokens).map(([name, value]) => ({
    id: 'I95',
    name,
    send: get(USER, bearer(value)),
    expect: ['token-invalid'],
    closed: true,
  }))
}

function signedText({ alg, kid, signingKey }: World['key'], claims: string): Promise<string> {
  const header = { alg, kid, typ: 'at+jwt' }
  return new CompactSign(Buffer.from(claims)).setProtectedHeader(header).sign(signingKey)
}

/** I101: roles are a list of strings, and only known ones count. */
export async function roleRows({ token }: World): Promise<Attack[]> {
  const withRoles = (roles: unknown) => token({ claims: { realm_access: { roles } } })
  const refused: readonly (readonly [
    name: string,
    roles: unknown,
    reason: 'role-unknown' | 'roles-malformed',
  ])[] = [
    ['an unknown role', ['admin'], 'role-unknown'],
    ['other case', ['Agent'], 'role-unknown'],
    ['an invisible character', ['agent\u200b'], 'role-unknown'],
    ['two in one', ['agent lead'], 'role-unknown'],
    ['none', [], 'role-unknown'],
    ['a key of the language', ['__proto__', 'constructor'], 'role-unknown'],
    ['numbers', [1], 'roles-malformed'],
    ['a list in the list', [['agent']], 'roles-malformed'],
    ['one malformed beside a good one', ['agent', { admin: true }], 'roles-malformed'],
    ['text for a list', 'agent', 'roles-malformed'],
    ['flags for a list', { agent: true }, 'roles-malformed'],
    ['names under names', { x: 'agent' }, 'roles-malformed'],
    ['a thousand and one', Array(1_001).fill('r'), 'roles-malformed'],
  ]
  const attacks = refused.map(async ([name, roles, reason]): Promise<Attack> => {
    return { id: 'I101', name, send: get(USER, bearer(await withRoles(roles))), expect: [reason] }
  })
  return [
    ...(await Promise.all(attacks)),
    {
      id: 'I101',
      name: 'an unknown one beside a known one counts for nothing',
      send: get(USER, bearer(await withRoles(['admin', 'agent']))),
      expect: ['permit'],
    },
  ]
}
