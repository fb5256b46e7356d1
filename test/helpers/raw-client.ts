/**
 * A caller made of a raw socket: it sends exactly the bytes it is given and keeps exactly the bytes it gets. Nothing is
 * retried, followed or mended.
 */
import { connect, type Socket } from 'node:net'
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'
import { systemClock } from '../../src/core/clock.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { LOOPBACK } from './free-port.ts'
import { headerValues, readMessage, type HeaderPairs, type HttpMessage } from './http-message.ts'

/** Bytes to send; a number among them is a pause in milliseconds. */
export type RawInput = Buffer | string | readonly (Buffer | string | number)[]

/** How the connection ended, seen from here. `us`: all answers were there, so this side closed it. */
export type Ending = 'us' | 'peer' | 'reset' | 'timeout' | 'abort' | 'refused'

/** When to stop reading, or to go away. */
export interface RawOptions {
  readonly timeoutMs?: number
  /** How many answers to read before closing. `until-close`: read until the peer closes or time is up. */
  readonly answers?: number | 'until-close'
  /** True where the request is HEAD. Undefined: looked up in the first bytes sent. */
  readonly headOnly?: boolean
  /** Goes away, with a reset, so long after the last byte was sent. */
  readonly abortAfterMs?: number
  /** The time to go away begins then, and not with the last byte. */
  readonly abortFrom?: Promise<unknown>
  /** Called once, when the first byte of an answer is there; what it gives is waited for. */
  readonly onFirstByte?: () => void | Promise<void>
}

/** One answer. Header order, case and repetitions are kept. */
export interface RawAnswer {
  readonly status: number
  readonly headers: HeaderPairs
  /** De-chunked; a known content coding is taken off too, within a limit. */
  readonly body: Buffer
  readonly trailers: HeaderPairs
  /** False where the connection ended in the middle of the body. */
  readonly complete: boolean
}

/** What came back. The first answer stands at the top too: status 0, incomplete, where there was none. */
export interface RawExchange extends RawAnswer {
  /** Every byte received, framing and all. */
  readonly bytes: Buffer
  readonly answers: readonly RawAnswer[]
  /** Bytes after the last whole answer. */
  readonly rest: Buffer
  readonly ending: Ending
  /** True where the peer ended the connection. */
  readonly closed: boolean
  /** Wall clock of the first byte received; undefined where none came. */
  readonly firstByteMs: number | undefined
}

/** A simple, well-formed request. */
export interface SimpleRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly token?: string
  readonly body?: string | Buffer
}

const TIMEOUT_MS = 5_000
const RECEIVED_BYTES_MAX = 256 * 1024 * 1024
const DECODED_BYTES_MAX = 64 * 1024 * 1024

interface Exchange {
  readonly socket: Socket
  readonly options: RawOptions
  readonly headOnly: boolean
  readonly received: ByteBuffer
  /** How many of the bytes belong to whole answers, and which those are. */
  readonly answers: RawAnswer[]
  answeredBytes: number
  firstByteMs: number | undefined
  firstByteDone: Promise<void> | undefined
  ending: Ending | undefined
}

/** Sends raw bytes and reads what comes back. Never rejects because of what the peer does: see `ending`. */
export async function sendRaw(
  port: number,
  input: RawInput,
  options: RawOptions = {},
): Promise<RawExchange> {
  const parts = typeof input === 'string' || Buffer.isBuffer(input) ? [input] : input
  const first = parts.find((part) => typeof part !== 'number')
  const exchange: Exchange = {
    socket: connect({ port, host: LOOPBACK, noDelay: true }),
    options,
    headOnly: options.headOnly ?? first?.toString().startsWith('HEAD ') ?? false,
    received: new ByteBuffer(),
    answers: [],
    answeredBytes: 0,
    firstByteMs: undefined,
    firstByteDone: undefined,
    ending: undefined,
  }
  const over = watch(exchange)
  await Promise.race([over, write(exchange, parts)])
  await over
  await exchange.firstByteDone
  return summary(exchange)
}

/** Sends one well-formed request with `Host`, a bearer token and a length where there is a body. */
export function request(
  port: number,
  simple: SimpleRequest,
  options: RawOptions = {},
): Promise<RawExchange> {
  return sendRaw(port, requestBytes(port, simple), options)
}

