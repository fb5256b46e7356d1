/** One sink of the shipping file: defaults, addresses, keys and files. */
import { resolve } from 'node:path'
import { parseDuration } from '../../core/duration.ts'
import type { Complaint, PolicyPath } from '../../rules/policy/fault.ts'
import { printerOf, type RecordFormat } from '../encoder.ts'
import { createFileSink } from '../sinks/file-sink.ts'
import { createOtlpSink } from '../sinks/otlp-sink.ts'
import { createRedisListSink } from '../sinks/redis-list-sink.ts'
import { createSplunkSink } from '../sinks/splunk-sink.ts'
import { createStdoutSink } from '../sinks/stdout-sink.ts'
import { createSyslogSink } from '../sinks/syslog-sink.ts'
import type { TlsFiles } from '../sinks/tls-files.ts'
import { createWebhookSink } from '../sinks/webhook-sink.ts'
import { httpAddress, redisAddress, syslogAddress } from './addresses.ts'
import type { RemoteDocument, SinkDocument, SinkKinds } from './document.ts'
import type { SinkPlan, SinkTools } from './plan.ts'
import { tlsFiles, webhookKey } from './secrets.ts'

export interface SinkContext {
  readonly document: SinkDocument
  /** Place of the sink in the file. */
  readonly path: PolicyPath
  /** Folder of the file. */
  readonly base: string
  readonly complain: (complaint: Complaint) => void
  /** Told of each file that is read. */
  readonly onFile: (bytes: Buffer) => void
}

type Open = SinkPlan['open']

const SYSLOG_BYTES_MAX = 8_192
const RECORD_BYTES_MAX = 1_048_576
const ROTATE_BYTES = 67_108_864
const KEEP = 10
const LIST_ENTRIES_MAX = 100_000
const FACILITY_LOG_AUDIT = 13
/** RFC 5612: the number that examples use. This program has none of its own. */
const ENTERPRISE_NUMBER = 32_473

export const TIMEOUT_MS = 10_000
const ACK_TIMEOUT_MS = 60_000
const ACK_POLL_MS = 1_000

/** Kinds of sinks, and how each is made. Undefined after a complaint. */
export const SINK_KINDS: Readonly<
  Record<keyof SinkKinds, (context: SinkContext) => Open | undefined>
> = {
  syslog: openSyslog,
  splunk: openSplunk,
  otlp: openOtlp,
  webhook: openWebhook,
  file: openFile,
  redisList: openRedisList,
  stdout: (context) => (tools) =>
    createStdoutSink({ stream: tools.stdout, ...recordFormat(context, tools) }),
}

/** Milliseconds of a duration that the schema has checked. */
export function durationMs(text: string | undefined, fallbackMs: number): number {
  return text === undefined ? fallbackMs : (parseDuration(text) ?? fallbackMs)
}

/** The longest that a delivery to the sink may take. */
export function deliveryMsMax({ timeout, splunk }: SinkDocument): number {
  const acknowledgement = splunk?.acknowledgement
  const waitMs =
    acknowledgement === undefined ? 0 : durationMs(acknowledgement.timeout, ACK_TIMEOUT_MS)
  return durationMs(timeout, TIMEOUT_MS) + waitMs
}

function openSyslog(context: SinkContext): Open | undefined {
  const { syslog, timeout, recordBytesMax } = context.document
  if (syslog === undefined) return undefined
  const address = syslogAddress(syslog.url, place(context, 'syslog', syslog))
  const tls = filesOf(context, 'syslog', syslog)
  if (address === undefined) return undefined
  return (tools) =>
    createSyslogSink({
      host: address.host,
      port: address.port,
      tls: address.tls ? tls : undefined,
      confirm: syslog.confirm ?? 'closed',
      timeoutMs: durationMs(timeout, TIMEOUT_MS),
      format: {
        facility: syslog.facility ?? FACILITY_LOG_AUDIT,
        hostname: syslog.hostname ?? tools.hostname,
        enterpriseNumber: syslog.enterpriseNumber ?? ENTERPRISE_NUMBER,
        bytesMax: recordBytesMax ?? SYSLOG_BYTES_MAX,
        body: printerOf(recordFormat(context, tools)),
      },
    })
}

