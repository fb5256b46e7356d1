/**
 * The form of a token, before any key is touched: JWS compact serialization (RFC 7515 7.1) in its one canonical
 * spelling. Decoders accept padding, spaces and stray last bits, so that one token has many texts; those are refused.
 */
import { TokenError } from './errors.ts'

/** Longest token that is looked at, in characters. */
export const TOKEN_CHARS_MAX = 8_192
const PART = /^[A-Za-z0-9_-]+$/
/** Header parameters that name a key or ask for processing (RFC 7515 4.1, RFC 7797): keys come from the policy only. */
const REFUSED_PARAMETERS = [
  'jwk',
  'jku',
  'x5u',
  'x5c',
  'crit',
  'b64',
  'zip',
  'enc',
  'p2c',
  'p2s',
  'epk',
]
const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt'])
const KEY_ID = /^[A-Za-z0-9._~+/=@-]{1,256}$/

export interface CompactToken {
  readonly token: string
  /** `iss` of the payload, NOT verified: only to choose whose keys to verify with. */
  readonly claimedIssuer: string
  readonly payload: Uint8Array
}

/** Throws {@link TokenError} where the text is no canonical compact JWS with a plain header and claims that name an issuer. */
export function parseCompactToken(token: string): CompactToken {
  const payload = decodeCompactJws(token)
  const claims = parseObject(payload)
  if (typeof claims['iss'] !== 'string') throw invalid('the token names no issuer')
  return { token, claimedIssuer: claims['iss'], payload }
}

/** The payload, NOT verified. Throws {@link TokenError} where the text is no canonical compact JWS with a plain header. */
export function decodeCompactJws(token: string): Uint8Array {
  if (token.length > TOKEN_CHARS_MAX) throw invalid('the token is too long')
  const parts = token.split('.')
  const [header, payload, signature] = parts
  if (
    parts.length !== 3 ||
    header === undefined ||
    payload === undefined ||
    signature === undefined
  ) {
    throw invalid('the token is no compact JWS')
  }
  checkHeader(decodeObject(header))
  decodePart(signature)
  return decodePart(payload)
}

function checkHeader(header: Record<string, unknown>): void {
  for (const name of REFUSED_PARAMETERS) {
    if (Object.hasOwn(header, name)) throw invalid(`the header parameter ${name} is refused`)
  }
  const type = header['typ']
  if (type !== undefined && (typeof type !== 'string' || !TYPES.has(type.toLowerCase()))) {
    throw invalid('the token is of another type')
  }
  const keyId = header['kid']
  if (
    keyId !== undefined &&
    (typeof keyId !== 'string' || !KEY_ID.test(keyId) || keyId.includes('..'))
  ) {
    throw invalid('the key id is malformed')
  }
}

function decodePart(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (!PART.test(part) || bytes.toString('base64url') !== part)
    throw invalid('the token is not canonical base64url')
  return bytes
}

function decodeObject(part: string): Record<string, unknown> {
  return parseObject(decodePart(part))
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    )
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch (cause) {
    throw new TokenError('token-invalid', 'a part of the token is not JSON', { cause })
  }
  throw invalid('a part of the token is no JSON object')
}

function invalid(message: string): TokenError {
  return new TokenError('token-invalid', message)
}
