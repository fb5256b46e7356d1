/** Section I of the threat model where the policy asks for more than a role: what was revoked stays out, in every spelling. */
import { CompactSign } from 'jose'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { accessClaims, forgeToken, tokenParts } from '../helpers/keys.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
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
import { withMaskedErrors } from './error-rows.ts'
import { bearer, USER } from './token-rows.ts'

/** Order of the group of P-256 (SEC 2, 2.4.2). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

test('section I: revoked tokens and forged logouts', async (t) => {
  const world = await startWorld(t, { change: withRevocation })
  const rows = [...(await revokedRows(world)), ...(await logoutRows(world))]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

test('section I: training that is overdue, also where the upstream answers with an error', async (t) => {
  const world = await startWorld(t, { change: withMaskedErrors })
  const email = world.canaries.make('email', 'user.email')
  const token = await world.token({
    roles: ['lead'],
    claims: { privacy_training_at: '2020-01-15' },
  })
  const tally = await runAttacks(t, world, [
    {
      id: 'I103',
      name: 'an error that names somebody',
      send: get(USER, bearer(token)),
      answer: jsonAnswer({ error: `${email} is taken`, email }, { status: 422 }),
      expect: [{ reason: 'upstream-error', status: 422, masked: true }],
      check: (row, { body }) => {
        row.notOk(body.includes(email))
      },
    },
  ])
  summarize(t, tally)
})

function withRevocation(policy: PolicyDocument): PolicyDocument {
  const { identity } = policy
  const issuers = identity.issuers.map((issuer) => ({ ...issuer, logout: { audience: 'desk' } }))
  return { ...policy, identity: { ...identity, issuers, revocation: {} } }
}

async function revoke({ gateway }: World, kind: string, value: string): Promise<void> {
  const store = ['--config', gateway.policyFile, '--journal', gateway.journal]
  const { code, stderr } = await runHere(['revoke', `--${kind}`, value, ...store], {
    env: gateway.environment,
  })
  if (code !== 0) throw new Error(stderr)
}

/** I97, I103: what was revoked is refused by its name, whatever the text of the token. */
async function revokedRows(world: World): Promise<Attack[]> {
  const claims = { jti: 'j-1', sid: 's-1', sub: 'ann' }
  const [byToken, bySession, bySubject, other] = [
    await world.token({ claims: { ...claims, sid: 's-2', sub: 'bob' } }),
    await world.token({ claims: { ...claims, jti: 'j-2', sub: 'bob' } }),
    await world.token({ claims: { ...claims, jti: 'j-2', sid: 's-2' } }),
    await world.token({ claims: { jti: 'j-3', sid: 's-3', sub: 'bob' } }),
  ]
  // Each has been used, so that its signature need not be verified again.
  for (const token of [byToken, bySession, bySubject]) {
    const { status } = await request(world.gateway.port, { path: USER, token })
    if (status === 401) throw new Error('a token is refused before it is revoked')
  }
  for (const [kind, value] of [
    ['token', 'j-1'],
    ['session', 's-1'],
    ['subject', 'ann'],
  ] as const)
    await revoke(world, kind, value)
  const later = await world.token({
    claims: { ...claims, jti: 'j-4', sid: 's-4', iat: Math.floor(Date.now() / 1_000) + 25 },
  })
  // It holds within two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const revoked: Readonly<Record<string, string>> = {
    'a revoked token': byToken,
    'the other signature of a revoked token': twin(byToken),
    'a token of a session that ended': bySession,
    'a token of somebody who was put out': bySubject,
    'a token of theirs from the future, as far as clocks may differ': later,
  }
  return [
    ...Object.entries(revoked).map(([name, token]): Attack => ({
      id: 'I103',
      name,
      send: get(USER, bearer(token)),
      expect: ['token-revoked'],
    })),
    {
      id: 'I97',
      name: 'another spelling of a revoked token',
      send: get(USER, bearer(`${byToken}=`)),
      expect: ['token-invalid'],
      closed: true,
    },
    { id: 'I103', name: 'somebody else', send: get(USER, bearer(other)), expect: ['permit'] },
  ]
}

// (r, n - s) is as good a signature as (r, s).
function twin(token: string): string {
  const [header, payload, signature] = tokenParts(token)
  const s = P256_ORDER - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
  return forgeToken(header, payload, Buffer.concat([signature.subarray(0, 32), other]))
}

/** I103: nobody but the issuer logs anybody out. */
async function logoutRows({ issuer, key, token }: World): Promise<Attack[]> {
  const claims = {
    ...accessClaims(issuer.issuer, { aud: 'desk', sid: 's-9', sub: 'eve' }),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  const sign = (more: object, typ = 'logout+jwt') =>
    new CompactSign(Buffer.from(JSON.stringify({ ...claims, ...more })))
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ })
      .sign(key.signingKey)
  const good = await sign({})
  const [header, payload] = tokenParts(good)
  const tokens: Readonly<Record<string, string>> = {
    'a logout with a signature of zeros': forgeToken(header, payload, new Uint8Array(64)),
    'a logout without a signature': forgeToken(header.replace('ES256', 'none'), payload),
    'an access token as a logout': await token(),
    'an ID token as a logout': await sign({ nonce: 'n' }, 'JWT'),
    'a logout for somebody else': await sign({ aud: 'other' }),
    'a logout that names nobody': await sign({ sid: undefined, sub: undefined }),
  }
  const form = (body: string, ...lines: readonly string[]) =>
    rawRequest(
      'POST /celosia/backchannel-logout HTTP/1.1',
      [
        'Host: a',
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
        ...lines,
      ],
      body,
    )
  const eve = await token({ claims: { sid: 's-9', sub: 'eve' } })
  return [
    ...Object.entries(tokens).map(([name, value]): Attack => ({
      id: 'I103',
      name,
      send: form(`logout_token=${value}`),
      expect: ['logout-token-invalid'],
      closed: true,
    })),
    {
      id: 'I103',
      name: 'after all of them the session goes on',
      send: get(USER, bearer(eve)),
      expect: ['permit'],
    },
    {
      id: 'I94',
      name: 'an access token where a logout token belongs',
      send: form('x=1', bearer(eve)),
      expect: ['logout-token-invalid'],
      closed: true,
    },
    {
      id: 'B18',
      name: 'a logout with two lengths',
      send: form(`logout_token=${good}`, 'Content-Length: 1'),
      expect: [400],
      closed: true,
    },
  ]
}
