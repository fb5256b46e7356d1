/** The way of an answer: admit, read, rewrite, settle, record, send. Every throw on it is a refusal. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Reason } from '../../core/reasons.ts'
import type { Route, RouteMasking } from '../../rules/compiled-policy.ts'
import { withDictionary } from '../../rules/compile/record-dictionary.ts'
import { maskStrictly } from '../detect/respond.ts'
import type { Exchange } from '../exchange.ts'
import { readerFor } from '../cursors.ts'
import { finishStream, sendMasked, sendRefusal, sendWindows } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { settle } from '../settle.ts'
import { admit, replacedError } from './admit.ts'
import type { Admission, AdmittedBody, UpstreamHead } from './admit.ts'
import { answerCoding, encodeHeld } from './answer-coding.ts'
import { answerFormat } from './answer-formats.ts'
import { answerHeaders, cacheHeaders, NO_MARKS } from './answer-headers.ts'
import { encodeParts, ENCODER_BYTES } from './coding/encode-body.ts'
import { exposureReport } from './exposure-report.ts'
import { classesMark } from './masked-header.ts'
import { openBody, readBody, readWhole, take } from './read-body.ts'
import type { HeldBody } from './read-body.ts'
import { requireShape } from './require-shape.ts'
import { rewriteBody } from './rewrite-body.ts'
import type { Rewritten } from './rewrite-body.ts'
import { sampleUnlisted } from './sample-unlisted.ts'
import { maskedWindows } from './stream-windows.ts'
import { hasCurrent } from './validator.ts'

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
    // RFC 9110 15.5.13: what the gateway asked for on its own account does not hold any more.
    if (answer.statusCode === 412 && isConditional(exchange))
      throw new RefusedError('write-conflict')
    const admitted = admit(answer, routeOf(exchange))
    if (admitted.kind === 'opaque') exchange.unchecked = [...exchange.unchecked, 'answer']
    // What would be the type of a GET is the type of a HEAD, which has no content to read.
    if (admitted.kind === 'empty' || exchange.raw.method === 'HEAD') {
      answer.stream.destroy()
      await sendHeld(exchange, reply, services, { answer, admitted, body: undefined })
    } else if (admitted.kind === 'error') {
      const held = await maskError(answer, admitted, exchange, services)
      await sendHeld(exchange, reply, services, { answer, admitted, ...held })
    } else {
      const held = await beginBody(answer, admitted, exchange, services)
      if (held.rest === undefined) {
        const again = () => maskHeld(exchange, services, maskingOf(exchange), held.parts)
        const masked = again()
        const body = masked instanceof Promise ? await masked : masked
        requireShape(routeOf(exchange), held.parts)
        sampleUnlisted(exchange, held.parts)
        await sendHeld(exchange, reply, services, { answer, admitted, body, again })
      } else await sendStreamed(exchange, reply, services, { answer, admitted, body: held })
    }
  } catch (error) {
    answer.stream.destroy()
    await sendRefusal(exchange, reply, services, error)
  }
}

// A live answer is not held at all: nobody knows when more of it comes.
function beginBody(
  { stream }: UpstreamAnswer,
  { coding }: AdmittedBody,
  exchange: Exchange,
  services: Services,
): Promise<HeldBody> | HeldBody {
  const { format, shapeFault } = routeOf(exchange)
  const { live } = answerFormat(format)
  // A shape is one of the whole answer.
  if (shapeFault !== undefined) {
    const whole = readWhole({ stream, coding }, exchange, services)
    return whole.then((parts) => ({ parts, rest: undefined }))
  }
  return live === undefined
    ? readBody({ stream, coding }, exchange, services)
    : { parts: [], rest: openBody({ stream, coding }, live.heldBytes, exchange, services) }
}

/** What an error of the upstream says beyond its status is a courtesy: where it cannot be masked, it is replaced. */
const REPLACED: ReadonlySet<Reason> = new Set(['upstream-body-refused', 'upstream-coding-refused'])

async function maskError(
  answer: UpstreamAnswer,
  { coding }: AdmittedBody,
  exchange: Exchange,
  services: Services,
): Promise<Pick<Held, 'body' | 'again'>> {
  const again = (parts: readonly Buffer[]): Masked => {
    const masking = routeOf(exchange).errorMaskingFor?.(exchange.maskedFor)
    if (masking === undefined) throw new RefusedError('internal-error')
    return maskHeld(exchange, services, masking, parts)
  }
  try {
    const parts = await readWhole({ stream: answer.stream, coding }, exchange, services)
    return { body: await again(parts), again: () => again(parts) }
  } catch (cause) {
    if (cause instanceof RefusedError && REPLACED.has(cause.reason)) {
      throw replacedError(answer, cause)
    }
    throw cause
  }
}