/** The bytes that {@link request} sends, to be changed or pipelined. */
export function requestBytes(port: number, simple: SimpleRequest): Buffer {
  const body = Buffer.from(simple.body ?? '')
  const headers = [
    ['Host', `${LOOPBACK}:${port}`],
    ...(simple.token === undefined ? [] : [['Authorization', `Bearer ${simple.token}`]]),
    ...(simple.headers ?? []),
    ...(simple.body === undefined ? [] : [['Content-Length', String(body.length)]]),
  ]
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = `${simple.method ?? 'GET'} ${simple.path} HTTP/1.1\r\n${lines}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

/** The value of a header of an answer, its repetitions joined as RFC 9110 5.3 says; undefined where it is missing. */
export function header(answer: Pick<RawAnswer, 'headers'>, name: string): string | undefined {
  const values = headerValues(answer.headers, name)
  return values.length === 0 ? undefined : values.join(', ')
}

function watch(exchange: Exchange): Promise<void> {
  const { socket, options } = exchange
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(exchange, 'timeout'), options.timeoutMs ?? TIMEOUT_MS)
    socket.on('data', (chunk: Buffer) => receive(exchange, chunk))
    socket.on('end', () => finish(exchange, 'peer'))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(exchange, error.code === 'ECONNREFUSED' ? 'refused' : 'reset')
    })
    socket.on('close', () => {
      clearTimeout(timer)
      exchange.ending ??= 'peer'
      resolve()
    })
  })
}

function finish(exchange: Exchange, ending: Ending): void {
  exchange.ending ??= ending
  exchange.socket.destroy()
}

function receive(exchange: Exchange, chunk: Buffer): void {
  exchange.received.append(chunk)
  if (exchange.firstByteMs === undefined) {
    exchange.firstByteMs = systemClock.nowMs()
    exchange.firstByteDone = Promise.resolve(exchange.options.onFirstByte?.())
    // Looked at when the exchange is over; until then it must not count as unhandled.
    exchange.firstByteDone.catch(() => undefined)
  }
  if (exchange.received.length > RECEIVED_BYTES_MAX) finish(exchange, 'us')
  const wanted = exchange.options.answers ?? 1
  if (wanted === 'until-close') return
  readAnswers(exchange, false)
  if (exchange.answers.length >= wanted) finish(exchange, 'us')
}

async function write(
  exchange: Exchange,
  parts: readonly (Buffer | string | number)[],
): Promise<void> {
  const { socket, options } = exchange
  for (const part of parts) {
    if (socket.destroyed) return
    if (typeof part === 'number') await pause(part)
    else await new Promise((resolve) => socket.write(part, resolve))
  }
  if (options.abortAfterMs === undefined) return
  await options.abortFrom
  await pause(options.abortAfterMs)
  exchange.ending ??= 'abort'
  socket.resetAndDestroy()
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function summary(exchange: Exchange): RawExchange {
  const { answers, firstByteMs } = exchange
  readAnswers(exchange, true)
  const ending = exchange.ending ?? 'peer'
  const bytes = exchange.received.view()
  const rest = bytes.subarray(exchange.answeredBytes)
  const none = { status: 0, headers: [], body: Buffer.alloc(0), trailers: [], complete: false }
  const closed = ending === 'peer' || ending === 'reset'
  return { ...(answers[0] ?? none), bytes, answers, rest, ending, closed, firstByteMs }
}

/** Takes the answers that have come whole; once the connection has ended, half a one too. */
function readAnswers(exchange: Exchange, ended: boolean): void {
  for (;;) {
    const rest = exchange.received.view().subarray(exchange.answeredBytes)
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(rest.toString('latin1', 0, 12))?.[1])
    // What is not HTTP stays in `rest`; the exchange ends by time or by the peer.
    if (Number.isNaN(status)) return
    const message = readOne(rest, status, { headOnly: exchange.headOnly, ended })
    if (message === undefined) return
    exchange.answeredBytes += message.length
    // Interim answers come before the real one (RFC 9110 15.2).
    if (status >= 200) exchange.answers.push(toAnswer(message, status))
  }
}

function readOne(
  bytes: Buffer,
  status: number,
  rules: { readonly headOnly: boolean; readonly ended: boolean },
): HttpMessage | undefined {
  const bodiless = status < 200 || status === 204 || status === 304
  try {
    return readMessage(bytes, {
      unframed: 'until-close',
      headOnly: rules.headOnly || bodiless,
      ended: rules.ended,
    })
  } catch {
    // Broken framing: the bytes stay in `rest`, where the oracle looks at them too.
    return undefined
  }
}

function toAnswer(message: HttpMessage, status: number): RawAnswer {
  const { headers, trailers, complete } = message
  return { status, headers, body: decode(message), trailers, complete }
}

// A cut body is decoded as far as it goes: what has left has left.
const ZLIB = { maxOutputLength: DECODED_BYTES_MAX, finishFlush: constants.Z_SYNC_FLUSH }
const BROTLI = { maxOutputLength: DECODED_BYTES_MAX, finishFlush: constants.BROTLI_OPERATION_FLUSH }
const ZSTD = { maxOutputLength: DECODED_BYTES_MAX, finishFlush: constants.ZSTD_e_flush }

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body, ZLIB),
  deflate: (body) => inflateSync(body, ZLIB),
  br: (body) => brotliDecompressSync(body, BROTLI),
  zstd: (body) => zstdDecompressSync(body, ZSTD),
}

function decode({ headers, body }: HttpMessage): Buffer {
  const decoder = DECODERS[headerValues(headers, 'content-encoding').join(',').toLowerCase()]
  if (decoder === undefined || body.length === 0) return body
  try {
    return decoder(body)
  } catch {
    // Not what the header says. The bytes as they are can still be looked at.
    return body
  }
}
