/**
 * Syslog over TCP, with TLS or without: RFC 5425, octet counting (RFC 6587 3.4.1). The protocol has no acknowledgement, so a
 * batch has a connection of its own: it counts as delivered once the other machine has acknowledged all bytes, we have
 * ended our side, and the receiver has ended its own without a reset. A receiver that stops before it has read everything
 * resets the connection, and the batch is sent again.
 */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { syslogMessage, type SyslogFormat } from '../../audit/export/syslog.ts'
import { connectionFailure, DeliveryError, timedOut } from '../delivery-error.ts'
import type { Payload, Sink } from '../sink.ts'
import { tlsOptions, type TlsFiles } from './tls-files.ts'
import { unacknowledgedBytes } from './unacknowledged.ts'

export interface SyslogSinkOptions {
  readonly host: string
  readonly port: number
  /** Undefined: TCP without TLS. */
  readonly tls: TlsFiles | undefined
  readonly format: SyslogFormat
  /**
   * What counts as delivered. `closed`: the receiver has read all and ended the connection after us. `received`: the machine
   * that we are connected to has acknowledged the bytes; for receivers that do not end a connection.
   */
  readonly confirm: 'closed' | 'received'
  /** For a whole batch, from connecting to the end of the connection. */
  readonly timeoutMs: number
}

/** How often the system is asked what is on its way, at first and at most. */
const POLL_FIRST_MS = 2
const POLL_MAX_MS = 100
/** Where the system does not say what is on its way: so long after the last byte was handed to it. */
const SETTLE_MS = 250

export function createSyslogSink(options: SyslogSinkOptions): Sink {
  return {
    encode: (record) => syslogMessage(record, options.format),
    deliver: (payloads, signal) => deliver(options, payloads, signal),
    close: () => Promise.resolve(),
  }
}

async function deliver(
  options: SyslogSinkOptions,
  payloads: readonly Payload[],
  stopped: AbortSignal,
): Promise<void> {
  const limited = AbortSignal.any([stopped, AbortSignal.timeout(options.timeoutMs)])
  let socket: Socket | undefined
  try {
    socket = await connected(options, limited)
    const connection = new Connection(socket, limited)
    await connection.write(frames(payloads))
    await connection.acknowledged()
    if (options.confirm === 'closed') await connection.end()
    else socket.end()
  } catch (error) {
    throw timedOut(limited, stopped) ?? connectionFailure(error)
  } finally {
    if (options.confirm === 'closed') socket?.destroy()
    else socket?.destroySoon()
  }
}

function frames(payloads: readonly Payload[]): Buffer {
  return Buffer.concat(
    payloads.flatMap(({ text }) => {
      const message = Buffer.from(text)
      return [Buffer.from(`${message.length} `), message]
    }),
  )
}

async function connected(options: SyslogSinkOptions, signal: AbortSignal): Promise<Socket> {
  const { host, port, tls } = options
  const socket =
    tls === undefined
      ? connectTcp({ host, port, noDelay: true })
      : connectTls({ ...tlsOptions(tls, host), host, port })
  try {
    await once(socket, tls === undefined ? 'connect' : 'secureConnect', { signal })
    return socket
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    throw error
  }
}

function early(): DeliveryError {
  return new DeliveryError({ kind: 'passing', problem: 'The sink ended the connection too early' })
}

/** One connection: each wait of it ends at once where the connection does. */
class Connection {
  readonly #socket: Socket
  /** Rejects once the connection is broken, or ended by the other side before ours was. */
  readonly #broken: Promise<never>
  readonly #ended: Promise<void>
  #ending = false

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket
    const broken = Promise.withResolvers<never>()
    const ended = Promise.withResolvers<void>()
    this.#broken = broken.promise
    this.#ended = ended.promise
    // Nobody may be waiting when it breaks.
    this.#broken.catch(() => undefined)
    socket.on('error', broken.reject)
    socket.on('end', () => (this.#ending ? ended.resolve() : broken.reject(early())))
    socket.on('close', () => broken.reject(early()))
    signal.addEventListener('abort', () => broken.reject(signal.reason as Error), { once: true })
    // A receiver of syslog has nothing to say; what it says all the same is let go.
    socket.resume()
  }

  async write(bytes: Buffer): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
    await Promise.race([written, this.#broken])
  }

  /** Resolves once the other machine has acknowledged every byte. */
  async acknowledged(): Promise<void> {
    for (let waitMs = POLL_FIRST_MS; ; waitMs = Math.min(waitMs * 2, POLL_MAX_MS)) {
      const bytes = await Promise.race([unacknowledgedBytes(this.#socket), this.#broken])
      if (bytes === 0) return
      await Promise.race([sleep(bytes === undefined ? SETTLE_MS : waitMs), this.#broken])
      if (bytes === undefined) return
    }
  }

  /** Ends our side, and resolves once the other side has ended its own. */
  async end(): Promise<void> {
    this.#ending = true
    this.#socket.end()
    await Promise.race([this.#ended, this.#broken])
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
