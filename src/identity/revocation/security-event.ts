/**
 * Security event tokens (RFC 8417) of Shared Signals transmitters, and what the events of CAEP 1.0 that end sessions say:
 * `session-revoked` and `credential-change`.
 */
import type { Clock } from '../../core/clock.ts'
import type { Transmitter } from '../../rules/trust.ts'
import { parseCompactToken } from '../compact-token.ts'
import type { CompactToken } from '../compact-token.ts'
import { CelosiaError } from '../../core/errors.ts'
import { TokenError } from '../errors.ts'
import type { IssuerKeys } from '../issuer-keys.ts'
import { verifySignature } from '../signed-token.ts'
import { isObject } from '../strict-json.ts'
import { idOf, SKEW_S } from '../token-claims.ts'
import type { RevocationDraft } from './revocation.ts'

const EVENTS = 'https://schemas.openid.net/secevent/caep/event-type/'
const SESSION_REVOKED = `${EVENTS}session-revoked`
const CREDENTIAL_CHANGE = `${EVENTS}credential-change`
/** A NumericDate of this size is far away; some transmitters write milliseconds. */
const MILLISECONDS_FROM = 100_000_000_000

/** Why an event token is not taken, in the words of RFC 8935 section 2.4. */
export type EventError =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'

/** An event token that is not taken. Nothing in it may be believed. */
export class SecurityEventError extends CelosiaError {
  readonly code = 'ERR_SECURITY_EVENT'
  readonly err: EventError

  constructor(err: EventError, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.err = err
  }
}

export interface SecurityEventOptions {
  readonly transmitters: readonly Transmitter[]
  /** Issuers of tokens: whose subjects and sessions can be named. */
  readonly issuers: ReadonlySet<string>
  readonly keys: IssuerKeys
  readonly clock: Clock
}

/**
 * What the events of a token revoke; nothing where it has only events that end no session, such as a verification. Throws
 * {@link SecurityEventError}, or IssuerUnavailableError where it cannot be known whether the token is good.
 */
export async function readSecurityEvent(
  text: string,
  transmitter: Transmitter,
  options: SecurityEventOptions,
): Promise<readonly RevocationDraft[]> {
  const { keys, clock } = options
  const token = parsed(text)
  const { claims } = token
  if (!isAudience(claims['aud'], transmitter.audience))
    throw new SecurityEventError('invalid_audience', 'the event is for somebody else')
  await verified(token, transmitter, { keys, clock })
  const { events, iat } = claims
  if (!isObject(events) || typeof iat !== 'number' || idOf(claims['jti']) === undefined)
    throw new SecurityEventError('invalid_request', 'the token has no events, time or id')
  const drafts: RevocationDraft[] = []
  for (const [type, event] of Object.entries(events)) {
    if (type !== SESSION_REVOKED && type !== CREDENTIAL_CHANGE) continue
    if (!isObject(event)) throw new SecurityEventError('invalid_request', 'an event is no object')
    const untilS = timeOf(event['event_timestamp'], iat)
    const subject = claims['sub_id'] ?? event['subject']
    drafts.push(
      draftOf(subject, { untilS, transmitter, options, whole: type === CREDENTIAL_CHANGE }),
    )
  }
  return drafts
}

/** The transmitter that the token names, NOT verified. Throws {@link SecurityEventError}. */
export function transmitterOf(text: string, transmitters: readonly Transmitter[]): Transmitter {
  const { claims } = parsed(text)
  const found = transmitters.find(({ issuer }) => issuer === claims['iss'])
  if (found !== undefined) return found
  throw new SecurityEventError('invalid_issuer', 'the transmitter is not known')
}

function parsed(text: string): CompactToken {
  try {
    return parseCompactToken(text)
  } catch (cause) {
    throw new SecurityEventError('invalid_request', 'the body is no event token', { cause })
  }
}

async function verified(
  token: CompactToken,
  { issuer, audience, algorithms, keys: place }: Transmitter,
  { keys, clock }: Pick<SecurityEventOptions, 'keys' | 'clock'>,
): Promise<void> {
  const trust = {
    issuer,
    audience,
    algorithms,
    keys: keys.of({ issuer, keys: place }),
    types: new Set(['secevent+jwt']),
    requiredClaims: ['iat', 'jti', 'events'],
    ageSecondsMax: undefined,
  }
  try {
    await verifySignature(token, trust, clock)
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new SecurityEventError('invalid_key', 'the event token does not verify', { cause })
  }
}

interface SubjectContext {
  readonly untilS: number
  readonly transmitter: Transmitter
  readonly options: SecurityEventOptions
  /** The event concerns all sessions, also where it names one. */
  readonly whole: boolean
}

/** RFC 9493: `iss_sub`, or `complex` of a `user` and a `session`. What cannot be found in tokens is not taken. */
function draftOf(subject: unknown, context: SubjectContext): RevocationDraft {
  const { untilS, transmitter, options, whole } = context
  if (isObject(subject) && subject['format'] === 'iss_sub')
    return userOf(subject, untilS, options.issuers)
  const isComplex =
    isObject(subject) && (subject['format'] === 'complex' || subject['format'] === undefined)
  if (!isComplex) throw unusable('the subject has a format that no token has')
  const { user, session } = subject
  if (session !== undefined && !whole) {
    const sid =
      isObject(session) && session['format'] === 'opaque' ? idOf(session['id']) : undefined
    const issuer = user === undefined ? transmitter.issuer : userOf(user, 0, options.issuers).issuer
    if (sid === undefined || !options.issuers.has(issuer))
      throw unusable('the session is not one of a known issuer')
    return { issuer, kind: 'session', value: sid, untilS: 0 }
  }
  return userOf(user, untilS, options.issuers)
}

function userOf(user: unknown, untilS: number, issuers: ReadonlySet<string>): RevocationDraft {
  const { format, iss, sub } = isObject(user) ? user : {}
  const value = idOf(sub)
  if (format !== 'iss_sub' || value === undefined || typeof iss !== 'string' || !issuers.has(iss))
    throw unusable('the user is not one of a known issuer')
  return { issuer: iss, kind: 'subject', value, untilS }
}

// Where the time of the event is missing or odd, that of the token is later, and so covers more.
function timeOf(value: unknown, iat: number): number {
  if (typeof value !== 'number') return iat
  const seconds = value >= MILLISECONDS_FROM ? Math.ceil(value / 1_000) : value
  return seconds > 0 && seconds <= iat + SKEW_S ? seconds : iat
}

function isAudience(aud: unknown, audience: string): boolean {
  return aud === audience || (Array.isArray(aud) && aud.includes(audience))
}

function unusable(message: string): SecurityEventError {
  return new SecurityEventError('invalid_request', message)
}
