/** What a connection with TLS is made with. Certificates are always verified. */
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

/** Contents of PEM files. */
export interface TlsFiles {
  /** Authorities to trust instead of those that Node brings along. */
  readonly ca?: Buffer | undefined
  /** Our own certificate, and its key. */
  readonly cert?: Buffer | undefined
  readonly key?: Buffer | undefined
}

/** Options for Node's TLS and HTTPS. */
export function tlsOptions({ ca, cert, key }: TlsFiles, host: string): ConnectionOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // RFC 6066 section 3: an IP address is no server name.
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  }
}