/** The body, masked; a promise only where that takes more than one turn. */
type Masked = Promise<Buffer> | Buffer

function maskHeld(
  exchange: Exchange,
  services: Services,
  masking: RouteMasking,
  parts: readonly Buffer[],
): Masked {
  const { clock } = services
  const asking = readerFor(exchange, services)
  const { gather, start } = masking
  const report = ({ bytes, exposures }: Rewritten): Buffer => {
    exchange.report = exposureReport(exchange, masking, exposures)
    return bytes
  }
  if (gather !== undefined) {
    const reader = withDictionary(asking)
    const gathered = Promise.resolve(rewriteBody(gather, parts, { clock, reader }))
    return gathered.then(() => rewriteBody(start, parts, { clock, reader })).then(report)
  }
  const rewritten = rewriteBody(start, parts, { clock, reader: asking })
  return rewritten instanceof Promise ? rewritten.then(report) : report(rewritten)
}

interface Held {
  readonly answer: UpstreamAnswer
  readonly admitted: Admission
  /** Undefined: there is no content. */
  readonly body: Buffer | undefined
  /** Masks it anew, by what is then the masking of the exchange. */
  readonly again?: () => Masked
}

async function sendHeld(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  { answer, admitted, body: first, again }: Held,
): Promise<void> {
  let body = first
  const settled = settle(exchange, services)
  if (settled !== 'stands' && (await settled) === 'mask') {
    maskStrictly(exchange)
    body = await again?.()
  }
  if (admitted.kind === 'error') exchange.reasons = [...exchange.reasons, 'upstream-error']
  const classes = exchange.report?.classes ?? []
  const marks = {
    masked: classesMark(classes, 'masked'),
    revealed: classesMark(classes, 'revealed'),
  }
  const coding = body && answerCoding(exchange, admitted, body.byteLength)
  const cached = cacheHeaders(exchange, services, { admitted, body, coding })
  const headers = answerHeaders(exchange, services, { answer, admitted, marks })
  if (cached !== undefined) Object.assign(headers, cached)
  const current = cached !== undefined && hasCurrent(exchange, cached.etag)
  if (body !== undefined && coding !== undefined && !current) {
    headers['content-encoding'] = coding
    body = await encodeHeld(body, coding, exchange, services)
  }
  // RFC 9110 15.4.5: the caller has the bytes already. What they expose is counted and recorded all the same.
  await sendMasked(exchange, reply, services, {
    status: current ? 304 : answer.statusCode,
    headers,
    body: current ? undefined : body,
  })
}

interface Streamed {
  readonly answer: UpstreamAnswer
  readonly admitted: AdmittedBody
  readonly body: HeldBody
}

// Until the first window is recorded the answer can still be refused whole; from then on it can only be cut.
async function sendStreamed(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
  { answer, admitted, body }: Streamed,
): Promise<void> {
  const own = maskingOf(exchange)
  const masking = own.streamed ?? own
  const { live } = answerFormat(routeOf(exchange).format)
  const { statusCode: status } = answer
  const gone = () => reply.raw.destroyed
  const coding = answerCoding(exchange, admitted, undefined)
  if (coding !== undefined) take(ENCODER_BYTES[coding], exchange, services)
  const windows = maskedWindows({ exchange, services, masking, body, live, gone })
  const first = await windows.next()
  if (first.done === true) throw new RefusedError('internal-error')
  const named = { masked: masking.hidden.join(', '), revealed: masking.revealed.join(', ') }
  const marks = admitted.kind === 'opaque' ? NO_MARKS : named
  const headers = answerHeaders(exchange, services, { answer, admitted, marks })
  if (coding !== undefined) headers['content-encoding'] = coding
  const plain = chain(first.value, windows)
  const bytes = coding === undefined ? plain : encodeParts(plain, coding)
  const stream = Readable.from(bytes, { objectMode: false })
  // Where the caller goes away nobody asks for the next window: the upstream is let go, which ends the wait for it.
  reply.raw.once('close', () => answer.stream.destroy())
  const finish = () => finishStream(exchange, services, status)
  // Windows that nobody has asked for yet, since the caller is gone already, must be closed on record too.
  stream.once('close', () => void windows.return(undefined).then(finish, finish))
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

function isConditional({ recordWrite }: Exchange): boolean {
  return Object.keys(recordWrite?.condition ?? {}).length > 0
}

function routeOf({ match }: Exchange): Route {
  if (match === undefined) throw new RefusedError('internal-error')
  return match.route
}

function maskingOf({ masking }: Exchange): RouteMasking {
  if (masking === undefined) throw new RefusedError('internal-error')
  return masking
}
