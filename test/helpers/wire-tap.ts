/** A relay on loopback that keeps every byte on its way to the other side: what a gateway wrote, as it was on the wire. */
import { connect, createServer, type Socket } from 'node:net'
import { listenOnLoopback, LOOPBACK } from './free-port.ts'
import type { TestScope } from './process.ts'

/** A relay that runs. */
export interface WireTap {
  readonly url: string
  /** Whom connections from now on are relayed to. Before, they are closed. */
  readonly relayTo: (port: number) => void
  /** All that went to the other side since the last call, over whatever connection, in the order of its coming. */
  readonly take: () => Buffer
  /** Connections so far. */
  readonly connections: () => number
}

/** Starts one; it is ended with the test. */
export async function startWireTap(t: TestScope): Promise<WireTap> {
  const sockets = new Set<Socket>()
  let heard: Buffer[] = []
  let target: number | undefined
  let connections = 0
  const server = createServer({ noDelay: true }, (caller) => {
    connections += 1
    if (target === undefined) return void caller.destroy()
    const hop = connect({ port: target, host: LOOPBACK, noDelay: true })
    caller.on('data', (chunk: Buffer) => heard.push(chunk))
    caller.pipe(hop).pipe(caller)
    for (const [one, other] of [
      [caller, hop],
      [hop, caller],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => sockets.delete(one) && other.destroy())
    }
    return undefined
  })
  const port = await listenOnLoopback(server)
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://${LOOPBACK}:${port}`,
    relayTo: (next) => {
      target = next
    },
    take: () => {
      const bytes = Buffer.concat(heard)
      heard = []
      return bytes
    },
    connections: () => connections,
  }
}
