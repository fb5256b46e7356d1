/**
 * The envelope of a record: who wrote it, as which of his, after which other, and the hash of its event. Each names the hash
 * of the one before, so that nothing can be changed, left out or put in without a trace. docs/audit-chain.md is its
 * specification.
 */
import { hash } from 'node:crypto'
import type { AuditRecord, RecordType } from '../../core/audit-record.ts'
import { AuditUnavailableError } from '../errors.ts'
import { canonicalJson } from './canonical-json.ts'

/** Version of the stored form. */
export const RECORD_VERSION = 1

/** A larger record is refused: whoever makes records names at most so many data subjects. */
export const RECORD_BYTES_MAX = 1024 * 1024
/** What an envelope adds to its event. */
const ENVELOPE_BYTES_MAX = 1024

/** `previous` of a writer's first record. */
export const NO_PREVIOUS = '0'.repeat(64)

/** All that the hash of a record covers; names as they are stored. */
export interface Envelope {
  readonly v: typeof RECORD_VERSION
  /** One run of one process. UUIDv7. */
  readonly writer: string
  /** Of this writer's records, from 1 without a gap. */
  readonly sequence: number
  /** Hash of the envelope before it, or {@link NO_PREVIOUS}. */
  readonly previous: string
  readonly id: string
  readonly type: RecordType
  readonly severity: number
  /** SHA-256 of the event's canonical JSON (RFC 8785), lower-case hex. */
  readonly event_sha256: string
}

/** A record whose event is text already: what can be done before its place in the chain is known. */
export interface PreparedRecord {
  readonly record: AuditRecord
  readonly eventText: string
  readonly eventSha256: string
  readonly bytes: number
}

/** A record in its place, as stores keep it. */
export interface PlacedRecord {
  readonly envelope: Envelope
  /** Canonical JSON of {@link envelope}: what its hash is made of. */
  readonly text: string
  /** SHA-256 of {@link text}: `previous` of the next. */
  readonly hash: string
  /** Canonical JSON of the event. */
  readonly eventText: string
}

/** The same while its writer may still have to give it another place. */
export interface SealedRecord extends PlacedRecord {
  readonly prepared: PreparedRecord
}

/** Where a chain stands: the last of a writer's records. `sequence` 0: none yet. */
export interface ChainHead {
  readonly writer: string
  readonly sequence: number
  readonly hash: string
}

/** Throws AuditUnavailableError where the record is larger than {@link RECORD_BYTES_MAX}, or cannot be written as I-JSON. */
export function prepareRecord(record: AuditRecord): PreparedRecord {
  const eventText = canonicalJson(record.event)
  const bytes = Buffer.byteLength(eventText) + ENVELOPE_BYTES_MAX
  if (bytes > RECORD_BYTES_MAX) {
    throw new AuditUnavailableError(
      `A record has ${bytes} bytes; ${RECORD_BYTES_MAX} are the limit`,
    )
  }
  return { record, eventText, eventSha256: sha256(eventText), bytes }
}

/** Puts a record after `head`. */
export function sealRecord(prepared: PreparedRecord, head: ChainHead): SealedRecord {
  const { record, eventText, eventSha256 } = prepared
  const envelope: Envelope = {
    v: RECORD_VERSION,
    writer: head.writer,
    sequence: head.sequence + 1,
    previous: head.hash,
    id: record.id,
    type: record.type,
    severity: record.severity,
    event_sha256: eventSha256,
  }
  const text = envelopeText(envelope)
  return { envelope, text, hash: sha256(text), eventText, prepared }
}

/** The head of a chain that ends with this record. */
export function headOf({ envelope, hash }: PlacedRecord): ChainHead {
  return { writer: envelope.writer, sequence: envelope.sequence, hash }
}

/** Canonical JSON of an envelope. Its names are in their order already, and its values are plain. */
export function envelopeText(envelope: Envelope): string {
  const { v, writer, sequence, previous, id, type, severity, event_sha256 } = envelope
  return JSON.stringify({ event_sha256, id, previous, sequence, severity, type, v, writer })
}

/** SHA-256 of an envelope, as the next one names it. */
export function envelopeHash(envelope: Envelope): string {
  return sha256(envelopeText(envelope))
}

/** SHA-256 of a text's UTF-8, lower-case hex. */
export function sha256(text: string): string {
  return hash('sha256', text)
}
