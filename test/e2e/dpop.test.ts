/**
 * Tokens that are bound to a key (RFC 9449), from the authorization server over the client's library to two gateways that share a
 * Redis: used once on either, stepped up, and nothing to who only has the token.
 */
import { randomBytes } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { createCanaries } from '../helpers/canaries.ts'
import { shippedPolicy, startGatewayProcess, type GatewayProcess } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { requirePeer } from '../helpers/peers.ts'
import { header, request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream } from '../helpers/upstream.ts'

const PATH = '/api/v2/users/7'
const ORIGIN = 'https://gateway.example.com'
const CLIENT = {}

function withDpop(tokens: 'jwt' | 'opaque', introspection: object, nonce: boolean): PolicyDocument {
  const policy = shippedPolicy()
  const { identity, keys } = policy
  const issuers = identity.issuers.map(({ algorithms, ...issuer }) => ({
    ...issuer,
    dpop: 'required' as const,
    ...(tokens === 'jwt' ? { algorithms } : { introspection }),
  })) as unknown as PolicyDocument['identity']['issuers']
  const dpop = { origins: [ORIGIN], ...(nonce && { nonce: 'required' as const }) }
  const cursor = { version: 1, env: 'CELOSIA_CURSOR_KEY' }
  return { ...policy, identity: { ...identity, dpop, issuers }, keys: { ...keys, cursor } }
}

/** Asks a gateway as a client would that reaches it at its public address. */
async function ask({ port }: GatewayProcess, token: string, dpop: oauth.DPoPHandle) {
  let sent: [string, string][] = []
  const response = await oauth
    .protectedResourceRequest(token, 'GET', new URL(`${ORIGIN}${PATH}`), new Headers(), null, {
      DPoP: dpop,
      [oauth.customFetch]: async (_url, { headers }) => {
        sent = Object.entries(headers)
        const {
          status,
          headers: answered,
          body,
        } = await request(port, { path: PATH, headers: sent })
        return new Response(new Uint8Array(body), {
          status,
          headers: answered.map(([n, v]) => [n, v]),
        })
      },
    })
    .catch((error: unknown) => {
      if (error instanceof oauth.WWWAuthenticateChallengeError) return error
      throw error
    })
  return { status: response.status, response, sent }
}

test('tokens that are bound to a key, on two gateways', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const canaries = createCanaries()
  const [upstream, issuer, redis] = await Promise.all([
    startRawUpstream(t),
    startOidcProvider(t),
    startRedis(t),
  ])
  upstream.answer(jsonAnswer(userBody(canaries)))
  const options = {
    policy: withDpop('jwt', {}, false),
    upstreamUrl: upstream.url,
    issuer: issuer.issuer,
    store: { redisUrl: redis.url },
    env: { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') },
  }
  const one = await startGatewayProcess(t, options)
  const two = await startGatewayProcess(t, options)
  const dpop = oauth.DPoP(CLIENT, await oauth.generateKeyPair('ES256'))
  const token = await issuer.login({ subject: 'ann', roles: ['agent'], dpop })

  const first = await ask(one, token, dpop)
  t.equal(first.status, 200)
  t.equal((await ask(two, token, dpop)).status, 200, 'each request has a proof of its own')
  for (const gateway of [one, two]) {
    const again = await request(gateway.port, { path: PATH, headers: first.sent })
    t.equal(again.status, 401, 'a proof that was used on one is used on both')
    t.match(JSON.parse(again.body.toString()), { reason: 'proof-replayed' })
    t.equal(header(again, 'www-authenticate'), 'DPoP realm="celosia", error="invalid_dpop_proof"')
  }
  const stolen = await request(one.port, { path: PATH, token })
  t.equal(stolen.status, 401, 'the token alone is nothing')
  t.match(
    header(stolen, 'www-authenticate'),
    /DPoP realm="celosia", error="invalid_token", algs="ES256"/,
  )
  const unbound = await issuer.login({ subject: 'bob', roles: ['agent'] })
  t.equal((await request(one.port, { path: PATH, token: unbound })).status, 401, 'it must be bound')

  const billing = { subject: 'bill', roles: ['billing'], dpop }
  const weak = await ask(one, await issuer.login({ ...billing, amr: ['pwd'], acr: '1' }), dpop)
  t.equal(weak.status, 401)
  t.match(weak.response, {
    cause: [{ scheme: 'dpop', parameters: { error: 'insufficient_user_authentication' } }],
  })
  const strong = await ask(one, await issuer.login({ ...billing, acr: 'phr' }), dpop)
  t.equal(strong.status, 200, 'stepped up by its own scheme')

  redis.process().signal('SIGKILL')
  await redis.process().exit
  const away = await ask(one, token, dpop)
  t.equal(away.status, 503, 'whether a proof was used is not guessed')
  t.equal(upstream.requests.length, 3)
})

test('bound tokens that only the issuer can read, with nonces', async (t) => {
  const canaries = createCanaries()
  const [upstream, issuer] = await Promise.all([
    startRawUpstream(t),
    startOidcProvider(t, { tokens: 'opaque' }),
  ])
  upstream.answer(jsonAnswer(userBody(canaries)))
  const gateway = await startGatewayProcess(t, {
    policy: withDpop('opaque', issuer.introspection, true),
    upstreamUrl: upstream.url,
    issuer: issuer.issuer,
    env: { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') },
  })
  const dpop = oauth.DPoP(CLIENT, await oauth.generateKeyPair('ES256'))
  const token = await issuer.login({ subject: 'ann', roles: ['agent'], dpop })
  const first = await ask(gateway, token, dpop)
  t.equal(first.status, 401)
  t.equal(oauth.isDPoPNonceError(first.response), true, 'a nonce is asked for, as RFC 9449 says it')
  t.equal((await ask(gateway, token, dpop)).status, 200, 'the library answers with it')
  t.equal((await ask(gateway, token, dpop)).status, 200, 'and with the next one')
  t.equal((await request(gateway.port, { path: PATH, token })).status, 401)
})
