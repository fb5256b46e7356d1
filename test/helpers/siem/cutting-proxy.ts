/** Stands between a client and its Redis, counts commands, and cuts the connection once: before a command, or before its answer. */
import { connect, createServer, type Socket } from 'node:net'
import { listenOnLoopback, LOOPBACK } from '../free-port.ts'
import type { TestScope } from '../process.ts'

/** `before`: Redis does not get the command. `after`: it does, and nobody gets its answer. */
export interface Cut {
  /** The number of the command, from 1, over all connections. */
  readonly at: number
  readonly when: 'before' | 'after'
}

export interface CuttingProxy {
  readonly port: number
  /** Names of the commands that came, in order. */
  readonly commands: readonly string[]
  /** Resolves once the connection is cut. */
  readonly cut: Promise<void>
}

/** Starts it. Without a cut it only counts. */
export async function startCuttingProxy(
  t: TestScope,
  redisPort: number,
  cut?: Cut,
): Promise<CuttingProxy> {
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const isCut = Promise.withResolvers<void>()
  const server = createServer((client) => {
    const redis = connect(redisPort, LOOPBACK)
    let deaf = false
    const end = (): void => {
      client.destroy()
      redis.destroy()
    }
    for (const socket of [client, redis]) {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', end)
    }
    redis.on('data', (answer: Buffer) => {
      if (!deaf) {
        client.write(answer)
        return
      }
      end()
      isCut.resolve()
    })
    let held: Buffer = Buffer.alloc(0)
    client.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes])
      for (let next = firstCommand(held); next !== undefined; next = firstCommand(held)) {
        // Somebody else has come to this port: other tests try ports where nobody listens.
        if (next === 'none') {
          end()
          return
        }
        commands.push(next.name)
        const here = commands.length === cut?.at
        if (here && cut?.when === 'before') {
          end()
          isCut.resolve()
          return
        }
        deaf ||= here
        redis.write(held.subarray(0, next.bytes))
        held = held.subarray(next.bytes)
      }
    })
  })
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: await listenOnLoopback(server), commands, cut: isCut.promise }
}

/** The command that bytes begin with, in RESP: a list of texts, each after its length. Undefined where it is not whole yet. */
function firstCommand(
  bytes: Buffer,
): { readonly name: string; readonly bytes: number } | 'none' | undefined {
  const line = (from: number): { readonly text: string; readonly next: number } | undefined => {
    const end = bytes.indexOf('\r\n', from)
    return end < 0 ? undefined : { text: bytes.toString('latin1', from, end), next: end + 2 }
  }
  const head = line(0)
  if (head === undefined) return undefined
  if (!head.text.startsWith('*')) return 'none'
  let at = head.next
  let name = ''
  for (let left = Number(head.text.slice(1)); left > 0; left -= 1) {
    const length = line(at)
    if (length === undefined) return undefined
    const end = length.next + Number(length.text.slice(1))
    if (bytes.length < end + 2) return undefined
    if (name === '') name = bytes.toString('latin1', length.next, end).toUpperCase()
    at = end + 2
  }
  return { name, bytes: at }
}
