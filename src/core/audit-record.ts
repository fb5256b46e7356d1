/** One record as the stores keep it. The event is OCSF 1.9; the flat fields are there to route by. */

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined }

/** Kinds of records. */
export const RECORD_TYPES = ['access', 'refusals', 'finding', 'policy'] as const
export type RecordType = (typeof RECORD_TYPES)[number]

export interface AuditRecord {
  /** UUIDv7; the key to de-duplicate by. Also `metadata.uid` of the event. */
  readonly id: string
  readonly type: RecordType
  /** OCSF `severity_id`. */
  readonly severity: number
  readonly event: { readonly [name: string]: JsonValue | undefined }
}