function openSplunk(context: SinkContext): Open | undefined {
  const { splunk } = context.document
  if (splunk === undefined) return undefined
  const http = httpOptions(context, 'splunk', splunk)
  if (http === undefined) return undefined
  if (http.url.pathname !== '/' || http.url.search !== '') {
    context.complain({
      path: [...context.path, 'splunk', 'url'],
      message: 'the address of the collector has a path',
      hint: 'write it without: https://splunk.example.com:8088',
    })
    return undefined
  }
  const { token, index, acknowledgement } = splunk
  return (tools) =>
    createSplunkSink({
      ...http,
      ...recordFormat(context, tools),
      token,
      index,
      hostname: tools.hostname,
      clock: tools.clock,
      acknowledgement: acknowledgement && {
        pollMs: durationMs(acknowledgement.poll, ACK_POLL_MS),
        timeoutMs: durationMs(acknowledgement.timeout, ACK_TIMEOUT_MS),
      },
    })
}

function openOtlp(context: SinkContext): Open | undefined {
  const { otlp, format } = context.document
  if (otlp === undefined) return undefined
  if (format !== undefined) {
    const message = 'an otlp sink has a format of its own'
    context.complain({ path: [...context.path, 'format'], message, atKey: true })
  }
  const http = httpOptions(context, 'otlp', otlp)
  if (http === undefined) return undefined
  return (tools) =>
    createOtlpSink({
      ...http,
      headers: otlp.headers ?? {},
      compression: otlp.compression ?? 'none',
      productVersion: tools.productVersion,
      recordBytesMax: recordFormat(context, tools).recordBytesMax,
      clock: tools.clock,
    })
}

function openWebhook(context: SinkContext): Open | undefined {
  const { webhook } = context.document
  if (webhook === undefined) return undefined
  const http = httpOptions(context, 'webhook', webhook)
  const keys = webhook.secrets.map((secret, index) =>
    webhookKey(secret, [...context.path, 'webhook', 'secrets', index], context.complain),
  )
  if (http === undefined || keys.includes(undefined)) return undefined
  return (tools) =>
    createWebhookSink({
      ...http,
      ...recordFormat(context, tools),
      headers: webhook.headers ?? {},
      keys: keys.filter((key) => key !== undefined),
      clock: tools.clock,
    })
}

function openFile(context: SinkContext): Open | undefined {
  const { file } = context.document
  if (file === undefined) return undefined
  return (tools) =>
    createFileSink({
      ...recordFormat(context, tools),
      path: resolve(context.base, file.path),
      rotateBytes: file.rotateBytes ?? ROTATE_BYTES,
      keep: file.keep ?? KEEP,
    })
}

function openRedisList(context: SinkContext): Open | undefined {
  const { redisList, timeout } = context.document
  if (redisList === undefined) return undefined
  const address = redisAddress(redisList.url, place(context, 'redisList', redisList))
  if (address === undefined) return undefined
  return (tools) =>
    createRedisListSink({
      ...recordFormat(context, tools),
      address,
      key: redisList.key,
      entriesMax: redisList.entriesMax ?? LIST_ENTRIES_MAX,
      timeoutMs: durationMs(timeout, TIMEOUT_MS),
    })
}

function recordFormat({ document }: SinkContext, { productVersion }: SinkTools): RecordFormat {
  return {
    format: document.format ?? 'ocsf',
    productVersion,
    recordBytesMax: document.recordBytesMax ?? RECORD_BYTES_MAX,
  }
}

function httpOptions(
  context: SinkContext,
  kind: keyof SinkKinds,
  remote: RemoteDocument,
): { readonly url: URL; readonly tls: TlsFiles; readonly timeoutMs: number } | undefined {
  const url = httpAddress(remote.url, place(context, kind, remote))
  const tls = filesOf(context, kind, remote)
  const timeoutMs = durationMs(context.document.timeout, TIMEOUT_MS)
  return url && { url, tls, timeoutMs }
}

function filesOf(context: SinkContext, kind: keyof SinkKinds, remote: RemoteDocument): TlsFiles {
  return tlsFiles(remote.tls, [...context.path, kind, 'tls'], context)
}

function place(
  { path, complain }: SinkContext,
  kind: keyof SinkKinds,
  { unencrypted }: Pick<RemoteDocument, 'unencrypted'>,
) {
  return { path: [...path, kind, 'url'], unencrypted: unencrypted === 'allowed', complain }
}
