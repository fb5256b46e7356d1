/**
 * Posts bodies to one address: no redirects, a deadline for each exchange, a cap on the answer, certificates verified. What
 * the other side answers is for its sink to judge, and stands in no error.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { connectionFailure, DeliveryError, timedOut } from '../delivery-error.ts'
import { tlsOptions, type TlsFiles } from './tls-files.ts'

export interface HttpClientOptions {
  readonly url: URL
  readonly tls: TlsFiles
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface HttpReply {
  readonly status: number
  /** Lower-case name to value. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export interface HttpRequest {
  /** Path and query where they are not those of the address. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface HttpClient {
  /** Resolves with the answer, whatever its status. Rejects with DeliveryError where there is none. */
  readonly post: (request: HttpRequest, stopped: AbortSignal) => Promise<HttpReply>
  readonly close: () => void
}

/** An answer is read so far, and what is more is left. */
const REPLY_BYTES_MAX = 65_536
const IDLE_MS = 30_000
/** Deliveries come one at a time, an acknowledgement may be asked for beside them. */
const SOCKETS_MAX = 2

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { url, tls } = options
  const secure = url.protocol === 'https:'
  const pool = { keepAlive: true, maxSockets: SOCKETS_MAX, timeout: IDLE_MS }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const agent = secure ? new HttpsAgent({ ...pool, ...tlsOptions(tls, host) }) : new HttpAgent(pool)
  return {
    post: (request, stopped) => post(options, agent, request, stopped),
    close: () => agent.destroy(),
  }
}

async function post(
  options: HttpClientOptions,
  agent: HttpAgent,
  { path, headers, body }: HttpRequest,
  stopped: AbortSignal,
): Promise<HttpReply> {
  const { url, timeoutMs } = options
  const limited = AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)])
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const outgoing = send(url, {
        method: 'POST',
        agent,
        signal: limited,
        ...(path !== undefined && { path }),
        headers: { ...options.headers, ...headers, 'content-length': body.length },
      })
      outgoing.on('response', resolve).on('error', reject)
      outgoing.end(body)
    })
    const text = await readBounded(response)
    return { status: response.statusCode ?? 0, headers: response.headers, body: text }
  } catch (error) {
    throw timedOut(limited, stopped) ?? connectionFailure(error)
  }
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part)
    size += part.length
    if (size > REPLY_BYTES_MAX) break
  }
  return Buffer.concat(parts).toString('utf8', 0, REPLY_BYTES_MAX)
}

/** Refused for what the records are: another record may do better. */
const REFUSED = new Set([400, 406, 409, 411, 413, 415, 422, 431])
/** Come again later. */
const PASSING = new Set([408, 421, 423, 424, 425, 429])

/** The failure that a status stands for, or undefined where it is a success. */
export function statusFailure(
  { status, headers }: HttpReply,
  nowMs: number,
): DeliveryError | undefined {
  if (status >= 200 && status < 300) return undefined
  const problem = `The sink answered ${status}`
  if (REFUSED.has(status)) return new DeliveryError({ kind: 'refused', problem })
  if (status >= 500 || PASSING.has(status)) {
    const retryAfterMs = retryAfter(headers['retry-after'], nowMs)
    return new DeliveryError({ kind: 'passing', problem, retryAfterMs })
  }
  return new DeliveryError({ kind: 'misconfigured', problem })
}

/** The preferred form of a date (RFC 9110 5.6.7). */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** RFC 9110 10.2.3: seconds, or a date. */
function retryAfter(
  value: string | readonly string[] | undefined,
  nowMs: number,
): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000
  const date = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

/** A JSON object in an answer, or an empty one where there is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
