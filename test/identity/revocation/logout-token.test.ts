/** Logout tokens and security events: what is taken of them, and everything that is not. */
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../../src/core/clock.ts'
import { IssuerUnavailableError, TokenError } from '../../../src/identity/errors.ts'
import { createIssuerKeys } from '../../../src/identity/issuer-keys.ts'
import { readLogoutToken } from '../../../src/identity/revocation/logout-token.ts'
import {
  readSecurityEvent,
  SecurityEventError,
  transmitterOf,
} from '../../../src/identity/revocation/security-event.ts'
import type { Transmitter } from '../../../src/rules/trust.ts'
import { startJwksServer } from '../../helpers/jwks-server.ts'
import { makeKey, signToken } from '../../helpers/keys.ts'
import { issuerOf } from '../trust.ts'

type Parts = Readonly<Record<string, unknown>>

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
const NOW_S = Math.floor(systemClock.nowMs() / 1_000)

async function startLogout(t: Test) {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const logout = { audience: 'agent-desk', algorithms: ['ES256'] }
  const issuers = [issuerOf(server.issuer, { logout }), issuerOf('https://mute.example')]
  const options = { issuers, keys: createIssuerKeys(systemClock), clock: systemClock }
  const sign = (claims: Parts, header: Parts = { typ: 'logout+jwt' }) =>
    signToken(
      {
        iss: server.issuer,
        aud: 'agent-desk',
        iat: NOW_S,
        exp: NOW_S + 120,
        jti: 'l-1',
        sid: 's-1',
        sub: 'ann',
        events: { [LOGOUT]: {} },
        ...claims,
      },
      { key, header },
    )
  const read = async (claims: Parts, header?: Parts) => {
    try {
      return await readLogoutToken(await sign(claims, header), options)
    } catch (error) {
      if (error instanceof TokenError) return 'invalid'
      if (error instanceof IssuerUnavailableError) return 'unavailable'
      throw error
    }
  }
  return { server, key, options, read, sign }
}

test('a logout token names a session, or else a subject until its time', async (t) => {
  const { server, read } = await startLogout(t)
  const session = { issuer: server.issuer, kind: 'session', value: 's-1', untilS: 0 }
  const subject = { issuer: server.issuer, kind: 'subject', value: 'ann', untilS: NOW_S }
  t.same(await read({}), session)
  t.same(await read({ sub: undefined }), session)
  t.same(await read({ sid: undefined }), subject)
  t.same(await read({ aud: ['other', 'agent-desk'] }), session)
  for (const typ of ['logout+jwt', 'application/logout+jwt', 'JWT', undefined])
    t.same(await read({}, { typ }), session, `type ${typ}`)
})

test('what is no good logout token is refused', async (t) => {
  const { server, key, options, read } = await startLogout(t)
  const bad: Readonly<Record<string, Parts>> = {
    'no event': { events: undefined },
    'another event': { events: { 'http://schemas.openid.net/event/other': {} } },
    'an event that is no object': { events: { [LOGOUT]: true } },
    'a list of events': { events: [LOGOUT] },
    'an ID token': { nonce: 'n' },
    'an empty nonce': { nonce: '' },
    'neither session nor subject': { sid: undefined, sub: undefined },
    'a session that is no text': { sid: 7 },
    'an empty session': { sid: '' },
    'a subject that is no text': { sub: ['ann'] },
    'no id': { jti: undefined },
    'an id that is no text': { jti: 7 },
    'no time': { iat: undefined },
    'no end': { exp: undefined },
    expired: { iat: NOW_S - 600, exp: NOW_S - 300 },
    'issued in the future': { iat: NOW_S + 600, exp: NOW_S + 900, nbf: NOW_S + 600 },
    'another audience': { aud: 'celosia' },
    'another issuer': { iss: 'https://evil.example' },
    'an issuer that may not': { iss: 'https://mute.example' },
  }
  for (const [name, claims] of Object.entries(bad)) t.equal(await read(claims), 'invalid', name)
  for (const typ of ['at+jwt', 'secevent+jwt', 'id+jwt', ''])
    t.equal(await read({}, { typ }), 'invalid', `type ${typ}`)
  const other = await makeKey('ES256')
  const forged = await signToken(
    {
      iss: server.issuer,
      aud: 'agent-desk',
      iat: NOW_S,
      exp: NOW_S + 60,
      jti: 'x',
      sid: 's',
      events: { [LOGOUT]: {} },
    },
    { key: { ...other, kid: key.kid } },
  )
  await t.rejects(readLogoutToken(forged, options), TokenError)
  await t.rejects(readLogoutToken('', options), TokenError)
  await server.setMode('down')
  const unknown = createIssuerKeys(systemClock)
  const good = await startLogout(t)
  await good.server.setMode('down')
  await t.rejects(
    readLogoutToken(await good.sign({}), { ...good.options, keys: unknown }),
    IssuerUnavailableError,
    'not known is not refused',
  )
})

