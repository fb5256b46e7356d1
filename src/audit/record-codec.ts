/** Records as bytes: one line of JSON in the journal, the same parts as fields in Redis. Checked when they are read back. */
import {
  RECORD_TYPES,
  type AuditRecord,
  type JsonValue,
  type RecordType,
} from '../core/audit-record.ts'
import { AuditUnavailableError } from './errors.ts'

/** Version of the stored form. */
const RECORD_VERSION = 1

/** A larger record is refused: whoever makes records names at most so many data subjects. */
export const RECORD_BYTES_MAX = 1024 * 1024

/** The flat fields of a record and its event as JSON, all text. */
export interface RecordFields {
  readonly v: string
  readonly id: string
  readonly type: string
  readonly severity: string
  readonly event: string
}

/** The fields of a record. Throws AuditUnavailableError where it is larger than {@link RECORD_BYTES_MAX}. */
export function recordFields(record: AuditRecord): RecordFields {
  const event = JSON.stringify(record.event)
  checkSize(Buffer.byteLength(event))
  const { id, type } = record
  return { v: String(RECORD_VERSION), id, type, severity: String(record.severity), event }
}

function recordOfFields(fields: Readonly<Record<string, string>>): AuditRecord | undefined {
  const { v, id, type, severity, event } = fields
  if (severity === undefined || !/^\d{1,2}$/.test(severity) || event === undefined) return undefined
  return checked({ v: Number(v), id, type, severity: Number(severity), event: parse(event) })
}

/** The record of an entry as Redis gives it, names and values in turn, or undefined where it is not one. */
export function recordOfEntry(values: readonly string[]): AuditRecord | undefined {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  for (let i = 0; i + 1 < values.length; i += 2) fields[values[i] ?? ''] = values[i + 1] ?? ''
  return recordOfFields(fields)
}

/** One line with its line feed. Throws AuditUnavailableError where it is larger than {@link RECORD_BYTES_MAX}. */
export function recordLine(record: AuditRecord): Buffer {
  const { id, type, severity, event } = record
  const line = Buffer.from(`${JSON.stringify({ v: RECORD_VERSION, id, type, severity, event })}\n`)
  checkSize(line.length)
  return line
}

/** The record of a line, without its line feed, or undefined where it is not one. */
export function recordOfLine(line: Uint8Array): AuditRecord | undefined {
  try {
    return checked(parse(new TextDecoder('utf-8', { fatal: true }).decode(line)))
  } catch {
    return undefined
  }
}

function checkSize(bytes: number): void {
  if (bytes > RECORD_BYTES_MAX) {
    throw new AuditUnavailableError(
      `A record has ${bytes} bytes; ${RECORD_BYTES_MAX} are the limit`,
    )
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checked(value: unknown): AuditRecord | undefined {
  if (!isObject(value) || value['v'] !== RECORD_VERSION) return undefined
  const { id, type, severity, event } = value
  if (typeof id !== 'string' || !isRecordType(type)) return undefined
  if (typeof severity !== 'number' || !isObject(event)) return undefined
  return {
    id,
    type,
    severity,
    event: event as { readonly [name: string]: JsonValue },
  }
}

function isRecordType(value: unknown): value is RecordType {
  return (RECORD_TYPES as readonly unknown[]).includes(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
