/**
 * Sessions as the pipeline uses them. The cookie holds a random id and nothing else; the store holds the ID token, sealed for that id, so
 * that who can write to the store makes nobody's session. What the token says holds until the session ends, whatever its own end.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { CompiledPolicy } from '../../rules/compiled-policy.ts'
import type { Sealer } from '../../rules/sealer.ts'
import { parseCompactToken } from '../compact-token.ts'
import type { CompactToken } from '../compact-token.ts'
import { SessionsUnavailableError, TokenError } from '../errors.ts'
import type { Subject } from '../subject.ts'
import { toSubject } from '../to-subject.ts'
import { readClaims, SKEW_S } from '../token-claims.ts'
import type { SessionName, SessionStore } from './session-store.ts'

export interface BrowserSession {
  readonly name: SessionName
  readonly subject: Subject
  readonly idToken: string
}

/** What sessions are made with. */
export interface SessionParts {
  readonly policy: Pick<CompiledPolicy, 'session' | 'assurance' | 'training'>
  readonly sessions: SessionStore
  readonly sealer: Sealer | undefined
  readonly clock: Clock
}

const ID_BYTES = 32
const ID = /^[A-Za-z0-9_-]{43}$/
const PLACE = 'session'

/** A session that could begin. */
export interface PreparedSession {
  /** What the cookie is to hold. */
  readonly cookie: string
  readonly subject: Subject
  /** Throws SessionsUnavailableError. */
  readonly begin: () => Promise<void>
}

/** A session by an ID token that was verified. Throws TokenError where it names nobody. */
export function prepareSession(token: CompactToken, parts: SessionParts): PreparedSession {
  const { sessions, clock } = parts
  const { session: rules, sealer } = required(parts)
  const cookie = randomBytes(ID_BYTES).toString('base64url')
  const id = digest(cookie)
  const { name, subject } = sessionBy(token, id, parts)
  const { idleMs, lifetimeMs, perSubjectMax } = rules
  return {
    cookie,
    subject,
    begin: () =>
      sessions.begin({
        ...name,
        sealed: sealer.seal(token.token, { owner: id, place: PLACE }, clock.nowMs() + lifetimeMs),
        idleMs,
        lifetimeMs,
        ownerMax: perSubjectMax,
      }),
  }
}

/** The session that a cookie names, whose idle time begins anew; undefined where there is none. Throws SessionsUnavailableError. */
export async function findSession(
  cookie: string,
  parts: SessionParts,
): Promise<BrowserSession | undefined> {
  if (!ID.test(cookie)) return undefined
  const { session: rules, sealer } = required(parts)
  const id = digest(cookie)
  const sealed = await parts.sessions.find(id, rules.idleMs)
  if (sealed === undefined) return undefined
  const text = sealer.open(sealed, { owner: id, place: PLACE }, parts.clock.nowMs())
  return text === undefined ? undefined : readSession(text, id, parts)
}

// Under the policy in force: one that trusts another issuer, or for a shorter time, ends the session.
function readSession(text: string, id: string, parts: SessionParts): BrowserSession | undefined {
  try {
    return sessionBy(parseCompactToken(text), id, parts)
  } catch (error) {
    if (error instanceof TokenError) return undefined
    throw error
  }
}

function sessionBy(
  { token, claims, payload }: CompactToken,
  id: string,
  parts: SessionParts,
): BrowserSession {
  const { policy, clock } = parts
  const { issuer, lifetimeMs } = required(parts).session
  const nowMs = clock.nowMs()
  const checked = readClaims({ all: claims, payload }, issuer)
  if (nowMs > (checked.iat + SKEW_S) * 1_000 + lifetimeMs)
    throw new TokenError('token-invalid', 'the session is too old')
  const subject = toSubject({ checked, issuer, policy, nowMs }, undefined, new WeakMap())
  const owner = digest(JSON.stringify([issuer.issuer, subject.id]))
  return {
    name: { id, owner },
    // Its id takes the place of the token's: the token is nowhere shown, and a session is what can be ended.
    subject: { ...subject, jti: id, session: subject.sid ?? id },
    idToken: token,
  }
}

function required({ policy: { session }, sealer }: SessionParts) {
  if (session === undefined || sealer === undefined)
    throw new SessionsUnavailableError('the policy has no sessions')
  return { session, sealer }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
