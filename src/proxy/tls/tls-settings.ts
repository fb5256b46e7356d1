/** The certificates that the listener shows and believes, read from their files and tried before they are used. */
import { constants, createHash, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SecureContextOptions } from 'node:tls'
import { readBounded } from '../../core/read-bounded.ts'
import { TlsInvalidError } from './errors.ts'

/** Where they are: full paths. */
export interface TlsFiles {
  /** The gateway's own, and what leads to its authority, in PEM. */
  readonly certificate: string
  /** Its private key, in PEM. */
  readonly key: string
  /** Undefined: callers are asked for no certificate. */
  readonly clients: ClientFiles | undefined
}

export interface ClientFiles {
  /** Whose certificates are believed. */
  readonly authorities: string
  /** Lists of what they have revoked; undefined: none is asked. */
  readonly revoked: string | undefined
  /** False: who shows no certificate may go on without. */
  readonly required: boolean
}

/** What one handshake after another is made with. */
export interface TlsSettings {
  readonly context: SecureContextOptions
  /** Undefined: callers are asked for no certificate. */
  readonly clients: { readonly required: boolean } | undefined
  /** Of all that was read: another one, other settings. */
  readonly digest: string
  /** For reading them again. */
  readonly files: TlsFiles
}

/** Largest file of certificates, keys or revocations. */
const FILE_BYTES_MAX = 1_048_576
/** Authorities in one file. */
const AUTHORITIES_MAX = 100
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** RFC 9325 4.2: forward secrecy and authenticated encryption only. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** Throws {@link TlsInvalidError} where a file is missing, or what is in them does not fit together. */
export function readTls(files: TlsFiles): TlsSettings {
  const { certificate, key, clients } = files
  const own = read(certificate, 'listen.tls.certificate')
  const privateKey = read(key, 'listen.tls.key')
  const authorities = clients && readAuthorities(clients.authorities)
  const revoked =
    clients?.revoked === undefined ? undefined : read(clients.revoked, 'listen.tls.clients.revoked')
  const context: SecureContextOptions = {
    cert: own,
    key: privateKey,
    ...(authorities !== undefined && { ca: [...authorities] }),
    ...(revoked !== undefined && { crl: revoked }),
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    // Whom a ticket stands for was believed under the settings of then.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  }
  tryOut(context)
  return {
    context,
    clients: clients && { required: clients.required },
    digest: digestOf([own, privateKey, ...(authorities ?? []), revoked, clients?.required]),
    files,
  }
}

function read(file: string, name: string): Buffer {
  const bytes = readBounded(file, FILE_BYTES_MAX)
  if (bytes === undefined || bytes.length === 0)
    throw new TlsInvalidError(
      `${name} (${file}) cannot be read, is empty, or is larger than ${FILE_BYTES_MAX} bytes`,
    )
  return bytes
}

// An authority that is none would refuse everybody, and nobody would know why.
function readAuthorities(file: string): readonly string[] {
  const name = 'listen.tls.clients.authorities'
  const found = read(file, name).toString('latin1').match(CERTIFICATES) ?? []
  if (found.length === 0 || found.length > AUTHORITIES_MAX)
    throw new TlsInvalidError(`${name} (${file}) must have 1 to ${AUTHORITIES_MAX} certificates`)
  for (const [index, pem] of found.entries()) {
    if (!isAuthority(pem))
      throw new TlsInvalidError(
        `${name} (${file}): certificate ${index + 1} is not that of an authority`,
      )
  }
  return found
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

function tryOut(context: SecureContextOptions): void {
  try {
    createSecureContext(context)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    throw new TlsInvalidError(
      'the files of listen.tls cannot be used: certificate and key do not fit, or one of them is no PEM',
      { cause },
    )
  }
}

function digestOf(parts: readonly (Buffer | string | boolean | undefined)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part))
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return hash.digest('base64url')
}
