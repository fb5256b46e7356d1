/**
 * The socket that callers reach: Node's HTTP server, with TLS where the policy says so, with every bound set, handing requests to the
 * application in force.
 */
import { createServer, STATUS_CODES } from 'node:http'
import type { RequestListener, Server, ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { ServerOptions as TlsServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { CelosiaError } from '../core/errors.ts'
import { watchConnections } from './tls/tls-connections.ts'
import type { TlsConnections } from './tls/tls-connections.ts'
import { TlsInvalidError } from './tls/errors.ts'
import type { TlsSettings } from './tls/tls-settings.ts'
import { inTurn } from './turns.ts'
import type { Turns } from './turns.ts'

/** Bounds of the listener; each is passed to Node explicitly. */
export const LISTENER_LIMITS = {
  headerBytesMax: 16_384,
  headersCountMax: 100,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  handshakeTimeoutMs: 10_000,
  keepAliveTimeoutMs: 65_000,
  checkIntervalMs: 2_000,
  connectionsMax: 10_000,
  requestsPerSocketMax: 10_000,
} as const

/** The address is taken, or not one of this machine. */
export class ListenError extends CelosiaError {
  readonly code = 'ERR_LISTEN'
}

export interface Listener {
  readonly url: string
  /** Replaces the application; requests under way stay with the one they began with. */
  readonly use: (handle: RequestListener) => void
  /** Throws {@link TlsInvalidError} where it would take another listener: TLS, and whether certificates are asked for, is for good. */
  readonly checkTls: (settings: TlsSettings | undefined) => void
  /** Other certificates: for each handshake from now on, and connections of before end with their answer. Throws as `checkTls` does. */
  readonly useTls: (settings: TlsSettings | undefined) => void
  /** Stops accepting, waits for requests under way up to `graceMs`, then cuts. */
  readonly close: (graceMs: number) => Promise<void>
}

export interface ListenerOptions {
  readonly host: string
  readonly port: number
  /** Undefined: without TLS. */
  readonly tls: TlsSettings | undefined
  readonly handle: RequestListener
  /** Told of each handshake of TLS that came to nothing, so that these are counted too. */
  readonly onHandshakeFailed: () => void
  /** Told of each answer to bytes that are no request, so that these refusals are counted too. */
  readonly onUnreadable: (status: number) => void
}

/** Throws {@link ListenError}. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { host, port, tls, handle, onUnreadable } = options
  let current = handle
  let connections: TlsConnections | undefined
  const turns = inTurn((request, response) => {
    if (connections === undefined || connections.take(request, response)) current(request, response)
  })
  let server: Server
  if (tls === undefined) server = createServer(HTTP_OPTIONS, turns.handle)
  else {
    const secure = createTlsServer({ ...HTTP_OPTIONS, ...tlsOptions(tls) }, turns.handle)
    connections = watchConnections(secure, tls, options.onHandshakeFailed)
    server = secure
  }
  setBounds(server)
  server.on('clientError', (error, socket) => {
    const status = answerUnreadable(error, socket as Socket, turns)
    if (status !== undefined) onUnreadable(status)
  })
  // "100-continue" would be answered before the pipeline has seen the request.
  server.on('checkContinue', turns.handle)
  server.on('checkExpectation', turns.handle)
  server.on('connect', (_request, socket) => socket.destroy())
  await bind(server, host, port)
  const { port: bound } = server.address() as AddressInfo
  const checkTls = (settings: TlsSettings | undefined) => refuseOther(tls, settings)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    use: (next) => {
      current = next
    },
    checkTls,
    useTls: (settings) => {
      checkTls(settings)
      if (settings !== undefined) connections?.use(settings)
    },
    close: (graceMs) => closeServer(server, graceMs),
  }
}

const HTTP_OPTIONS: ServerOptions = {
  insecureHTTPParser: false,
  // The pipeline asks for it, so that its refusal is counted like any other.
  requireHostHeader: false,
  joinDuplicateHeaders: false,
  maxHeaderSize: LISTENER_LIMITS.headerBytesMax,
  headersTimeout: LISTENER_LIMITS.headersTimeoutMs,
  requestTimeout: LISTENER_LIMITS.requestTimeoutMs,
  keepAliveTimeout: LISTENER_LIMITS.keepAliveTimeoutMs,
  connectionsCheckingInterval: LISTENER_LIMITS.checkIntervalMs,
}

function setBounds(server: Server): void {
  server.maxHeadersCount = LISTENER_LIMITS.headersCountMax
  server.maxConnections = LISTENER_LIMITS.connectionsMax
  server.maxRequestsPerSocket = LISTENER_LIMITS.requestsPerSocketMax
}

/** A server for connections of the gateway's own making: it does not listen, and reads requests as the listener does. */
export function innerServer(handle: RequestListener): Server {
  const server = createServer(HTTP_OPTIONS, handle)
  setBounds(server)
  return server
}

function tlsOptions({ context, clients }: TlsSettings): TlsServerOptions {
  return {
    ...context,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: LISTENER_LIMITS.handshakeTimeoutMs,
    requestCert: clients !== undefined,
    // Whoever shows none, or one that does not hold, is refused where connections are watched, and counted.
    rejectUnauthorized: false,
  }
}

function refuseOther(before: TlsSettings | undefined, after: TlsSettings | undefined): void {
  if ((before === undefined) !== (after === undefined))
    throw new TlsInvalidError('`listen.tls` comes or goes with a restart only')
  if ((before?.clients === undefined) !== (after?.clients === undefined))
    throw new TlsInvalidError('`listen.tls.clients` comes or goes with a restart only')
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new ListenError(`cannot listen on ${host}:${port}`, { cause })),
    )
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

const UNREADABLE_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

// What cannot be parsed has no request to answer: a fixed answer, and the connection ends. Gives the status.
function answerUnreadable(
  error: Error & { code?: string },
  socket: Socket,
  turns: Turns,
): number | undefined {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return undefined
  }
  // The answer that is due first is that of the request before it, which has a record of its own.
  if (turns.endAfterAnswers(socket)) return undefined
  const status = UNREADABLE_STATUS[error.code ?? ''] ?? 400
  const title = STATUS_CODES[status] ?? ''
  socket.end(`HTTP/1.1 ${status} ${title}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
  return status
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
