/**
 * Requests of one connection, one after the other (RFC 9112 9.3.2 lets them come without waiting): after an answer that
 * ends the connection, whatever had been sent behind it is never looked at.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests that may wait behind the one under way; one more ends the connection. */
export const PIPELINED_MAX = 16

export interface Turns {
  readonly handle: RequestListener
  /**
   * Nothing that follows on this connection is a request: it ends once those before it are answered. False where none
   * is under way.
   */
  readonly endAfterAnswers: (socket: Socket) => boolean
}

interface Line {
  readonly waiting: (readonly [IncomingMessage, ServerResponse])[]
  ending: boolean
}

// A property, as it is of a request: see exchange.ts.
const LINE = Symbol('line')

interface Carrier extends Socket {
  [LINE]?: Line | undefined
}

/** Calls `handle` for one request of a connection at a time. */
export function inTurn(handle: RequestListener): Turns {
  const take = (line: Line, request: IncomingMessage, response: ServerResponse) => {
    const socket: Carrier = request.socket
    response.on('close', () => {
      const next = line.waiting.shift()
      if (!socket.writable) return
      if (next !== undefined) take(line, ...next)
      else if (line.ending) socket.destroySoon()
      else socket[LINE] = undefined
    })
    handle(request, response)
  }
  return {
    handle: (request, response) => {
      const socket: Carrier = request.socket
      const line = socket[LINE]
      if (line === undefined) {
        const begun = { waiting: [], ending: false }
        socket[LINE] = begun
        take(begun, request, response)
      } else if (line.waiting.length < PIPELINED_MAX) line.waiting.push([request, response])
      else request.socket.destroy()
    },
    endAfterAnswers: (socket: Carrier) => {
      const line = socket[LINE]
      if (line !== undefined) line.ending = true
      return line !== undefined
    },
  }
}
