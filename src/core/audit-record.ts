/** One record of the audit, and in which stream it is kept. The event is OCSF 1.9; the flat fields are there to route by. */

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined }

/** Streams of the audit: one for each class of retention. */
export const STREAM_NAMES = ['records', 'findings', 'chain'] as const

export type StreamName = (typeof STREAM_NAMES)[number]

/** Every type of record, with the stream that keeps it. `chain` is what the proof of the others is made of. */
export const STREAM_OF = {
  access: 'records',
  refusals: 'records',
  policy: 'records',
  revocation: 'records',
  login: 'records',
  grant: 'records',
  redaction: 'records',
  finding: 'findings',
  writer: 'chain',
  checkpoint: 'chain',
  retention: 'chain',
} as const satisfies Readonly<Record<string, StreamName>>

export type RecordType = keyof typeof STREAM_OF

export interface AuditRecord {
  /** UUIDv7; the key to de-duplicate by. Also `metadata.uid` of the event. */
  readonly id: string
  readonly type: RecordType
  /** OCSF `severity_id`. */
  readonly severity: number
  readonly event: { readonly [name: string]: JsonValue | undefined }
}
