/**
 * A webhook of one's own, signed by Standard Webhooks 1.0: HMAC-SHA256 over id, time and body. The id is the same each time
 * a batch is tried, so that a receiver can tell a repetition; the time is that of the attempt, so that it can refuse what is
 * replayed later.
 */
import { createHash, createHmac } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { recordEncoder, type RecordFormat } from '../encoder.ts'
import type { Payload, Sink } from '../sink.ts'
import { createHttpClient, statusFailure, type HttpClientOptions } from './http-client.ts'

export interface WebhookSinkOptions extends HttpClientOptions, RecordFormat {
  /** The first signs; while keys are changed, further ones sign too. */
  readonly keys: readonly Buffer[]
  readonly clock: Clock
}

const EVENT_TYPE = 'celosia.audit.records'

export function createWebhookSink(options: WebhookSinkOptions): Sink {
  const client = createHttpClient(options)
  return {
    encode: recordEncoder(options),
    deliver: async (payloads, stopped) => {
      const nowMs = options.clock.nowMs()
      const body = Buffer.from(bodyOf(payloads, options.format))
      const id = batchId(payloads)
      const timestamp = String(Math.floor(nowMs / 1_000))
      const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': options.keys.map((key) => signature(key, signed)).join(' '),
      }
      const failure = statusFailure(await client.post({ headers, body }, stopped), nowMs)
      if (failure !== undefined) throw failure
    },
    close: () => Promise.resolve(client.close()),
  }
}

function bodyOf(payloads: readonly Payload[], format: RecordFormat['format']): string {
  const records = payloads.map(({ text }) => (format === 'cef' ? JSON.stringify(text) : text))
  // The same each time a batch is tried, as its id says.
  return `{"type":"${EVENT_TYPE}","data":{"records":[${records.join(',')}]}}`
}

function batchId(payloads: readonly Payload[]): string {
  const hash = createHash('sha256')
  for (const { id } of payloads) hash.update(`${id}\n`)
  return `msg_${hash.digest('base64url').slice(0, 32)}`
}

function signature(key: Buffer, signed: Buffer): string {
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}
