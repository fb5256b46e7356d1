/** The way of an answer: admit, read, rewrite, settle, record, send. Every throw on it is a refusal. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Exchange } from '../exchange.ts'
import { addLookups } from '../lookups.ts'
import { finishStream, sendMasked, sendRefusal, sendWindows } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import type { RouteMasking, Upstream } from '../../rules/compiled-policy.ts'
import { admit } from './admit.ts'
import type { Admission, UpstreamHead } from './admit.ts'
import { maskedHeader } from './masked-header.ts'
import { readBody } from './read-body.ts'
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
    const admitted = admit(answer, upstreamOf(exchange))
    const body = await readAdmitted(admitted, answer, exchange, services)
    if (body?.rest !== undefined) {
      await streamAnswer(exchange, reply, services, { answer, body })
      return
    }
    const bytes = body === undefined ? undefined : await maskHeld(exchange, body)
    if (await addLookups(exchange, services)) throw new RefusedError('lookups-exceeded')
    const mark = maskedHeader(exchange.report?.classes ?? [])
    const headers = answerHeaders(services, admitted.kind !== 'empty', mark)
    await sendMasked(exchange, reply, services, {
      status: answer.statusCode,
      headers,
      body: bytes,
    })
  } catch (error) {
    answer.stream.destroy()
    await sendRefusal(exchange, reply, services, error)
  }
}

// What would be the type of a GET is the type of a HEAD, which has no content to read.
async function readAdmitted(
  admitted: Admission,
  { stream }: UpstreamAnswer,
  exchange: Exchange,
  services: Services,
): Promise<HeldBody | undefined> {
  if (admitted.kind !== 'empty' && exchange.raw.method !== 'HEAD') {
    return readBody({ stream, coding: admitted.coding }, exchange, services)
  }
  stream.destroy()
  return undefined
}

async function maskHeld(exchange: Exchange, body: HeldBody): Promise<Buffer> {
  const masking = maskingOf(exchange)
  const { bytes, exposures } = await rewriteBody(masking.program, body.parts)
  exchange.report = masking.report(exposures)
  return bytes
}

// Until the first window is recorded the answer can still be refused whole; from then on it can only be cut.
async function streamAnswer(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  { answer, body }: { readonly answer: UpstreamAnswer; readonly body: HeldBody },
): Promise<void> {
  const masking = maskingOf(exchange)
  const { statusCode: status } = answer
  const gone = () => reply.raw.destroyed
  const windows = maskedWindows({ exchange, services, masking, body, gone })
  const first = await windows.next()
  if (first.done === true) throw new RefusedError('internal-error')
  const headers = answerHeaders(services, true, masking.hidden.join(', '))
  const stream = Readable.from(chain(first.value, windows), { objectMode: false })
  // Where the caller goes away nobody asks for the next window: the upstream is let go, which ends the wait for it.
  reply.raw.once('close', () => answer.stream.destroy())
  stream.once('close', () => finishStream(exchange, services, status))
  sendWindows(exchange, reply, { status, headers, stream })
}

async function* chain(first: Buffer, others: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    yield* others
  } finally {
    await others.return(undefined)
  }
}

function upstreamOf({ match }: Exchange): Upstream {
  if (match === undefined) throw new RefusedError('internal-error')
  return match.route.upstream
}

function maskingOf({ masking }: Exchange): RouteMasking {
  if (masking === undefined) throw new RefusedError('internal-error')
  return masking
}

// None of the upstream's headers leaves: they name it, validate bytes that have changed, or set cookies.
function answerHeaders(
  { policy }: Services,
  body: boolean,
  mark: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    vary: 'Authorization',
    'x-content-type-options': 'nosniff',
  }
  if (body) headers['content-type'] = 'application/json; charset=utf-8'
  if (policy.markHeader && mark !== undefined && mark !== '') headers['celosia-masked'] = mark
  return headers
}
