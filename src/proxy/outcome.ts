/**
 * The end of every exchange: its record is made durable, and only then does a byte leave. This file is the only one that
 * hands a body to the caller.
 */
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { AuditUnavailableError } from '../audit/errors.ts'
import type { Reason } from '../core/reasons.ts'
import { recordsOf } from './access-records.ts'
import { corsHeaders } from './cors.ts'
import type { Exchange } from './exchange.ts'
import { takeBackLookups } from './lookups.ts'
import { problem } from './problem.ts'
import { RefusedError } from './refused.ts'
import { asksToContinue } from './request/framing.ts'
import { csrfToken } from './request/cross-site.ts'
import { nonceFor } from './request/possession.ts'
import type { Services } from './services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from './store-budget.ts'

export interface MaskedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
}

/** Records a permitted access with its findings, then sends the masked answer. Throws RefusedError where it cannot be recorded. */
export async function sendMasked(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  answer: MaskedAnswer,
): Promise<void> {
  await record(exchange, services, answer.status)
  // An error of the upstream that was masked is told as one.
  const reason = exchange.reasons.at(-1) ?? 'role-permits'
  finish(exchange, reply, services, { ...answer, reason })
}

/** Records a refusal (by itself where the caller is known, else in the count of the minute), then sends the problem. */
export async function sendRefusal(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  error: unknown,
): Promise<void> {
  if (exchange.settled) {
    // What was read of the answer after the caller had gone.
    giveBack(exchange, services)
    return
  }
  let refused = toRefused(error, exchange, services)
  takeBackLookups(exchange, services)
  exchange.report = undefined
  // A window that could not be recorded did not leave: what is refused is the whole.
  exchange.part = undefined
  exchange.unchecked = exchange.unchecked.filter((part) => part !== 'answer')
  // An upstream's error is an access that was permitted and brought nothing.
  if (refused.reason !== 'upstream-error') exchange.effect = 'deny'
  exchange.reasons =
    refused.reason === 'upstream-error' ? [...exchange.reasons, refused.reason] : [refused.reason]
  try {
    if (exchange.subject === undefined) services.refusals.add(refused.reason)
    else await record(exchange, services, refused.status)
  } catch (cause) {
    refused = toRefused(cause, exchange, services)
    recordLate(exchange, services, refused)
  }
  exchange.settled = true
  const { status, headers, body } = problem(refused, exchange.requestId)
  finish(exchange, reply, services, { status, headers, body, reason: refused.reason })
}

/** An answer of the gateway itself. */
export interface Notice {
  readonly status: number
  readonly reason: Reason
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Each as `Set-Cookie` has it. */
  readonly cookies?: readonly string[]
}

/** Answers what was sent to the gateway itself, once what it caused is on record. */
export function sendNotice(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  { status, reason, headers, body, cookies = [] }: Notice,
): void {
  if (exchange.settled) return
  exchange.settled = true
  for (const cookie of cookies) reply.header('set-cookie', cookie)
  const all = { 'cache-control': 'no-store', ...headers }
  finish(exchange, reply, services, { status, reason, headers: all, body })
}

/** Records one window of a streamed answer; the first one settles the exchange. Throws RefusedError. */
export async function recordPart(exchange: Exchange, services: Services): Promise<void> {
  const status = exchange.upstreamStatus ?? 200
  if (!exchange.settled) {
    await record(exchange, services, status)
    return
  }
  try {
    await append(exchange, services, status)
  } catch (cause) {
    throw asRefused(cause)
  }
}

/** Answers a preflight: a permit for scripts to ask, and no access to anything. */
export function sendPreflight(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  headers: Readonly<Record<string, string>>,
): void {
  exchange.settled = true
  const reason = 'preflight-answered'
  finish(exchange, reply, services, { status: 204, headers, body: undefined, reason })
}

/** Hands over windows that record themselves as they are taken. */
export function sendWindows(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  answer: Omit<MaskedAnswer, 'body'> & { readonly stream: Readable },
): void {
  reply.code(answer.status)
  setHeaders(exchange, reply, services, answer.headers)
  void reply.send(answer.stream)
}

/** Counts a streamed answer once it has ended, whole or cut. */
export function finishStream(exchange: Exchange, services: Services, status: number): void {
  giveBack(exchange, services)
  count(exchange, services, status, exchange.reasons[0] ?? 'internal-error')
}

/** Records that the caller went away before there was an outcome. Nothing is sent. */
export async function recordAbort(exchange: Exchange, services: Services): Promise<void> {
  if (exchange.settled) return
  exchange.settled = true
  takeBackLookups(exchange, services)
  exchange.effect = 'deny'
  exchange.reasons = ['request-aborted']
  exchange.report = undefined
  giveBack(exchange, services)
  if (exchange.selfTest === undefined) {
    const durationMs = services.clock.monotonicMs() - exchange.startedMs
    services.metrics.request('request-aborted', 499, durationMs)
  }
  if (exchange.subject === undefined) {
    services.refusals.add('request-aborted')
    return
  }
  try {
    await append(exchange, services, 499)
  } catch (error) {
    services.log.failure('abort not recorded in time', error, { requestId: exchange.requestId })
    services.late.add(recordsOf(exchange, services, 499))
  }
}