async function startSignals(t: Test) {
  const key = await makeKey('ES256')
  const server = await startJwksServer(t, [key])
  const transmitter: Transmitter = {
    issuer: server.issuer,
    audience: 'https://gateway.example',
    algorithms: ['ES256'],
    keys: { kind: 'url', url: server.jwksUrl },
    authorization: undefined,
  }
  const options = {
    transmitters: [transmitter],
    issuers: new Set([server.issuer, 'https://idp.example']),
    keys: createIssuerKeys(systemClock),
    clock: systemClock,
  }
  const read = async (claims: Parts, header: Parts = { typ: 'secevent+jwt' }) => {
    const token = await signToken(
      {
        iss: server.issuer,
        aud: 'https://gateway.example',
        iat: NOW_S,
        jti: 'e-1',
        sub_id: { format: 'iss_sub', iss: 'https://idp.example', sub: 'ann' },
        events: { [`${CAEP}session-revoked`]: { event_timestamp: NOW_S - 5 } },
        ...claims,
      },
      { key, header },
    )
    try {
      return await readSecurityEvent(token, transmitterOf(token, options.transmitters), options)
    } catch (error) {
      if (error instanceof SecurityEventError) return error.err
      throw error
    }
  }
  return { server, read }
}

const event = (name: string, parts: Parts = {}) => ({ events: { [`${CAEP}${name}`]: parts } })
const ANN = { format: 'iss_sub', iss: 'https://idp.example', sub: 'ann' }

test('session-revoked and credential-change end the sessions that they name', async (t) => {
  const { server, read } = await startSignals(t)
  const ann = (untilS: number) => [
    { issuer: 'https://idp.example', kind: 'subject', value: 'ann', untilS },
  ]
  const session = (issuer: string) => [{ issuer, kind: 'session', value: 's-1', untilS: 0 }]
  const opaque = { format: 'opaque', id: 's-1' }
  t.same(await read({}), ann(NOW_S - 5))
  t.same(await read(event('credential-change', { change_type: 'revoke' })), ann(NOW_S))
  for (const [given, expected] of [
    [undefined, NOW_S],
    ['soon', NOW_S],
    [-1, NOW_S],
    [NOW_S + 3_600, NOW_S],
    [(NOW_S - 5) * 1_000, NOW_S - 5],
    [(NOW_S - 5) * 1_000 + 1, NOW_S - 4],
  ] as const)
    t.same(await read(event('session-revoked', { event_timestamp: given })), ann(expected))
  t.same(
    await read({ sub_id: { format: 'complex', user: ANN, session: opaque } }),
    session('https://idp.example'),
    'one session of a user',
  )
  t.same(
    await read({ sub_id: { format: 'complex', session: opaque } }),
    session(server.issuer),
    'a session of the transmitter itself',
  )
  t.same(
    await read({
      sub_id: undefined,
      ...event('session-revoked', { subject: { user: ANN }, event_timestamp: NOW_S }),
    }),
    ann(NOW_S),
    'the older place and form of the subject',
  )
  t.same(
    await read({
      ...event('credential-change'),
      sub_id: { format: 'complex', user: ANN, session: opaque },
    }),
    ann(NOW_S),
    'a changed credential concerns every session',
  )
})

test('events that end no session are taken and do nothing', async (t) => {
  const { read } = await startSignals(t)
  const none: readonly string[] = [
    'https://schemas.openid.net/secevent/ssf/event-type/verification',
    `${CAEP}token-claims-change`,
    'https://other.example/event',
  ]
  for (const name of none) t.same(await read({ events: { [name]: {} } }), [], name)
})

test('what is no good event of a transmitter is refused, in the words of RFC 8935', async (t) => {
  const { read } = await startSignals(t)
  const bad: Readonly<Record<string, readonly [string, Parts, Parts?]>> = {
    'another transmitter': ['invalid_issuer', { iss: 'https://evil.example' }],
    'no transmitter': ['invalid_issuer', { iss: undefined }],
    'another audience': ['invalid_audience', { aud: 'https://other.example' }],
    'no audience': ['invalid_audience', { aud: undefined }],
    'no events': ['invalid_key', { events: undefined }],
    'events that are no object': ['invalid_request', { events: ['x'] }],
    'an event that is no object': [
      'invalid_request',
      { events: { [`${CAEP}session-revoked`]: 7 } },
    ],
    'no time': ['invalid_key', { iat: undefined }],
    'no id': ['invalid_key', { jti: undefined }],
    'an id that is no text': ['invalid_request', { jti: 7 }],
    'no subject': ['invalid_request', { sub_id: undefined }],
    'an address': ['invalid_request', { sub_id: { format: 'email', email: 'a@b.example' } }],
    'an opaque subject': ['invalid_request', { sub_id: { format: 'opaque', id: 's-1' } }],
    'a device': [
      'invalid_request',
      { sub_id: { format: 'complex', device: { format: 'opaque', id: 'd' } } },
    ],
    'a user of somebody else': [
      'invalid_request',
      { sub_id: { ...ANN, iss: 'https://evil.example' } },
    ],
    'a user without a name': ['invalid_request', { sub_id: { ...ANN, sub: '' } }],
    'a session without an id': [
      'invalid_request',
      { sub_id: { format: 'complex', session: { format: 'opaque' } } },
    ],
    'an access token': ['invalid_key', {}, { typ: 'at+jwt' }],
    'no type': ['invalid_key', {}, { typ: undefined }],
  }
  for (const [name, [err, claims, header]] of Object.entries(bad))
    t.equal(await read(claims, header), err, name)
  t.throws(() => transmitterOf('x', []), SecurityEventError)
})
