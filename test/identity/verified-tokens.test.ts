/** A signature that was verified a moment ago is not verified again; everything else about the token is. */
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Clock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import { createIssuerKeys } from '../../src/identity/issuer-keys.ts'
import type { IssuerKeys } from '../../src/identity/issuer-keys.ts'
import { REMOTE_KEY_TIMES } from '../../src/identity/key-source.ts'
import { createTokenVerifier } from '../../src/identity/token-verifier.ts'
import {
  createVerifiedTokens,
  VERIFIED_MAX,
  VERIFIED_MS,
} from '../../src/identity/verified-tokens.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { issuerOf, outcome } from './trust.ts'

const { freshMs, keptMs, refreshMs } = REMOTE_KEY_TIMES

interface Stage {
  /** What comes of a token. */
  readonly ask: (token: string) => ReturnType<typeof outcome>
  readonly sign: (claims?: Readonly<Record<string, unknown>>) => Promise<string>
  /** How often a key was asked for, which each verification of a signature does. */
  readonly verified: () => number
  /** Puts both clocks forward. */
  readonly later: (ms: number) => void
  readonly server: Awaited<ReturnType<typeof startJwksServer>>
}

async function stage(t: Test): Promise<Stage> {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  // Longer than any keys hold, so that it is the keys that end a token.
  const exp = Math.floor(systemClock.nowMs() / 1_000) + 86_000
  let ahead = 0
  let asked = 0
  const clock: Clock = {
    nowMs: () => systemClock.nowMs() + ahead,
    monotonicMs: () => systemClock.monotonicMs() + ahead,
  }
  const real = createIssuerKeys(clock)
  const keys: IssuerKeys = {
    ...real,
    of: (owner) => {
      const source = real.of(owner)
      const keyFor: typeof source.keyFor = (...question) => {
        asked += 1
        return source.keyFor(...question)
      }
      return { ...source, keyFor }
    },
  }
  const policy = {
    issuers: [issuerOf(server.issuer)],
    assurance: new Map(),
    training: undefined,
    dpop: undefined,
  }
  const verifier = createTokenVerifier({ policy, keys, clock })
  await verifier.prepare()
  return {
    server,
    ask: (token) => outcome(verifier, `Bearer ${token}`),
    sign: (claims = {}) => signToken(accessClaims(server.issuer, { exp, ...claims }), { key }),
    verified: () => asked,
    later: (ms) => void (ahead += ms),
  }
}

test('the same token is verified once in 30 seconds', async (t) => {
  const { ask, sign, verified, later } = await stage(t)
  const [token, other] = [await sign(), await sign({ sub: 'agent-2' })]
  const subject = await ask(token)
  t.match(subject, { id: 'agent-1', claimedRoles: { names: ['agent'] } })
  for (let round = 0; round < 5; round += 1) t.same(await ask(token), subject)
  t.equal(verified(), 1)
  t.match(await ask(other), { id: 'agent-2' })
  t.equal(verified(), 2, 'another token by itself')
  later(VERIFIED_MS)
  t.same(await ask(token), subject)
  t.equal(verified(), 3)
})

test('a token like one that was verified is not that one', async (t) => {
  const { ask, sign } = await stage(t)
  const token = await sign()
  t.match(await ask(token), { id: 'agent-1' })
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const raised = { ...claims, realm_access: { roles: ['lead'] } }
  const last = signature.at(-1) === 'A' ? 'Q' : 'A'
  const alike = [
    `${header}.${Buffer.from(JSON.stringify(raised)).toString('base64url')}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -1)}${last}`,
    `${header}.${payload}.${signature.slice(0, -2)}AA`,
    `${token}=`,
    `${token}.`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`,
  ]
  for (const text of alike) t.equal(await ask(text), 'token-invalid', text.slice(-12))
  t.match(await ask(token), { id: 'agent-1' })
})

test('a token that failed is not remembered, and does not take the place of one', async (t) => {
  const { ask, sign, verified } = await stage(t)
  const stranger = await makeKey('ES256')
  const good = await sign()
  const forged = await signToken(accessClaims('https://evil.example'), { key: stranger })
  for (let round = 0; round < 3; round += 1) {
    t.equal(await ask(forged), 'token-invalid')
    t.match(await ask(good), { id: 'agent-1' })
  }
  t.equal(verified(), 1)
})

test('a token that has expired is refused at once', async (t) => {
  const { ask, sign, later } = await stage(t)
  const iat = Math.floor(systemClock.nowMs() / 1_000)
  const token = await sign({ iat, exp: iat - 20 })
  t.match(await ask(token), { id: 'agent-1' }, 'within the tolerated difference of clocks')
  later(12_000)
  t.equal(await ask(token), 'token-invalid')
})

test('a token of a key that the issuer has dropped is refused at once', async (t) => {
  const { ask, sign, server, later } = await stage(t)
  const token = await sign()
  t.match(await ask(token), { id: 'agent-1' })
  server.setKeys([await makeKey('ES256')])
  // As old as keys may be: the next use waits for new ones.
  later(freshMs)
  t.match(await sign().then(ask), 'token-invalid', 'the key is gone')
  t.equal(await ask(token), 'token-invalid')
})

test('keys that were fetched in the background count for what is remembered, too', async (t) => {
  const { ask, sign, server, later, verified } = await stage(t)
  later(refreshMs - VERIFIED_MS / 2)
  const token = await sign()
  t.match(await ask(token), { id: 'agent-1' })
  server.setKeys([await makeKey('ES256')])
  later(VERIFIED_MS / 2)
  t.match(await ask(token), { id: 'agent-1' }, 'this use begins the fetch, and does not wait')
  t.equal(verified(), 1)
  while (typeof (await ask(token)) !== 'string') await setTimeout(5)
  t.equal(await ask(token), 'token-invalid')
})

test('where keys are too old to be believed no token is', async (t) => {
  const { ask, sign, server, later } = await stage(t)
  await server.setMode('error')
  later(keptMs - VERIFIED_MS / 2)
  const token = await sign()
  t.match(await ask(token), { id: 'agent-1' }, 'while the last good ones hold')
  later(VERIFIED_MS / 2)
  t.equal(await ask(token), 'issuer-unavailable')
})

test('so many tokens are remembered and no more', (t) => {
  const tokens = createVerifiedTokens<string>({ nowMs: () => 0, monotonicMs: () => 0 })
  const parsed = (token: string) => ({
    token,
    header: {},
    payload: Buffer.alloc(0),
    claims: {},
  })
  const keySet = { names: () => false, find: () => Promise.resolve(undefined) }
  const remember = (token: string) =>
    tokens.remember({ parsed: parsed(token), owner: token, keySet })
  for (let number = 0; number <= VERIFIED_MAX; number += 1) remember(`t${number}`)
  t.equal(tokens.find('t0'), undefined, 'the first one is forgotten')
  t.equal(tokens.find('t1')?.owner, 't1')
  remember('t1')
  remember('new')
  t.equal(tokens.find('t1')?.owner, 't1', 'verified again, it is a new one')
  t.equal(tokens.find('t2'), undefined)
  t.end()
})
