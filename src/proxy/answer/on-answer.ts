/** The way of an answer: admit, read, rewrite, settle, record, send. Every throw on it is a refusal. */
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Exchange } from '../exchange.ts'
import { addLookups } from '../lookups.ts'
import type { Crossing } from '../lookups.ts'
import { sendMasked, sendRefusal } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { admit } from './admit.ts'
import type { UpstreamHead } from './admit.ts'
import { maskedHeader } from './masked-header.ts'
import { readBody } from './read-body.ts'
import { rewriteBody } from './rewrite-body.ts'

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
  const crossings: Crossing[] = []
  try {
    exchange.upstreamStatus = answer.statusCode
    const body =
      admit(answer) === 'empty' ? undefined : await maskBody(exchange, services, answer.stream)
    if (body === undefined) answer.stream.destroy()
    const lookups = await addLookups(exchange, services)
    crossings.push(...lookups.crossings)
    if (lookups.blocked) throw new RefusedError('lookups-exceeded')
    const headers = answerHeaders(exchange, services, body !== undefined)
    await sendMasked(exchange, reply, services, {
      status: answer.statusCode,
      headers,
      body,
      crossings,
    })
  } catch (error) {
    answer.stream.destroy()
    await sendRefusal(exchange, reply, services, error, crossings)
  }
}

async function maskBody(exchange: Exchange, services: Services, stream: Readable): Promise<Buffer> {
  const { masking } = exchange
  if (masking === undefined) throw new RefusedError('internal-error')
  const parts = await readBody(stream, exchange, services)
  const { bytes, exposures } = await rewriteBody(masking.program, parts)
  exchange.report = masking.report(exposures)
  return bytes
}

// None of the upstream's headers leaves: they name it, validate bytes that have changed, or set cookies.
function answerHeaders(
  exchange: Exchange,
  { policy }: Services,
  body: boolean,
): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    vary: 'Authorization',
    'x-content-type-options': 'nosniff',
  }
  if (body) headers['content-type'] = 'application/json; charset=utf-8'
  const mark = policy.markHeader ? maskedHeader(exchange.report?.classes ?? []) : undefined
  if (mark !== undefined) headers['celosia-masked'] = mark
  return headers
}
