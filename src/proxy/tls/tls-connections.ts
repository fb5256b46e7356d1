/**
 * Which connections hold: those whose handshake was made under the settings in force, by who showed the certificate that is asked for.
 * What began under others ends with the answer that is under way.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { readClientCertificate } from '../../identity/client-certificate.ts'
import type { ClientCertificate } from '../../identity/client-certificate.ts'
import type { TlsSettings } from './tls-settings.ts'

export interface TlsConnections {
  /** Whether a request of this connection may be looked at; its connection ends where not. */
  readonly take: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Other settings: for each handshake from now on. */
  readonly use: (settings: TlsSettings) => void
}

// A property, as it is of a request: see exchange.ts.
const CERTIFICATE = Symbol('certificate')
const EPOCH = Symbol('epoch')

interface Carrier extends Socket {
  [CERTIFICATE]?: ClientCertificate
  [EPOCH]?: number
}

/** The certificate that the peer has proven to hold, believed when the connection began; undefined: none. */
export function certificateOf(socket: Socket): ClientCertificate | undefined {
  return (socket as Carrier)[CERTIFICATE]
}

/**
 * Watches the connections of a server that asks for certificates and refuses none by itself. `onRefused` is told of each handshake that
 * came to nothing.
 */
export function watchConnections(
  server: Server,
  settings: TlsSettings,
  onRefused: () => void,
): TlsConnections {
  let current = settings
  // Counts settings, so that a handshake that dawdles is held against those that it began under.
  let epoch = 0
  const begun = new Map<string, number>()

  server.on('connection', (socket: Socket) => {
    const place = placeOf(socket)
    begun.set(place, epoch)
    socket.once('close', () => begun.delete(place))
  })
  // Before the parser of requests hears of it.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const carrier: Carrier = socket
    const began = begun.get(placeOf(socket))
    if (began !== undefined) carrier[EPOCH] = began
    const shown = shownBy(socket, current)
    if (shown === 'refused') {
      onRefused()
      delete carrier[EPOCH]
      socket.destroy()
    } else if (shown !== undefined) carrier[CERTIFICATE] = shown
  })
  server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
    // A peer that goes away, as those do that look whether the port is open.
    if (error.code !== 'ECONNRESET') onRefused()
    socket.destroy()
  })
  const holds = (socket: Socket) => (socket as Carrier)[EPOCH] === epoch
  return {
    take: ({ socket }, response) => {
      if (!holds(socket)) {
        socket.destroy()
        return false
      }
      response.once('close', () => {
        if (!holds(socket)) socket.destroySoon()
      })
      return true
    },
    use: (next) => {
      if (next.digest === current.digest) return
      current = next
      epoch += 1
      server.setSecureContext(next.context)
      server.closeIdleConnections()
    },
  }
}

function shownBy(
  socket: TLSSocket,
  { clients }: TlsSettings,
): ClientCertificate | 'refused' | undefined {
  if (clients === undefined) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return clients.required ? 'refused' : undefined
  // Also where none is required: what is shown must hold.
  return socket.authorized ? readClientCertificate(certificate) : 'refused'
}

// The socket below a TLS socket is not to be had; what tells connections apart is.
function placeOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