/** Hands in the closing record of a cut stream that the store did not take, to be written when it does. */
export function closeLate(exchange: Exchange, services: Services): void {
  services.late.add(recordsOf(exchange, services, exchange.upstreamStatus ?? 200))
}

// What could not be recorded is refused for that reason; unless the caller went away, which has a record of its own.
function recordLate(
  exchange: Exchange,
  services: Services,
  { reason, status }: RefusedError,
): void {
  if (reason === 'request-aborted') return
  exchange.effect = 'deny'
  exchange.reasons = [reason]
  services.late.add(recordsOf(exchange, services, status))
}

function record(exchange: Exchange, services: Services, status: number): Promise<void> {
  if (exchange.settled) throw new RefusedError('request-aborted')
  exchange.settled = true
  return append(exchange, services, status).catch((cause: unknown) => {
    exchange.settled = false
    throw asRefused(cause)
  })
}

function asRefused(cause: unknown): unknown {
  return cause instanceof AuditUnavailableError
    ? new RefusedError('audit-unavailable', { cause })
    : cause
}

async function append(exchange: Exchange, services: Services, status: number): Promise<void> {
  const records = recordsOf(exchange, services, status)
  if (records.length === 0) return
  await withinStoreBudget(exchange, services, {
    work: () => services.audit.append(records),
    late: () => new AuditUnavailableError(STORES_TOO_SLOW),
  })
  exchange.storeWaitMs = 0
  // On record now: the next window must not raise them again.
  services.metrics.findings(records.filter(({ type }) => type === 'finding').length)
  exchange.crossings = []
  const { reveal } = exchange
  if (reveal !== undefined && records.some(({ id }) => id === reveal.findingId))
    reveal.findingId = undefined
}

function finish(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  answer: MaskedAnswer & { readonly reason: Reason },
): void {
  giveBack(exchange, services)
  if (exchange.selfTest === undefined) services.metrics.exposures(exchange.report?.classes ?? [])
  count(exchange, services, answer.status, answer.reason)
  if (reply.raw.destroyed) {
    // Nobody is left to be answered. Said aloud, since an unanswered request would go on to the upstream.
    reply.hijack()
    return
  }
  reply.code(answer.status)
  setHeaders(exchange, reply, services, answer.headers)
  // What is still to come of a slow body must not be waited for.
  const unknown = exchange.subject === undefined && answer.reason !== 'preflight-answered'
  // Nor can anybody tell whether a body that was waited with still comes, once it is not wanted.
  const unsure = asksToContinue(exchange.raw) && !exchange.raw.complete
  const over = unknown || unsure || answer.reason === 'body-too-slow'
  if (over) reply.header('connection', 'close')
  void reply.send(answer.body)
}

function setHeaders(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  headers: MaskedAnswer['headers'],
): void {
  reply.headers(headers)
  reply.headers(nonceFor(exchange.subject?.proof, services))
  reply.headers(csrfToken(exchange, services))
  reply.headers(ownHeaders(exchange))
  reply.headers(corsHeaders(exchange, services, headers['vary']))
}

/** Why a permitted caller sees less than the roles would show. */
const NOTICES = ['training-overdue', 'lookups-masked'] as const

function ownHeaders({ requestId, effect, reasons }: Exchange): Record<string, string> {
  const headers: Record<string, string> = { 'celosia-request-id': requestId }
  const notice = NOTICES.find((reason) => effect === 'permit' && reasons.includes(reason))
  if (notice !== undefined) headers['celosia-notice'] = notice
  return headers
}

function count(exchange: Exchange, services: Services, status: number, reason: Reason): void {
  // It has metrics of its own, and a line in the log where something is wrong.
  if (exchange.selfTest !== undefined) return
  const durationMs = services.clock.monotonicMs() - exchange.startedMs
  services.metrics.request(reason, status, durationMs)
  services.log.info('request', {
    requestId: exchange.requestId,
    route: exchange.match?.route.template.text,
    status,
    upstreamStatus: exchange.upstreamStatus,
    reason,
    durationMs: Math.round(durationMs * 100) / 100,
  })
}

function giveBack(exchange: Exchange, services: Services): void {
  services.heldBytes.giveBack(exchange.heldBytes)
  exchange.heldBytes = 0
}

function toRefused(error: unknown, exchange: Exchange, services: Services): RefusedError {
  if (error instanceof RefusedError) {
    if (error.status >= 500)
      services.log.failure('refused', error, {
        requestId: exchange.requestId,
        reason: error.reason,
      })
    return error
  }
  services.log.failure('step failed', error, { requestId: exchange.requestId })
  return new RefusedError('internal-error', { cause: error })
}
