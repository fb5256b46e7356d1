/** Records as bytes: one line of JSON in the journal, the same parts as fields in Redis. Checked when they are read back. */
import type { AuditRecord, JsonValue } from '../core/audit-record.ts'
import { AuditUnavailableError } from './errors.ts'

/** Version of the stored form. */
const RECORD_VERSION = 1

/** A larger record is refused: whoever makes records names at most so many data subjects. */
export const RECORD_BYTES_MAX = 1024 * 1024

const TYPES: readonly string[] = [
  'access',
  'refusals',
  'finding',
  'policy',
] satisfies AuditRecord['type'][]

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

/** The record of such fields, or undefined where they are not those of a record. */
export function recordOfFields(fields: Readonly<Record<string, string>>): AuditRecord | undefined {
  const { v, id, type, severity, event } = fields
  if (severity === undefined || !/^\d{1,2}$/.test(severity) || event === undefined) return undefined
  return checked({ v: Number(v), id, type, severity: Number(severity), event: parse(event) })
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
  if (typeof id !== 'string' || typeof type !== 'string' || !TYPES.includes(type)) return undefined
  if (typeof severity !== 'number' || !isObject(event)) return undefined
  return {
    id,
    type: type as AuditRecord['type'],
    severity,
    event: event as { readonly [name: string]: JsonValue },
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
