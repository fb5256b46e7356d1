/** Section I of the threat model where tokens are bound to keys: who has stolen the token, or a proof, has nothing. */
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { forgeToken, makeKey, tokenParts, type TestKey } from '../helpers/keys.ts'
import { bareKey, boundTo, makeProof, type ProofOptions } from '../helpers/proofs.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'
import { bearer, USER } from './token-rows.ts'

const ORIGIN = 'https://gateway.example.com'

test('section I: stolen tokens and proofs', async (t) => {
  const world = await startWorld(t, { change: (policy) => withDpop(policy) })
  const key = await makeKey('ES256')
  const token = await world.token({ claims: await boundTo(key) })
  const rows = [
    ...(await tokenRows(world, token)),
    ...(await proofRows(token, key)),
    ...(await replayRows(token, key)),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

test('section I: proofs that were made before', async (t) => {
  const change = (policy: PolicyDocument) => withDpop(policy, { nonce: 'required' })
  const env = { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') }
  const world = await startWorld(t, { change, env })
  const key = await makeKey('ES256')
  const other = await makeKey('ES256')
  const token = await world.token({ claims: await boundTo(key) })
  const ofOther = await world.token({ claims: await boundTo(other) })
  const said: string[] = []
  const learn: Attack['check'] = (t, { answers }) => {
    const nonce = answers[0]?.headers.find(([name]) => name.toLowerCase() === 'dpop-nonce')?.[1]
    t.match(nonce, /^[A-Za-z0-9_-]{80,}$/, 'the answer brings a nonce')
    said.push(nonce ?? '')
  }
  const row = async (name: string, nonce: unknown, outcome: 'permit' | 'proof-nonce-missing') => ({
    id: 'I103',
    name,
    send: get(USER, ...(await shown(token, key, { claims: { nonce } }))),
    expect: [outcome],
    headers: ['dpop-nonce'],
    check: learn,
    ...(outcome === 'proof-nonce-missing' && { closed: true }),
  })
  const first = await runAttacks(t, world, [
    await row('a proof made ahead', undefined, 'proof-nonce-missing'),
    await row('a nonce of the caller', 'x'.repeat(90), 'proof-nonce-missing'),
    {
      ...(await row('a nonce of somebody else', 'n', 'proof-nonce-missing')),
      send: get(USER, ...(await shown(ofOther, other, { claims: { nonce: 'n' } }))),
    },
  ])
  const [own = '', , foreign = ''] = said
  await runAttacks(
    t,
    world,
    [
      await row('the nonce that was given to another key', foreign, 'proof-nonce-missing'),
      await row('a changed nonce', `${own.slice(0, -2)}AA`, 'proof-nonce-missing'),
      await row('the nonce that was given', own, 'permit'),
      await row('the same nonce in another proof', own, 'permit'),
    ],
    first,
  )
  summarize(t, first)
})

function withDpop(policy: PolicyDocument, more: { readonly nonce?: 'required' } = {}) {
  const { identity, keys } = policy
  const cursor = { version: 1, env: 'CELOSIA_CURSOR_KEY' }
  return {
    ...policy,
    identity: { ...identity, dpop: { origins: [ORIGIN], ...more } },
    keys: { ...keys, ...(more.nonce !== undefined && { cursor }) },
  }
}

async function shown(
  token: string,
  key: TestKey,
  options: Partial<ProofOptions> = {},
): Promise<readonly string[]> {
  const proof = await makeProof({ key, token, url: `${ORIGIN}${USER}`, ...options })
  return [`Authorization: DPoP ${token}`, `DPoP: ${proof}`]
}

/** I94, I103: the token by itself. */
async function tokenRows({ token: make }: World, token: string): Promise<Attack[]> {
  const stranger = await makeKey('ES256')
  const plain = await make()
  const rows: readonly (readonly [string, readonly string[], 'token-invalid' | 'proof-invalid'])[] =
    [
      ['a stolen token as a bearer', [bearer(token)], 'token-invalid'],
      ['a stolen token without a proof', [`Authorization: DPoP ${token}`], 'proof-invalid'],
      ['a stolen token and another key', await shown(token, stranger), 'proof-invalid'],
      [
        'a stolen token as a bearer, with a proof',
        [
          bearer(token),
          `DPoP: ${await makeProof({ key: stranger, token, url: `${ORIGIN}${USER}` })}`,
        ],
        'token-invalid',
      ],
      ['a token that is bound to nothing', await shown(plain, stranger), 'token-invalid'],
      [
        'a token that is bound to a certificate',
        [bearer(await make({ claims: { cnf: { 'x5t#S256': 'x' } } }))],
        'token-invalid',
      ],
    ]
  return rows.map(([name, lines, reason]) => ({
    id: 'I103',
    name,
    send: get(USER, ...lines),
    expect: [reason],
    closed: true,
  }))
}

/** I95, I97: forms of a proof; the unit tests of identity/dpop have the rest. */
async function proofRows(token: string, key: TestKey): Promise<Attack[]> {
  const stranger = await makeKey('ES256')
  const nowS = Math.floor(Date.now() / 1_000)
  const good = await makeProof({ key, token, url: `${ORIGIN}${USER}` })
  const [header, payload, signature] = tokenParts(good)
  const by = (proof: string) => [`Authorization: DPoP ${token}`, `DPoP: ${proof}`]
  const rows: Readonly<Record<string, readonly string[]>> = {
    'a proof of another request': await shown(token, key, { url: `${ORIGIN}/api/v2/users/8` }),
    'a proof of another method': await shown(token, key, { method: 'POST' }),
    'a proof of another gateway': await shown(token, key, { url: `https://evil.example${USER}` }),
    'a proof of another token': await shown(token, key, { claims: { ath: 'x' } }),
    'a proof of yesterday': await shown(token, key, { claims: { iat: nowS - 86_400 } }),
    'a proof of tomorrow': await shown(token, key, { claims: { iat: nowS + 86_400 } }),
    'the key of the victim, signed by another': await shown(token, stranger, {
      header: { jwk: bareKey(key) },
    }),
    'a proof without a signature': by(forgeToken(header.replace('ES256', 'none'), payload)),
    'the public key as secret': by(
      forgeToken(header.replace('ES256', 'HS256'), payload, signature),
    ),
    'a proof with padding': by(`${good}=`),
    'two proofs in one': by(`${good}, ${good}`),
  }
  return [
    ...Object.entries(rows).map(([name, lines]): Attack => ({
      id: 'I95',
      name,
      send: get(USER, ...lines),
      expect: ['proof-invalid'],
      closed: true,
    })),
    {
      id: 'I95',
      name: 'two proofs',
      send: get(USER, ...by(good), `DPoP: ${good}`),
      expect: ['header-malformed'],
      closed: true,
    },
    {
      id: 'A15',
      name: 'a host that the caller chooses plays no part',
      send: rawRequest(`GET ${USER} HTTP/1.1`, [
        'Host: evil.example',
        ...(await shown(token, key, { url: `https://evil.example${USER}` })),
      ]),
      expect: ['proof-invalid'],
      closed: true,
    },
  ]
}

/** I103: a proof is good once, in every spelling. */
async function replayRows(token: string, key: TestKey): Promise<Attack[]> {
  const claims = { jti: 'j-1' }
  const lines = await shown(token, key, { claims })
  const again: Attack = {
    id: 'I103',
    name: 'the same proof again',
    send: get(USER, ...lines),
    expect: ['proof-replayed'],
    closed: true,
  }
  return [
    { ...again, name: 'a proof', expect: ['permit'], closed: false },
    again,
    {
      ...again,
      name: 'the same proof, signed once more',
      send: get(USER, ...(await shown(token, key, { claims }))),
    },
    {
      ...again,
      name: 'twice on one connection',
      send: Buffer.concat(
        Array<Buffer>(2).fill(get(USER, ...(await shown(token, key, { claims: { jti: 'j-2' } })))),
      ),
      expect: ['permit', 'proof-replayed'],
    },
    {
      ...again,
      name: 'another proof',
      send: get(USER, ...(await shown(token, key))),
      expect: ['permit'],
      closed: false,
    },
  ]
}
