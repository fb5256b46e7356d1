/** Resolves how browsers log in at the gateway: with whom, where they may be sent, and how long a session lasts. */
import type { AssuranceLevel, Issuer, SessionRules } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { SessionDocument } from '../policy/session-document.ts'
import { levelOf } from './assurance.ts'
import type { Complaints } from './complaints.ts'
import { durationUpTo } from './duration-up-to.ts'
import { httpUrl } from './http-url.ts'

const IDLE_MS = 1_800_000
const LIFETIME_MS = 28_800_000
/** Revocations are remembered for longer. */
const LIFETIME_MS_MAX = 86_400_000
const PER_SUBJECT = 5
/** Hosts that browsers hold for trustworthy without TLS (W3C Secure Contexts 3.1). */
const OWN_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** What it is resolved with. */
export interface SessionContext {
  readonly issuers: readonly Issuer[]
  readonly levels: ReadonlyMap<string, AssuranceLevel>
}

/** Undefined where nobody logs in at the gateway. */
export function compileSession(
  document: PolicyDocument,
  { issuers, levels }: SessionContext,
  complaints: Complaints,
): SessionRules | undefined {
  const { session, identity, keys } = document
  if (session === undefined) return undefined
  if (keys?.cursor === undefined)
    complaints.addAtKey(
      ['session'],
      'sessions are sealed, and there is no key',
      'add keys: { cursor: { version: 1, env: CELOSIA_CURSOR_KEY } } to the policy',
    )
  if (identity.revocation === undefined)
    complaints.addAtKey(
      ['session'],
      'a logout ends a session for good, and nothing can be revoked',
      'add identity.revocation: {}',
    )
  if (identity.cookie !== undefined || identity.tokenHeader !== undefined)
    complaints.addAtKey(
      ['session'],
      'beside `identity.cookie` or `identity.tokenHeader` nobody could tell who is logged in',
    )
  const issuer = issuerOf(session, issuers, complaints)
  const place = publicPlace(document, complaints)
  const level = levelOf(['session', 'assurance'], session.assurance, levels, complaints)
  const bounds = { max: LIFETIME_MS_MAX, words: 'a session lasts at most 24h' }
  const lifetimeMs = durationUpTo(
    ['session', 'lifetime'],
    session.lifetime,
    { ...bounds, fallback: LIFETIME_MS },
    complaints,
  )
  const idleMs = durationUpTo(
    ['session', 'idle'],
    session.idle,
    { ...bounds, fallback: Math.min(IDLE_MS, lifetimeMs) },
    complaints,
  )
  if (idleMs > lifetimeMs) complaints.add(['session', 'idle'], 'a session does not last that long')
  const returnTo = returnPlaces(session, complaints)
  if (issuer === undefined || place === undefined) return undefined
  return {
    issuer: {
      ...issuer,
      audience: session.clientId,
      typ: undefined,
      dpopRequired: false,
      certificateBound: undefined,
    },
    clientId: session.clientId,
    clientSecret: session.clientSecret,
    redirectUri: `${place}/celosia/callback`,
    loginUri: `${place}/celosia/login`,
    publicUri: place,
    scope: [
      'openid',
      ...(session.scope ?? '').split(' ').filter((name) => name !== '' && name !== 'openid'),
    ].join(' '),
    level,
    returnTo,
    idleMs,
    lifetimeMs,
    perSubjectMax: session.perSubject ?? PER_SUBJECT,
  }
}

function issuerOf(
  { issuer, clientId }: SessionDocument,
  issuers: readonly Issuer[],
  complaints: Complaints,
): Issuer | undefined {
  const path = ['session', 'issuer']
  if (
    !complaints.requireKnown(
      path,
      'issuer',
      issuer,
      issuers.map((one) => one.issuer),
    )
  )
    return undefined
  const found = issuers.find((one) => one.issuer === issuer)
  if (found?.introspection !== undefined)
    complaints.add(
      path,
      'its ID tokens are signed, and the policy does not say by which algorithms',
    )
  if (found?.logout?.audience !== clientId)
    complaints.add(
      path,
      'a logout at the identity provider would not end the session here',
      'give the issuer `logout: { audience: ... }` with the client id of `session`',
    )
  return found
}

// Without a slash at its end.
function publicPlace({ publicUrl }: PolicyDocument, complaints: Complaints): string | undefined {
  if (publicUrl === undefined) {
    complaints.addAtKey(
      ['session'],
      'the identity provider sends browsers back to the gateway, and nobody knows where that is',
      'add `publicUrl: https://gateway.example.com`',
    )
    return undefined
  }
  const url = httpUrl(['publicUrl'], publicUrl, complaints)
  if (url === undefined) return undefined
  if (!isTrustworthy(url))
    complaints.add(['publicUrl'], 'browsers keep no cookie of a session without TLS')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || OWN_HOSTS.has(hostname) || hostname.endsWith('.invalid')
}

function returnPlaces(
  { origins, returnTo }: SessionDocument,
  complaints: Complaints,
): SessionRules['returnTo'] {
  return returnTo.flatMap((text, index) => {
    const path = ['session', 'returnTo', index]
    const url = httpUrl(path, text, complaints)
    if (url === undefined) return []
    if (url.href !== text) complaints.add(path, `write it as browsers do: \`${url.href}\``)
    if (!origins.includes(url.origin))
      complaints.add(path, 'its origin is none of `session.origins`')
    return [{ origin: url.origin, path: url.pathname }]
  })
}
