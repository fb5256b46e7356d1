/** Reads the record that a write is held against: afresh, by the client and with the credential of its upstream. */
import type { Readable } from 'node:stream'
import type { Agent } from 'undici'
import { CelosiaError } from '../../core/errors.ts'
import { REASONS } from '../../core/reasons.ts'
import { readDocument } from '../../json/read-document.ts'
import type { Limits } from '../../json/limits.ts'
import type { Tape } from '../../json/tape/tape.ts'
import type { Route } from '../../rules/compiled-policy.ts'
import { HELD_BYTES_MAX, HELD_NODES_MAX } from '../../rules/writes/guard-write.ts'
import { buildPath } from '../../rules/routing/route-template.ts'
import { admit } from '../answer/admit.ts'
import { readBody } from '../answer/read-body.ts'
import { requireShape } from '../answer/require-shape.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { upstreamFailure } from '../upstream-failure.ts'
import { baseHeaders } from '../upstream-headers.ts'

/** Statuses of the reading that are the caller's to know: there is no such record, or the upstream is slow. */
const PASSED = new Set([404, 410, 504])

export interface FreshRecord {
  readonly tape: Tape
  /** Bytes of the budget of held bodies that it takes until {@link RecordSource.done}. */
  readonly heldBytes: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What to read, and who is told of the status. */
export interface RecordSource {
  readonly route: Route
  readonly limits: Limits
  readonly onStatus: (status: number) => void
}

/** Throws {@link RefusedError}; nothing of the upstream's answer is in it. */
export async function readRecord(
  exchange: Exchange,
  services: Services,
  source: RecordSource,
): Promise<FreshRecord> {
  const heldBefore = exchange.heldBytes
  try {
    const { headers, parts } = await fetchRecord(exchange, services, source)
    if (exchange.settled) throw new RefusedError('request-aborted')
    const bytes = Buffer.concat(parts)
    if (bytes.length > HELD_BYTES_MAX) throw new RefusedError('record-unreadable')
    const tape = readDocument(bytes, source.limits)
    requireShape(source.route, [bytes])
    if (tape.count > HELD_NODES_MAX) throw new RefusedError('record-unreadable')
    return { tape, headers, heldBytes: exchange.heldBytes - heldBefore }
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** One reason for all that can be wrong with the reading; what is the gateway's or the caller's own stays. */
function unreadable(cause: unknown): unknown {
  if (cause instanceof RefusedError) {
    if (!cause.reason.startsWith('upstream-')) return cause
    const status = PASSED.has(cause.status) ? cause.status : REASONS['record-unreadable'].status
    return new RefusedError('record-unreadable', { cause, status })
  }
  const isRefusedJson = cause instanceof CelosiaError && cause.code.startsWith('ERR_JSON_')
  return isRefusedJson ? new RefusedError('record-unreadable', { cause }) : cause
}

async function fetchRecord(
  exchange: Exchange,
  services: Services,
  { route, onStatus }: RecordSource,
): Promise<Pick<FreshRecord, 'headers'> & { readonly parts: readonly Buffer[] }> {
  const { upstream, template, format } = route
  const path = upstream.pathPrefix + buildPath(template, exchange.match?.parameters ?? new Map())
  const answer = await request(services.clients.of(upstream), {
    origin: upstream.origin,
    path,
    method: 'GET',
    // What a cache in between has kept (RFC 9111 5.2.1.4) is not the record of now.
    headers: { ...baseHeaders(upstream, exchange, format), 'cache-control': 'no-cache' },
  })
  // A body that is not read ends with an error when it is cut; nobody else listens for it.
  const stream: Readable = answer.body.on('error', () => {})
  onStatus(answer.statusCode)
  try {
    const admitted = admit(answer, route)
    if (admitted.kind !== 'body') throw new RefusedError('record-unreadable')
    const { parts, rest } = await readBody({ stream, coding: admitted.coding }, exchange, services)
    if (rest !== undefined) throw new RefusedError('record-unreadable')
    return { headers: answer.headers, parts }
  } catch (error) {
    stream.destroy()
    throw error
  }
}

async function request(
  client: Agent,
  options: Parameters<Agent['request']>[0],
): ReturnType<Agent['request']> {
  try {
    return await client.request(options)
  } catch (error) {
    throw error instanceof Error ? upstreamFailure(error) : error
  }
}
