/**
 * Splunk's HTTP Event Collector: events in one body after another to /services/collector/event. Where the token has indexer
 * acknowledgement, a batch counts as delivered once Splunk says that it is indexed.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { numberAt } from '../../audit/export/event-fields.ts'
import type { ReadRecord } from '../../audit/record-codec.ts'
import type { Clock } from '../../core/clock.ts'
import { DeliveryError } from '../delivery-error.ts'
import { fittingEncoder, printerOf, type RecordFormat } from '../encoder.ts'
import type { Sink } from '../sink.ts'
import {
  createHttpClient,
  jsonObject,
  statusFailure,
  type HttpClient,
  type HttpClientOptions,
  type HttpReply,
} from './http-client.ts'

export interface SplunkSinkOptions extends Omit<HttpClientOptions, 'headers'>, RecordFormat {
  readonly token: string
  readonly index: string | undefined
  /** Name of this machine. */
  readonly hostname: string
  /** Undefined: the token has no indexer acknowledgement. */
  readonly acknowledgement: { readonly pollMs: number; readonly timeoutMs: number } | undefined
  readonly clock: Clock
}

const EVENT_PATH = '/services/collector/event'
const ACK_PATH = '/services/collector/ack'

/** Codes in an answer of 400 that say something of the token or the index, not of the events. */
const MISCONFIGURED_CODES: Readonly<Record<number, string>> = {
  7: 'the index is none that the token may write to',
  10: 'the token has indexer acknowledgement: set acknowledgement',
  11: 'the channel is not one',
  14: 'the token has no indexer acknowledgement: leave acknowledgement out',
  16: 'the token may not stand in the query',
}

export function createSplunkSink(options: SplunkSinkOptions): Sink {
  const channel = randomUUID()
  const client = createHttpClient({
    ...options,
    headers: {
      authorization: `Splunk ${options.token}`,
      'content-type': 'application/json',
      'x-splunk-request-channel': channel,
    },
  })
  const print = printerOf(options)
  return {
    encode: fittingEncoder((read) => collectorEvent(read, print, options), options.recordBytesMax),
    deliver: async (payloads, stopped) => {
      const body = Buffer.from(payloads.map(({ text }) => text).join('\n'))
      const reply = await client.post({ path: EVENT_PATH, body }, stopped)
      const failure = failureOf(reply, options.clock)
      if (failure !== undefined) throw failure
      if (options.acknowledgement !== undefined) {
        await indexed(client, jsonObject(reply.body)['ackId'], options.acknowledgement, stopped)
      }
    },
    close: () => Promise.resolve(client.close()),
  }
}

function collectorEvent(
  read: ReadRecord,
  print: (read: ReadRecord) => string,
  { format, index, hostname }: SplunkSinkOptions,
): string {
  const { id, writer, sequence } = read.envelope
  const time = numberAt(read.record.event, 'time')
  const text = print(read)
  const head = JSON.stringify({
    ...(time !== undefined && { time: time / 1_000 }),
    host: hostname,
    source: 'celosia',
    sourcetype: `celosia:audit:${format}`,
    ...(index !== undefined && { index }),
    fields: { record_id: id, writer, sequence: String(sequence) },
  })
  // The event goes in as it was printed: parsing it again would cost, and could change it.
  return `${head.slice(0, -1)},"event":${format === 'cef' ? JSON.stringify(text) : text}}`
}

function failureOf(reply: HttpReply, clock: Clock): DeliveryError | undefined {
  const code = jsonObject(reply.body)['code']
  const known = typeof code === 'number' ? MISCONFIGURED_CODES[code] : undefined
  if (reply.status === 400 && known !== undefined) {
    return new DeliveryError({
      kind: 'misconfigured',
      problem: `Splunk says that ${known} (${Number(code)})`,
    })
  }
  return statusFailure(reply, clock.nowMs())
}

async function indexed(
  client: HttpClient,
  ackId: unknown,
  { pollMs, timeoutMs }: NonNullable<SplunkSinkOptions['acknowledgement']>,
  stopped: AbortSignal,
): Promise<void> {
  if (typeof ackId !== 'number') {
    const problem = 'Splunk gave no ackId: the token has no indexer acknowledgement'
    throw new DeliveryError({ kind: 'misconfigured', problem })
  }
  const late = AbortSignal.timeout(timeoutMs)
  const body = Buffer.from(JSON.stringify({ acks: [ackId] }))
  while (!(await isIndexed(client, body, ackId, stopped))) {
    if (late.aborted || stopped.aborted) {
      const problem = 'Splunk did not index the events in time'
      throw new DeliveryError({ kind: 'passing', problem })
    }
    await sleep(pollMs, undefined, { signal: stopped }).catch(() => undefined)
  }
}

// A question that fails is asked again: to send the events again would only make more of them.
async function isIndexed(
  client: HttpClient,
  body: Buffer,
  ackId: number,
  stopped: AbortSignal,
): Promise<boolean> {
  const reply = await client.post({ path: ACK_PATH, body }, stopped).catch(() => undefined)
  if (reply?.status !== 200) return false
  const { acks } = jsonObject(reply.body)
  return (
    typeof acks === 'object' &&
    acks !== null &&
    (acks as Readonly<Record<string, unknown>>)[String(ackId)] === true
  )
}
