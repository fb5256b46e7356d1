/**
 * Sealed texts by XChaCha20-Poly1305 with one version of one key. Its nonces are long enough to be drawn at random, however many
 * texts are sealed.
 */
import { Buffer } from 'node:buffer'
import { hkdfSync, randomBytes } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import type { SealedFor, Sealer } from '../rules/sealer.ts'
import { KeyInvalidError } from './errors.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { assertStrongKey } from './parse-key.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 24
const TAG_BYTES = 16
const VERSION_BYTES = 4
const UNTIL_BYTES = 8
const LENGTH_BYTES = 4
/** A sealed text is as long as the next multiple. */
const PADDED_BYTES = 64
/** Sets the key apart from others derived of the same secret (RFC 5869 3.2). */
const PURPOSE = 'celosia seal XChaCha20-Poly1305'
const BASE64URL = /^[A-Za-z0-9_-]+$/

export interface XChaChaSealerOptions {
  /** At least 32 random bytes; copied. */
  readonly key: Buffer
  /** Version of the key, 1 or more: what another one has sealed is not opened. */
  readonly version: number
  /** Whose data it is: what is sealed for another tenant is not opened, also under the same key. */
  readonly tenant: string
}

/** Throws {@link KeyInvalidError} where the key is too weak or version or tenant are missing. */
export function createXChaChaSealer({ key, version, tenant }: XChaChaSealerOptions): Sealer {
  assertStrongKey(key)
  if (!Number.isSafeInteger(version) || version < 1 || version > 0xffff_ffff) {
    throw new KeyInvalidError('the version of a key is a whole number from 1')
  }
  if (tenant === '') throw new KeyInvalidError('the tenant of a key has no name')
  const derived = new Uint8Array(hkdfSync('sha256', key, '', PURPOSE, KEY_BYTES))
  const head = Buffer.alloc(VERSION_BYTES)
  head.writeUInt32BE(version)
  const boundTo = ({ owner, place }: SealedFor) =>
    Buffer.concat([head, lengthPrefixed([tenant, owner, place])])
  return {
    seal: (text, sealedFor, untilMs) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = xchacha20poly1305(derived, nonce, boundTo(sealedFor))
      return Buffer.concat([head, nonce, cipher.encrypt(padded(text, untilMs))]).toString(
        'base64url',
      )
    },
    open: (sealed, sealedFor, nowMs) => {
      const bytes = Buffer.from(sealed, 'base64url')
      const start = VERSION_BYTES + NONCE_BYTES
      // One spelling only: what decodes to the same bytes is not the same text.
      const plain = BASE64URL.test(sealed) && bytes.toString('base64url') === sealed
      if (
        !plain ||
        bytes.length < start + TAG_BYTES ||
        !bytes.subarray(0, VERSION_BYTES).equals(head)
      ) {
        return undefined
      }
      const cipher = xchacha20poly1305(
        derived,
        bytes.subarray(VERSION_BYTES, start),
        boundTo(sealedFor),
      )
      return unpadded(decrypted(cipher, bytes.subarray(start)), nowMs)
    },
  }
}

function decrypted(
  cipher: { readonly decrypt: (sealed: Uint8Array) => Uint8Array },
  sealed: Uint8Array,
): Buffer | undefined {
  try {
    return Buffer.from(cipher.decrypt(sealed))
  } catch {
    // The tag does not fit: altered, or sealed for somebody else, for elsewhere, or by another key.
    return undefined
  }
}

/** When it ends, the length of the text, the text, and zeros. */
function padded(text: string, untilMs: number): Buffer {
  const content = Buffer.from(text)
  const length = UNTIL_BYTES + LENGTH_BYTES + content.length
  const bytes = Buffer.alloc(Math.ceil(length / PADDED_BYTES) * PADDED_BYTES)
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(untilMs))), 0)
  bytes.writeUInt32BE(content.length, UNTIL_BYTES)
  content.copy(bytes, UNTIL_BYTES + LENGTH_BYTES)
  return bytes
}

function unpadded(bytes: Buffer | undefined, nowMs: number): string | undefined {
  if (bytes === undefined || Number(bytes.readBigUInt64BE(0)) <= nowMs) return undefined
  const start = UNTIL_BYTES + LENGTH_BYTES
  return bytes.toString('utf8', start, start + bytes.readUInt32BE(UNTIL_BYTES))
}
