/** Records as bytes: one line of JSON in the journal, the same members as fields in Redis. Checked when they are read back. */
import { STREAM_OF } from '../core/audit-record.ts'
import type { AuditRecord, JsonValue, RecordType } from '../core/audit-record.ts'
import { envelopeText, RECORD_VERSION, sha256 } from './chain/envelope.ts'
import type { Envelope, PlacedRecord } from './chain/envelope.ts'

/** A record that was read back. Of the right form; whether it is what was written is for the verifier to say. */
export interface ReadRecord {
  readonly record: AuditRecord
  readonly envelope: Envelope
  /** The event as it stands in the store; undefined where the record does not have the form that it was written in. */
  readonly eventText: string | undefined
}

/** Whether the event is the one that the envelope was sealed with. */
export function isAsWritten({ eventText, envelope }: Omit<ReadRecord, 'record'>): boolean {
  return eventText !== undefined && sha256(eventText) === envelope.event_sha256
}

const EVENT = ',"event":'

/** One line with its line feed: the envelope's canonical JSON with the event's as its last member. */
export function recordLine({ text, eventText }: Pick<PlacedRecord, 'text' | 'eventText'>): Buffer {
  return Buffer.from(`${text.slice(0, -1)}${EVENT}${eventText}}\n`)
}

/** The record of a line, without its line feed, or undefined where it is not one. */
export function recordOfLine(line: Uint8Array): ReadRecord | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line)
    return checked(parse(text), text)
  } catch {
    return undefined
  }
}

const FIELDS = [
  'v',
  'id',
  'type',
  'severity',
  'writer',
  'sequence',
  'previous',
  'event_sha256',
] as const

/** Names and values of a sealed record in turn, as XADD takes them: all that a reader may route by, and the event. */
export function recordFields({ envelope, eventText }: PlacedRecord): readonly string[] {
  return FIELDS.flatMap((name) => [name, String(envelope[name])]).concat('event', eventText)
}

const NUMBERS = ['v', 'severity', 'sequence'] as const
const NUMBER = /^(?:0|[1-9]\d{0,15})$/

/** The record of an entry as Redis gives it, names and values in turn, or undefined where it is not one. */
export function recordOfEntry(values: readonly string[]): ReadRecord | undefined {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  for (let i = 0; i + 1 < values.length; i += 2) fields[values[i] ?? ''] = values[i + 1] ?? ''
  return recordOfFields(fields)
}

function recordOfFields(fields: Readonly<Record<string, string>>): ReadRecord | undefined {
  const { event } = fields
  if (event === undefined) return undefined
  const value: Record<string, unknown> = { ...fields, event: parse(event) }
  for (const name of NUMBERS) {
    const text = fields[name]
    if (text === undefined || !NUMBER.test(text)) return undefined
    value[name] = Number(text)
  }
  const read = checked(value)
  return read && { ...read, eventText: event }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const HASH = /^[0-9a-f]{64}$/

function checked(value: unknown, line?: string): ReadRecord | undefined {
  if (!isObject(value) || value['v'] !== RECORD_VERSION) return undefined
  const { id, type, severity, writer, sequence, previous, event_sha256, event } = value
  if (!isText(id) || !isText(type) || !Object.hasOwn(STREAM_OF, type)) return undefined
  if (!isCount(severity) || !isObject(event) || !isText(writer) || !isCount(sequence))
    return undefined
  if (!isText(previous) || !isText(event_sha256)) return undefined
  if (!HASH.test(previous) || !HASH.test(event_sha256)) return undefined
  const envelope: Envelope = {
    v: RECORD_VERSION,
    writer,
    sequence,
    previous,
    id,
    type: type as RecordType,
    severity,
    event_sha256,
  }
  return {
    record: {
      id,
      type: envelope.type,
      severity,
      event: event as { readonly [name: string]: JsonValue },
    },
    envelope,
    eventText: line === undefined ? undefined : eventOf(line, envelope),
  }
}

/** The event's part of a line that has the very form of {@link recordLine}. */
function eventOf(line: string, envelope: Envelope): string | undefined {
  const before = `${envelopeText(envelope).slice(0, -1)}${EVENT}`
  return line.startsWith(before) && line.endsWith('}') ? line.slice(before.length, -1) : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX
}

const TEXT_CHARACTERS_MAX = 128

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
