/**
 * Texts that only the holder of a private key can read: JWE (RFC 7516) for a public key of X25519. Who runs the gateway, its store or
 * a SIEM cannot.
 */
import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { compactDecrypt, CompactEncrypt, errors } from 'jose'
import { KeyInvalidError } from './errors.ts'

const ALGORITHM = 'ECDH-ES'
const ENCRYPTION = 'A256GCM'
/** Texts are as long as the next multiple, so that their length tells little. */
const PADDED_BYTES = 256

/** The text as a JWE in compact form. `key`: SubjectPublicKeyInfo in base64. Throws {@link KeyInvalidError} where it is none. */
export async function encryptText(text: string, key: string): Promise<string> {
  const publicKey = publicKeyOf(key)
  const json = JSON.stringify(text)
  // Blanks at the end of JSON mean nothing.
  const padding = ' '.repeat(PADDED_BYTES - (Buffer.byteLength(json) % PADDED_BYTES))
  return new CompactEncrypt(Buffer.from(json + padding))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid: keyIdOf(publicKey) })
    .encrypt(publicKey)
}

export interface TextDecrypter {
  /** The text; undefined where it was encrypted for another key, or is no such JWE. */
  readonly decrypt: (jwe: string) => Promise<string | undefined>
}

/** Throws {@link KeyInvalidError} where the PEM is no private key of X25519. */
export function createTextDecrypter(pem: string): TextDecrypter {
  const key = privateKeyOf(pem)
  return {
    decrypt: async (jwe) => {
      try {
        const { plaintext } = await compactDecrypt(jwe, key, {
          keyManagementAlgorithms: [ALGORITHM],
          contentEncryptionAlgorithms: [ENCRYPTION],
        })
        const text: unknown = JSON.parse(Buffer.from(plaintext).toString('utf8'))
        return typeof text === 'string' ? text : undefined
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined
        throw error
      }
    },
  }
}

function publicKeyOf(key: string): KeyObject {
  try {
    const found = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
    if (found.asymmetricKeyType === 'x25519') return found
  } catch {
    // Said below.
  }
  throw new KeyInvalidError('the key is no public key of X25519')
}

function privateKeyOf(pem: string): KeyObject {
  try {
    const found = createPrivateKey(pem)
    if (found.asymmetricKeyType === 'x25519') return found
  } catch {
    // Without the cause: it may quote the text.
  }
  throw new KeyInvalidError(
    'the key is no private key of X25519 in PEM; make one with `openssl genpkey -algorithm x25519`',
  )
}

/** RFC 7638 3: of the required members, in this order. */
function keyIdOf(key: KeyObject): string {
  const { crv, kty, x } = key.export({ format: 'jwk' })
  return hash('sha256', JSON.stringify({ crv, kty, x }), 'base64url')
}
