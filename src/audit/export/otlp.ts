/**
 * Records as OpenTelemetry logs: an ExportLogsServiceRequest in the JSON encoding of OTLP (64-bit integers as text, names
 * in lower camel case). The body of a log record is the OCSF event as a structure.
 */
import type { JsonValue } from '../../core/audit-record.ts'
import type { ReadRecord } from '../record-codec.ts'
import { callerOf } from './caller.ts'
import { numberAt, textAt, textsAt, type JsonObject, type OcsfEvent } from './event-fields.ts'

/** OpenTelemetry's severity number and text for OCSF's `severity_id`. */
const SEVERITIES: Readonly<Record<number, readonly [number: number, text: string]>> = {
  1: [9, 'INFO'],
  2: [10, 'INFO2'],
  3: [13, 'WARN'],
  4: [17, 'ERROR'],
  5: [18, 'ERROR2'],
  6: [21, 'FATAL'],
}
const NANOSECONDS = '000000'

/** One LogRecord. */
export function otlpLogRecord(read: ReadRecord): JsonObject {
  const { record } = read
  const { event } = record
  const time = `${Math.max(0, Math.round(numberAt(event, 'time') ?? 0))}${NANOSECONDS}`
  const severity = SEVERITIES[record.severity]
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    ...(severity !== undefined && { severityNumber: severity[0], severityText: severity[1] }),
    eventName: `celosia.audit.${record.type}`,
    body: anyValue(event),
    attributes: attributes(read),
  }
}

/** The parts of a request around log records that are JSON already: these, then the texts joined by commas, then this. */
export function otlpEnvelope(productVersion: string): readonly [before: string, after: string] {
  const request = {
    resourceLogs: [
      {
        resource: {
          attributes: [
            attribute('service.name', 'celosia'),
            attribute('service.version', productVersion),
          ],
        },
        scopeLogs: [{ scope: { name: 'celosia.audit', version: productVersion }, logRecords: [] }],
      },
    ],
  }
  const text = JSON.stringify(request)
  const end = text.lastIndexOf('[]') + 1
  return [text.slice(0, end), text.slice(end)]
}

function attribute(key: string, value: string): JsonObject {
  return { key, value: { stringValue: value } }
}

/** Attributes by OpenTelemetry's semantic conventions, and a few of our own. */
function attributes({ record, envelope }: ReadRecord): readonly JsonValue[] {
  const { id, type, event } = record
  const caller = callerOf(event)
  const values: readonly (readonly [string, JsonValue | undefined])[] = [
    ['log.record.uid', id],
    ['user.id', caller.id],
    ['user.roles', listOrNone(caller.roles)],
    ['session.id', caller.session],
    ['client.address', caller.ip],
    ['http.request.method', textAt(event, 'http_request.http_method')],
    ['http.response.status_code', numberAt(event, 'http_response.code')],
    ['http.route', route(event)],
    ['celosia.type', type],
    ['celosia.decision', textAt(event, 'unmapped.celosia.decision')],
    ['celosia.rule', textAt(event, 'unmapped.celosia.rule')],
    ['celosia.request.id', textAt(event, 'metadata.correlation_uid')],
    ['celosia.truncated', listOrNone(textsAt(event, 'unmapped.celosia.truncated'))],
    ['celosia.chain.writer', envelope.writer],
    ['celosia.chain.sequence', envelope.sequence],
    ['celosia.chain.previous', envelope.previous],
    ['celosia.chain.event_sha256', envelope.event_sha256],
    ['ocsf.class_uid', numberAt(event, 'class_uid')],
    ['ocsf.type_uid', numberAt(event, 'type_uid')],
  ]
  return values.flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  )
}

/** The template without its method. */
function route(event: OcsfEvent): string | undefined {
  return textAt(event, 'unmapped.celosia.route')?.replace(/^[A-Z]+ /, '')
}

function listOrNone(texts: readonly string[]): readonly string[] | undefined {
  return texts.length > 0 ? texts : undefined
}

/** OTLP's AnyValue. `null` is a value that is not set. */
function anyValue(value: JsonValue | undefined): JsonObject {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  }
  if (value === null || value === undefined) return {}
  if (isList(value)) return { arrayValue: { values: value.map(anyValue) } }
  return {
    kvlistValue: {
      values: Object.entries(value).flatMap(([key, one]) =>
        one === undefined ? [] : [{ key, value: anyValue(one) }],
      ),
    },
  }
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
