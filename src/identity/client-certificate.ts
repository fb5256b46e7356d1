/**
 * What a certificate says of the peer that proved to hold its key. Whether it leads to a known authority is asked where the connection
 * begins. The common name plays no part (RFC 9525 2).
 */
import { createHash } from 'node:crypto'
import type { X509Certificate } from 'node:crypto'
import type { CertificateName } from '../rules/trust.ts'

export interface ClientCertificate {
  /** SHA-256 of the certificate, base64url: `x5t#S256` (RFC 8705 3.1). */
  readonly thumbprint: string
  /** SHA-256 of its public key with its algorithm (SPKI), base64: the same after a renewal with the same key. */
  readonly spki: string
  /** In lower case. One with a wildcard is the name of nobody. */
  readonly dns: ReadonlySet<string>
  /** As they stand. */
  readonly uris: ReadonlySet<string>
  /** Until when it holds. */
  readonly untilMs: number
}

/** One name of a subject alternative name as Node writes it: quoted as in JSON where it could be taken for several. */
const NAME = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?=, |$)/gy

/** Reads a certificate. */
export function readClientCertificate(certificate: X509Certificate): ClientCertificate {
  const names = namesOf(certificate.subjectAltName ?? '')
  const of = (kind: string) => names.flatMap(([found, name]) => (found === kind ? [name] : []))
  return {
    thumbprint: createHash('sha256').update(certificate.raw).digest('base64url'),
    spki: createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64'),
    dns: new Set(of('DNS').map((name) => name.toLowerCase())),
    uris: new Set(of('URI')),
    untilMs: certificate.validToDate.getTime(),
  }
}

/** Whether it is that of one of these, and still holds. */
export function isNamed(
  { spki, dns, uris, untilMs }: ClientCertificate,
  names: readonly CertificateName[],
  nowMs: number,
): boolean {
  if (nowMs > untilMs) return false
  return names.some(({ kind, value }) => {
    if (kind === 'spki') return spki === value
    return kind === 'dns' ? dns.has(value) : uris.has(value)
  })
}

// What cannot be read to its end has no names: a part of it could be what its owner chose.
function namesOf(text: string): readonly (readonly [kind: string, name: string])[] {
  const found: [string, string][] = []
  let end = 0
  for (const match of text.matchAll(NAME)) {
    const [whole, kind = '', name = ''] = match
    end = match.index + whole.length
    // A quoted one has characters that no name of a policy has.
    if (!name.startsWith('"')) found.push([kind, name])
  }
  return end === text.length ? found : []
}
