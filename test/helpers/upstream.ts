/**
 * A helpdesk made of a raw socket: it records every byte and every request, and answers with whatever bytes the test
 * scripts, HTTP or not. It does not mend what it is told to send.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { systemClock } from '../../src/core/clock.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { listenOnLoopback, LOOPBACK } from './free-port.ts'
import { readMessage, type HeaderPairs, type HttpMessage } from './http-message.ts'
import type { TestScope } from './process.ts'
import { commandOf, statusAnswer, type UpstreamAnswer } from './upstream-answers.ts'

/** One request, as it stood on the wire. */
export interface UpstreamRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: HeaderPairs
  readonly body: Buffer
  readonly trailers: HeaderPairs
  /** Wall clock when the last byte of it was read. */
  readonly timeMs: number
  /** Wall clock when the first byte of it was read. */
  readonly firstByteMs: number
  /** Which connection it came on, from 1. */
  readonly connection: number
}

/** One connection and all that came over it, also what never became a request. */
export interface UpstreamConnection {
  readonly number: number
  readonly bytes: Buffer
  /** What came after its last whole request. */
  readonly rest: Buffer
  /** Why its bytes could not be read as requests; undefined where they could. */
  readonly fault: string | undefined
}

/** What to answer a request with. */
export type AnswerScript = (request: UpstreamRequest) => UpstreamAnswer | Promise<UpstreamAnswer>

/** The upstream of a test. */
export interface RawUpstream {
  readonly port: number
  readonly url: string
  readonly requests: readonly UpstreamRequest[]
  readonly connections: () => readonly UpstreamConnection[]
  /** Replaces the script. Before the first, everything is answered with 501. */
  readonly answer: (script: AnswerScript | UpstreamAnswer) => void
  /** What scripts that take writes keep, by their own key; the oracle compares it before and after. */
  readonly records: Map<string, unknown>
  /** Forgets requests, connections' bytes, records and the script. Open connections stay open. */
  readonly reset: () => void
  /** Ends every connection and stops listening, so that the next is refused. Twice is once. */
  readonly close: () => Promise<void>
}

/** Bytes of one request; more ends the connection. */
const REQUEST_BYTES_MAX = 64 * 1024 * 1024

interface Inbox {
  readonly number: number
  readonly socket: Socket
  readonly heard: Buffer[]
  readonly pending: ByteBuffer
  firstByteMs: number
  fault: string | undefined
  busy: boolean
}

interface State {
  readonly server: Server
  readonly requests: UpstreamRequest[]
  readonly inboxes: Set<Inbox>
  script: AnswerScript
  connectionCount: number
}

const unscripted: AnswerScript = () => statusAnswer(501)

/** Starts one on a free loopback port; it is closed when the test ends. */
export async function startRawUpstream(t: TestScope): Promise<RawUpstream> {
  const server = createServer({ noDelay: true })
  const state: State = {
    server,
    requests: [],
    inboxes: new Set(),
    script: unscripted,
    connectionCount: 0,
  }
  server.on('connection', (socket) => accept(state, socket))
  const port = await listenOnLoopback(server)
  const records = new Map<string, unknown>()
  const upstream: RawUpstream = {
    port,
    url: `http://${LOOPBACK}:${port}`,
    requests: state.requests,
    connections: () => [...state.inboxes].map(describe).filter(({ bytes }) => bytes.length > 0),
    answer: (script) => {
      state.script = typeof script === 'function' ? script : () => script
    },
    records,
    reset: () => {
      records.clear()
      forget(state)
    },
    close: () => close(state),
  }
  t.teardown(upstream.close)
  return upstream
}

function describe({ number, heard, pending, fault }: Inbox): UpstreamConnection {
  return { number, bytes: Buffer.concat(heard), rest: pending.view(), fault }
}

function forget(state: State): void {
  state.requests.length = 0
  state.script = unscripted
  for (const inbox of state.inboxes) {
    inbox.heard.length = 0
    if (inbox.socket.destroyed) state.inboxes.delete(inbox)
  }
}

async function close(state: State): Promise<void> {
  for (const { socket } of state.inboxes) socket.destroy()
  if (state.server.listening) await new Promise((resolve) => state.server.close(resolve))
}

function accept(state: State, socket: Socket): void {
  state.connectionCount += 1
  const inbox: Inbox = {
    number: state.connectionCount,
    socket,
    heard: [],
    pending: new ByteBuffer(),
    firstByteMs: 0,
    fault: undefined,
    busy: false,
  }
  state.inboxes.add(inbox)
  // A caller may go away at any time; that is part of what tests do.
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    inbox.heard.push(chunk)
    if (inbox.pending.length === 0) inbox.firstByteMs = systemClock.nowMs()
    inbox.pending.append(chunk)
    if (inbox.pending.length > REQUEST_BYTES_MAX) socket.destroy()
    else void serve(state, inbox)
  })
}

/** Answers the requests that are complete, one after the other. */
async function serve(state: State, inbox: Inbox): Promise<void> {
  if (inbox.busy) return
  inbox.busy = true
  try {
    for (let message = next(inbox); message !== undefined; message = next(inbox)) {
      const request = toRequest(message, inbox)
      state.requests.push(request)
      await send(inbox.socket, await state.script(request))
    }
  } catch (error) {
    inbox.fault = String(error)
    inbox.socket.destroy()
  } finally {
    inbox.busy = false
  }
}

function next(inbox: Inbox): HttpMessage | undefined {
  const message = readMessage(inbox.pending.view(), { unframed: 'empty' })
  if (message !== undefined) inbox.pending.discard(message.length)
  return message
}

function toRequest(message: HttpMessage, inbox: Inbox): UpstreamRequest {
  const { headers, body, trailers } = message
  const [method = '', target = '', version = ''] = message.startLine.split(' ')
  const { firstByteMs, number: connection } = inbox
  const timeMs = systemClock.nowMs()
  return { method, target, version, headers, body, trailers, timeMs, firstByteMs, connection }
}

async function send(socket: Socket, answer: UpstreamAnswer): Promise<void> {
  const { bytes, after } = commandOf(answer)
  for await (const chunk of bytes) {
    if (socket.destroyed) return
    await new Promise((resolve) => socket.write(chunk, resolve))
  }
  if (after === 'hang') await new Promise((resolve) => socket.once('close', resolve))
  else if (after === 'close') socket.end()
  else if (after === 'reset') socket.resetAndDestroy()
}
