/** A caller that connects with TLS, and shows a certificate where it has one. */
import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { LOOPBACK } from '../free-port.ts'
import type { Issued } from './authority.ts'

export interface TlsCaller {
  /** Whom it believes. */
  readonly ca: string
  /** What it shows; undefined: nothing. */
  readonly shows?: Issued | undefined
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  /** Keeps its connection for the next request. */
  readonly agent?: Agent
}

export interface TlsAnswer {
  /** `cut`: the connection ended without an answer. */
  readonly status: number | 'cut'
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly protocol: string | null
  /** Serial number of what the server showed. */
  readonly serial: string
}

const NO_ANSWER = { status: 'cut', headers: {}, body: '', protocol: null, serial: '' } as const
const TIMEOUT_MS = 10_000

/** An agent that keeps one connection. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 })
}

/** Asks for a path. Never rejects because of what the peer does. */
export function askTls(
  port: number,
  { ca, shows, maxVersion, agent }: TlsCaller,
  { path, headers = {} }: { readonly path: string; readonly headers?: Record<string, string> },
): Promise<TlsAnswer> {
  return new Promise((resolve) => {
    const sent = request({
      host: LOOPBACK,
      port,
      path,
      headers,
      ca,
      ...shows,
      ...(maxVersion !== undefined && {
        maxVersion,
        minVersion: maxVersion === 'TLSv1.1' ? 'TLSv1' : 'TLSv1.2',
        // Else the caller's own library would refuse it.
        ...(maxVersion === 'TLSv1.1' && { ciphers: 'DEFAULT@SECLEVEL=0' }),
      }),
      agent: agent ?? false,
      timeout: TIMEOUT_MS,
    })
    sent.once('error', () => resolve(NO_ANSWER))
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.once('response', (response) => {
      const socket = response.socket as TLSSocket
      const chunks: Buffer[] = []
      const { serialNumber: serial } = socket.getPeerCertificate()
      const told = { protocol: socket.getProtocol(), serial }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', () => resolve(NO_ANSWER))
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          ...told,
        }),
      )
    })
    sent.end()
  })
}
