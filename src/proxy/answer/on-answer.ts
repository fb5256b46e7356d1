/** The way of an answer: admit, read, rewrite, settle, record, send. Every throw on it is a refusal. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Reason } from '../../core/reasons.ts'
import type { Route, RouteMasking } from '../../rules/compiled-policy.ts'
import type { Exchange } from '../exchange.ts'
import { addLookups } from '../lookups.ts'
import { finishStream, sendMasked, sendRefusal, sendWindows } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { admit, replacedError } from './admit.ts'
import type { Admission, UpstreamHead } from './admit.ts'
import { answerFormat } from './answer-formats.ts'
import { answerHeaders } from './answer-headers.ts'
import { maskedHeader } from './masked-header.ts'
import { openBody, readBody, readWhole } from './read-body.ts'
import type { HeldBody } from './read-body.ts'
import { rewriteBody } from './rewrite-body.ts'
import { maskedWindows } from './stream-windows.ts'

export interface UpstreamAnswer extends UpstreamHead {
  readonly stream: Readable
}

/** Never rejects: what goes wrong is answered with a problem document. */
export async function onAnswer(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  answer: UpstreamAnswer,
): Promise<void> {
  // A body that is not read ends with an error when it is cut; nobody else listens for it.
  answer.stream.on('error', () => {})
  try {
    exchange.upstreamStatus = answer.statusCode
    const admitted = admit(answer, routeOf(exchange))
    if (isOpaque(exchange, admitted)) {
      exchange.unchecked = [...exchange.unchecked, 'answer']
    }
    // What would be the type of a GET is the type of a HEAD, which has no content to read.
    if (admitted.kind === 'empty' || exchange.raw.method === 'HEAD') {
      answer.stream.destroy()
      await sendHeld(exchange, reply, services, { admitted, body: undefined })
    } else if (admitted.kind === 'error') {
      const body = await maskError(answer, admitted, exchange, services)
      await sendHeld(exchange, reply, services, { admitted, body })
    } else {
      const body = await beginBody(answer, admitted, exchange, services)
      if (body.rest === undefined) {
        const masked = await maskHeld(exchange, maskingOf(exchange), body.parts)
        await sendHeld(exchange, reply, services, { admitted, body: masked })
      } else await sendStreamed(exchange, reply, services, { answer, admitted, body })
    }
  } catch (error) {
    answer.stream.destroy()
    await sendRefusal(exchange, reply, services, error)
  }
}

type WithBody = Exclude<Admission, { readonly kind: 'empty' }>

// A live answer is not held at all: nobody knows when more of it comes.
async function beginBody(
  { stream }: UpstreamAnswer,
  { coding }: WithBody,
  exchange: Exchange,
  services: Services,
): Promise<HeldBody> {
  const { live } = answerFormat(routeOf(exchange).format)
  return live === undefined
    ? readBody({ stream, coding }, exchange, services)
    : { parts: [], rest: openBody({ stream, coding }, live.heldBytes, exchange, services) }
}

/** What an error of the upstream says beyond its status is a courtesy: where it cannot be masked, it is replaced. */
const REPLACED: ReadonlySet<Reason> = new Set(['upstream-body-refused', 'upstream-coding-refused'])

async function maskError(
  { stream, statusCode }: UpstreamAnswer,
  { coding }: WithBody,
  exchange: Exchange,
  services: Services,
): Promise<Buffer> {
  const masking = routeOf(exchange).errorMaskingFor?.(exchange.roles)
  if (masking === undefined) throw new RefusedError('internal-error')
  try {
    const parts = await readWhole({ stream, coding }, exchange, services)
    return await maskHeld(exchange, masking, parts)
  } catch (cause) {
    if (cause instanceof RefusedError && REPLACED.has(cause.reason)) {
      throw replacedError(statusCode, cause)
    }
    throw cause
  }
}

async function maskHeld(
  exchange: Exchange,
  masking: RouteMasking,
  parts: readonly Buffer[],
): Promise<Buffer> {
  const { bytes, exposures } = await rewriteBody(masking, parts)
  exchange.report = masking.report(exposures)
  return bytes
}

async function sendHeld(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  { admitted, body }: { readonly admitted: Admission; readonly body: Buffer | undefined },
): Promise<void> {
  if (await addLookups(exchange, services)) throw new RefusedError('lookups-exceeded')
  if (admitted.kind === 'error') exchange.reasons = [...exchange.reasons, 'upstream-error']
  const contentType = admitted.kind === 'empty' ? undefined : admitted.contentType
  const mark = maskedHeader(exchange.report?.classes ?? [])
  await sendMasked(exchange, reply, services, {
    status: exchange.upstreamStatus ?? 200,
    headers: answerHeaders(services, { contentType, mark, opaque: isOpaque(exchange, admitted) }),
    body,
  })
}

interface Streamed {
  readonly answer: UpstreamAnswer
  readonly admitted: WithBody
  readonly body: HeldBody
}

// Until the first window is recorded the answer can still be refused whole; from then on it can only be cut.
async function sendStreamed(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  { answer, admitted, body }: Streamed,
): Promise<void> {
  const masking = maskingOf(exchange)
  const { live } = answerFormat(routeOf(exchange).format)
  const { statusCode: status } = answer
  const gone = () => reply.raw.destroyed
  const windows = maskedWindows({ exchange, services, masking, body, live, gone })
  const first = await windows.next()
  if (first.done === true) throw new RefusedError('internal-error')
  const opaque = isOpaque(exchange, admitted)
  const mark = opaque ? undefined : masking.hidden.join(', ')
  const headers = answerHeaders(services, { contentType: admitted.contentType, mark, opaque })
  const stream = Readable.from(chain(first.value, windows), { objectMode: false })
  // Where the caller goes away nobody asks for the next window: the upstream is let go, which ends the wait for it.
  reply.raw.once('close', () => answer.stream.destroy())
  stream.once('close', () => finishStream(exchange, services, status))
  sendWindows(exchange, reply, services, { status, headers, stream })
}

async function* chain(first: Buffer, others: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    yield* others
  } finally {
    await others.return(undefined)
  }
}

// An error of a route that passes files unread is no file.
function isOpaque(exchange: Exchange, admitted: Admission): boolean {
  return admitted.kind === 'body' && routeOf(exchange).format.kind === 'opaque'
}

function routeOf({ match }: Exchange): Route {
  if (match === undefined) throw new RefusedError('internal-error')
  return match.route
}

function maskingOf({ masking }: Exchange): RouteMasking {
  if (masking === undefined) throw new RefusedError('internal-error')
  return masking
}
