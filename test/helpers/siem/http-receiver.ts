/** A fake receiver of HTTP: keeps what it is sent, answers what it is told to, and can misbehave. */
import { createServer as createHttpServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createHttpsServer, type ServerOptions } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { listenOnLoopback } from '../free-port.ts'
import type { TestScope } from '../process.ts'

export interface HttpReceived {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * `silent`: never answers. `cut`: resets the connection while the body comes. `half`: cuts its answer in the middle. `drip`: a
 * byte of the answer at a time, for ever. `slow`: answers well, and late.
 */
export type HttpManners = 'good' | 'silent' | 'cut' | 'half' | 'drip' | 'slow'

export interface HttpReceiver {
  readonly port: number
  readonly url: string
  /** What was received whole. */
  readonly requests: HttpReceived[]
  manners: HttpManners
  answer: (request: HttpReceived) => HttpAnswer
  readonly close: () => Promise<void>
  readonly listenAgain: () => Promise<void>
}

const DRIP_MS = 20
const SLOW_MS = 400

export async function startHttpReceiver(
  t: TestScope,
  answer: HttpReceiver['answer'],
  tls?: ServerOptions,
): Promise<HttpReceiver> {
  const make = (): Server => {
    const server = tls === undefined ? createHttpServer() : createHttpsServer(tls)
    server.on('request', (request, response) => {
      const parts: Buffer[] = []
      request.on('error', () => undefined)
      request.on('data', (part: Buffer) => {
        if (receiver.manners === 'cut') request.socket.destroy()
        parts.push(part)
      })
      request.on('end', () => {
        const bytes = Buffer.concat(parts)
        const zipped = request.headers['content-encoding'] === 'gzip'
        const received: HttpReceived = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: (zipped ? gunzipSync(bytes) : bytes).toString('utf8'),
        }
        if (receiver.manners === 'silent') return
        receiver.requests.push(received)
        const { status, headers = {}, body = '' } = receiver.answer(received)
        const answer = (): void => void response.writeHead(status, headers).end(body)
        if (receiver.manners === 'good') {
          answer()
          return
        }
        if (receiver.manners === 'slow') {
          setTimeout(answer, SLOW_MS)
          return
        }
        response.writeHead(status, { 'content-length': '1000' })
        response.write('{')
        if (receiver.manners === 'half') response.socket?.destroySoon()
        else {
          const timer = setInterval(() => response.write(' '), DRIP_MS)
          response.on('close', () => clearInterval(timer))
        }
      })
    })
    return server
  }
  let server: Server
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const receiver = { requests: [], manners: 'good', answer, close } as unknown as {
    -readonly [name in keyof HttpReceiver]: HttpReceiver[name]
  }
  server = make()
  receiver.port = await listenOnLoopback(server)
  receiver.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${receiver.port}`
  receiver.listenAgain = async () => {
    server = make()
    await listenOnLoopback(server, receiver.port)
  }
  t.teardown(close)
  return receiver
}
