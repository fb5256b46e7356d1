/**
 * Asks an issuer about a token that only it can read (RFC 7662). What it says is kept for a short time, under a digest of the
 * token, and one question about one token is under way at a time.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { Introspection, Issuer } from '../rules/trust.ts'
import { fetchDocument } from './bounded-fetch.ts'
import { discover } from './discovery.ts'
import { IssuerUnavailableError, TokenError } from './errors.ts'
import type { Claims } from './strict-json.ts'

/** Answers that are kept at one time; the one used longest ago goes first. */
const ANSWERS_MAX = 10_000
/** Questions to one issuer under way at one time. */
const QUESTIONS_MAX = 64
/** The address of the endpoint is discovered anew after this time. */
const METADATA_MS = 600_000
/** RFC 6750 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'bearer', 'dpop'])

export interface Introspector {
  /** What the issuer says of the token. Throws TokenError where it is not active, IssuerUnavailableError where nobody says. */
  readonly ask: (token: string) => Promise<Claims>
  /** Finds the endpoint where it is discovered. Throws IssuerUnavailableError. */
  readonly prepare: () => Promise<void>
}

interface Answer {
  /** Undefined: the token is not active. */
  readonly claims: Claims | undefined
  readonly untilMs: number
}

/** Nothing is asked before the first token, or {@link Introspector.prepare}. */
export function createIntrospector(
  { issuer }: Issuer,
  introspection: Introspection,
  clock: Clock,
): Introspector {
  const answers = new Map<string, Answer>()
  const underWay = new Map<string, Promise<Answer>>()
  const endpoint = endpointOf(issuer, introspection, clock)
  const askIssuer = async (token: string): Promise<Answer> => {
    const url = await endpoint()
    const said = await fetchDocument({
      url,
      headers: { authorization: basicCredentials(introspection) },
      form: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    })
    return { claims: activeClaims(said), untilMs: clock.monotonicMs() + introspection.cacheMs }
  }
  const question = (key: string, token: string): Promise<Answer> => {
    const asked = underWay.get(key)
    if (asked !== undefined) return asked
    if (underWay.size >= QUESTIONS_MAX)
      throw new IssuerUnavailableError('too many questions to an issuer are under way')
    const asking = askIssuer(token).finally(() => underWay.delete(key))
    underWay.set(key, asking)
    return asking
  }
  return {
    prepare: async () => void (await endpoint()),
    ask: async (token) => {
      if (!TOKEN.test(token)) throw notActive()
      const key = createHash('sha256').update(token).digest('base64url')
      const kept = answers.get(key)
      const fresh = kept !== undefined && kept.untilMs > clock.monotonicMs()
      const { claims, untilMs } = fresh ? kept : await question(key, token)
      answers.delete(key)
      answers.set(key, { claims, untilMs })
      const oldest = answers.keys().next().value
      if (answers.size > ANSWERS_MAX && oldest !== undefined) answers.delete(oldest)
      if (claims === undefined) throw notActive()
      return claims
    },
  }
}

function endpointOf(issuer: string, { url }: Introspection, clock: Clock): () => Promise<string> {
  if (url !== undefined) return async () => url
  let found: { readonly url: string; readonly atMs: number } | undefined
  return async () => {
    if (found !== undefined && clock.monotonicMs() - found.atMs < METADATA_MS) return found.url
    const { introspectionUrl } = await discover(issuer, 'openid')
    if (introspectionUrl === undefined)
      throw new IssuerUnavailableError('the issuer has no introspection endpoint')
    found = { url: introspectionUrl, atMs: clock.monotonicMs() }
    return found.url
  }
}

// RFC 7662 2.2; anything but a plain true is not active.
function activeClaims(said: Claims): Claims | undefined {
  const { active, token_type: type } = said
  const word = typeof type === 'string' ? type.toLowerCase() : type
  return active === true && TYPES.has(word) ? said : undefined
}

// RFC 6749 2.3.1: both parts are form-encoded before they are joined.
function basicCredentials({ clientId, clientSecret }: Introspection): string {
  const [id, secret] = [clientId, clientSecret].map((part) =>
    new URLSearchParams({ x: part }).toString().slice(2),
  )
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

function notActive(): TokenError {
  return new TokenError('token-invalid', 'the issuer does not know the token as active')
}
