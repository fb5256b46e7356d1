/** OpenTelemetry logs over HTTP (OTLP 1.x, JSON encoding, optionally compressed with gzip). */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { otlpEnvelope, otlpLogRecord } from '../../audit/export/otlp.ts'
import type { Clock } from '../../core/clock.ts'
import { DeliveryError } from '../delivery-error.ts'
import { fittingEncoder } from '../encoder.ts'
import type { Sink } from '../sink.ts'
import {
  createHttpClient,
  jsonObject,
  statusFailure,
  type HttpClientOptions,
  type HttpReply,
} from './http-client.ts'

export interface OtlpSinkOptions extends HttpClientOptions {
  readonly compression: 'gzip' | 'none'
  readonly productVersion: string
  readonly recordBytesMax: number
  readonly clock: Clock
}

const compress = promisify(gzip)

export function createOtlpSink(options: OtlpSinkOptions): Sink {
  const client = createHttpClient({
    ...options,
    headers: {
      ...options.headers,
      'content-type': 'application/json',
      ...(options.compression === 'gzip' && { 'content-encoding': 'gzip' }),
    },
  })
  const [before, after] = otlpEnvelope(options.productVersion)
  return {
    encode: fittingEncoder(
      (record) => JSON.stringify(otlpLogRecord(record)),
      options.recordBytesMax,
    ),
    deliver: async (payloads, stopped) => {
      const text = Buffer.from(`${before}${payloads.map((one) => one.text).join(',')}${after}`)
      const body = options.compression === 'gzip' ? await compress(text) : text
      const failure = failureOf(await client.post({ body }, stopped), options.clock)
      if (failure !== undefined) throw failure
    },
    close: () => Promise.resolve(client.close()),
  }
}

/**
 * A success may be a partial one, which does not say which records were rejected: it counts as a refusal, so that the
 * records are sent again in smaller groups until it is known.
 */
function failureOf(reply: HttpReply, clock: Clock): DeliveryError | undefined {
  const failure = statusFailure(reply, clock.nowMs())
  if (failure !== undefined) return failure
  const partial = jsonObject(reply.body)['partialSuccess']
  const rejected =
    typeof partial === 'object' && partial !== null
      ? Number((partial as Readonly<Record<string, unknown>>)['rejectedLogRecords'] ?? 0)
      : 0
  if (rejected === 0) return undefined
  return new DeliveryError({
    kind: 'refused',
    problem: 'The sink rejected some of the log records',
  })
}
