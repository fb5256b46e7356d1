/** A fake receiver of syslog over TCP or TLS: takes octet-counted messages (RFC 6587 3.4.1), strictly, and can misbehave. */
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls'
import { listenOnLoopback } from '../free-port.ts'
import type { TestScope } from '../process.ts'

/** How it treats a connection. `cut`: resets it once some bytes have come. `deaf`: never reads. `open`: never ends it. */
export type SyslogManners = 'good' | 'cut' | 'deaf' | 'open'

export interface SyslogReceiver {
  readonly port: number
  readonly messages: string[]
  manners: SyslogManners
  readonly connections: () => number
  readonly close: () => Promise<void>
  readonly listenAgain: () => Promise<void>
}

const CUT_AFTER_BYTES = 200

export async function startSyslogReceiver(t: TestScope, tls?: TlsOptions): Promise<SyslogReceiver> {
  const messages: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const accept = (socket: Socket): void => {
    connections += 1
    socket.on('error', () => undefined)
    receive(socket, receiver)
  }
  // With TLS a connection is there before its handshake, and stays where that fails.
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  }
  const make = (): Server =>
    // An end is answered by us, or not: that is what a test looks at.
    (tls === undefined
      ? createTcpServer({ allowHalfOpen: true }, accept)
      : createTlsServer({ ...tls, allowHalfOpen: true } as TlsOptions, accept)
    ).on('connection', keep)
  let server = make()
  const port = await listenOnLoopback(server)
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  const receiver: SyslogReceiver = {
    port,
    messages,
    manners: 'good',
    connections: () => connections,
    close,
    listenAgain: async () => {
      server = make()
      await listenOnLoopback(server, port)
    },
  }
  t.teardown(close)
  return receiver
}

function receive(socket: Socket, receiver: SyslogReceiver): void {
  const manners = receiver.manners
  let held: Buffer = Buffer.alloc(0)
  if (manners === 'deaf') {
    socket.pause()
    return
  }
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (manners === 'cut' && held.length > CUT_AFTER_BYTES) {
      // With TLS nothing is reset, but what was not read yet does the same.
      if (socket instanceof TLSSocket) socket.destroy()
      else socket.resetAndDestroy()
      return
    }
    held = takeMessages(held, receiver.messages)
  })
  socket.on('end', () => {
    if (held.length > 0) receiver.messages.push('TORN')
    if (manners !== 'open') socket.end()
  })
}

function takeMessages(bytes: Buffer, messages: string[]): Buffer {
  let rest = bytes
  for (;;) {
    const count = /^([1-9]\d{0,6}) /.exec(rest.toString('latin1', 0, 9))?.[1]
    if (count === undefined) {
      if (rest.length > 8) throw new Error('no count before a message')
      return rest
    }
    const start = count.length + 1
    const end = start + Number(count)
    if (rest.length < end) return rest
    messages.push(rest.toString('utf8', start, end))
    rest = rest.subarray(end)
  }
}
