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

/** Calls `handle` for one request of a connection at a time. */
export function inTurn(handle: RequestListener): Turns {
  const lines = new WeakMap<Socket, Line>()
  const take = (line: Line, request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    response.once('close', () => {
      const next = line.waiting.shift()
      if (!socket.writable) return
      if (next !== undefined) take(line, ...next)
      else if (line.ending) socket.destroySoon()
      else lines.delete(socket)
    })
    handle(request, response)
  }
  return {
    handle: (request, response) => {
      const line = lines.get(request.socket)
      if (line === undefined) {
        const begun = { waiting: [], ending: false }
        lines.set(request.socket, begun)
        take(begun, request, response)
      } else if (line.waiting.length < PIPELINED_MAX) line.waiting.push([request, response])
      else request.socket.destroy()
    },
    endAfterAnswers: (socket) => {
      const line = lines.get(socket)
      if (line !== undefined) line.ending = true
      return line !== undefined
    },
  }
}
