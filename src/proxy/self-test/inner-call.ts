/**
 * Asks the gateway itself, bytes in and bytes out: the same parser and the same pipeline as for a caller, over a connection
 * that has no address. What tells it from a caller is the connection itself, which nobody outside can open.
 */
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { PURPOSE_HEADER } from '../../rules/purpose/purpose.ts'
import type { SelfTestCall } from '../exchange.ts'
import { readSome } from './read-some.ts'

const CALL = Symbol('self-test')

interface Carrier {
  [CALL]?: SelfTestCall
}

/** The call that a request belongs to; undefined for requests of callers. */
export function callOn({ socket }: IncomingMessage): SelfTestCall | undefined {
  return (socket as Carrier)[CALL]
}

export interface InnerRequest {
  readonly target: string
  readonly purpose: string | undefined
  readonly call: SelfTestCall
  readonly signal: AbortSignal
}

export interface InnerAnswer {
  readonly status: number
  /** Status line, headers and content; undefined: more than is searched. */
  readonly bytes: Buffer | undefined
}

/** Rejects where no whole answer comes in time. */
export async function askInside(
  server: Server,
  { target, purpose, call, signal }: InnerRequest,
): Promise<InnerAnswer> {
  const [near, far] = duplexPair()
  const carrier: Carrier & Duplex = far
  carrier[CALL] = call
  server.emit('connection', carrier)
  try {
    const asking = request({
      path: target,
      headers: {
        host: 'self-test',
        connection: 'close',
        ...(purpose !== undefined && { [PURPOSE_HEADER]: purpose }),
      },
      createConnection: () => near,
      signal,
    })
    // Once there is an answer nobody else listens for what cuts it short.
    asking.on('error', () => {})
    asking.end()
    const [answer] = (await once(asking, 'response', { signal })) as [IncomingMessage]
    const { statusCode: status = 0, statusMessage = '', rawHeaders } = answer
    const body = await readSome(answer)
    const head = Buffer.from([statusMessage, ...rawHeaders].join('\n'), 'latin1')
    return { status, bytes: body && Buffer.concat([head, Buffer.from('\n\n'), body]) }
  } finally {
    near.destroy()
    far.destroy()
  }
}
