/**
 * The form of a token, before any key is touched: JWS compact serialization (RFC 7515 7.1) in its one canonical
 * spelling. Decoders accept padding, spaces and stray last bits, so that one token has many texts; those are refused.
 */
import { TokenError } from './errors.ts'
import { parseClaims } from './strict-json.ts'
import type { Claims } from './strict-json.ts'

/** Longest token that is looked at, in characters. */
export const TOKEN_CHARS_MAX = 8_192
const PART = /^[A-Za-z0-9_-]+$/
/** Header parameters that name a key or ask for processing (RFC 7515 4.1, RFC 7797): keys come from the policy only. */
const REFUSED_PARAMETERS = ['jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc', 'p2c', 'p2s', 'epk']
/** Refused, too, but in a proof, whose whole point is to show its key. */
const EMBEDDED_KEY = 'jwk'
const KEY_ID = /^[A-Za-z0-9._~+/=@-]{1,256}$/

export interface CompactToken {
  readonly token: string
  readonly header: Claims
  /** The payload as it was signed. */
  readonly payload: Uint8Array
  /** NOT verified: only to choose whose keys to verify with. */
  readonly claims: Claims
}

/** True where the text begins as every compact JWS with a JSON header does: it is then nothing else. */
export function isSignedToken(token: string): boolean {
  return token.startsWith('eyJ')
}

/**
 * The parts of a token, of which nothing is verified. Throws {@link TokenError} where {@link parseJws} does, or the payload is no
 * JSON object or could be read in two ways.
 */
export function parseCompactToken(token: string): CompactToken {
  const { header, payload } = parseJws(token)
  return { token, header, payload, claims: objectOf(payload) }
}

/** The same of a proof, which carries its key in its header (RFC 9449 4.2). */
export function parseCompactProof(proof: string): CompactToken {
  const { header, payload } = parseParts(proof)
  return { token: proof, header, payload, claims: objectOf(payload) }
}

/**
 * Header and payload, of which nothing is verified. Throws {@link TokenError} where the text is no canonical compact JWS with a
 * plain header.
 */
export function parseJws(token: string): Pick<CompactToken, 'header' | 'payload'> {
  const parts = parseParts(token)
  if (Object.hasOwn(parts.header, EMBEDDED_KEY))
    throw invalid(`the header parameter ${EMBEDDED_KEY} is refused`)
  return parts
}

function parseParts(token: string): Pick<CompactToken, 'header' | 'payload'> {
  if (token.length > TOKEN_CHARS_MAX) throw invalid('the token is too long')
  const parts = token.split('.')
  if (parts.length !== 3) throw invalid('the token is no compact JWS')
  const [headerBytes, payload] = parts.map(decodePart) as [Buffer, Buffer, Buffer]
  const header = objectOf(headerBytes)
  checkHeader(header)
  return { header, payload }
}

function objectOf(bytes: Uint8Array): Claims {
  const object = parseClaims(bytes)
  if (object === undefined)
    throw invalid('a part of the token is no JSON object, or has a name twice')
  return object
}

/** Types of tokens (RFC 7515 4.1.9), in lower case without `application/`; `undefined` stands for none. */
export type TokenTypes = ReadonlySet<string | undefined>

/** Throws {@link TokenError} where the header names none of these types. */
export function checkType({ header }: CompactToken, types: TokenTypes): void {
  const { typ } = header
  const known = typ === undefined || typeof typ === 'string'
  const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined
  if (!known || !types.has(name)) throw invalid('the token is of another type')
}

function checkHeader(header: Claims): void {
  for (const name of REFUSED_PARAMETERS) {
    if (Object.hasOwn(header, name)) throw invalid(`the header parameter ${name} is refused`)
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

function invalid(message: string): TokenError {
  return new TokenError('token-invalid', message)
}
