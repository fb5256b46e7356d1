/** Names of the journal's segments, `audit-<start>-<sequence>.jsonl`, and positions within them, `<name>:<byte>`. */
import { readdir } from 'node:fs/promises'
import { isoTime } from '../core/clock.ts'
import { AuditCorruptError } from './errors.ts'

export interface SegmentName {
  readonly name: string
  /** Counts up within a directory. It orders the segments; the time in the name is for people, since clocks step. */
  readonly sequence: number
}

/** The start of a record's line. */
export interface SegmentPosition {
  readonly segment: SegmentName
  readonly offset: number
}

const NAME = /^audit-\d{8}T\d{9}Z-(\d{8,15})\.jsonl$/
const SEQUENCE_DIGITS = 8

/** The name of a segment begun at `startMs`. */
export function segmentName(startMs: number, sequence: number): SegmentName {
  const start = isoTime(startMs).replaceAll(/[-:.]/g, '')
  return {
    name: `audit-${start}-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.jsonl`,
    sequence,
  }
}

/** The segments of a directory, oldest first. Files of other names are not the journal's. */
export async function listSegments(directory: string): Promise<readonly SegmentName[]> {
  const names = await readdir(directory)
  return names
    .map(parseSegmentName)
    .filter((name) => name !== undefined)
    .sort((a, b) => a.sequence - b.sequence || (a.name < b.name ? -1 : 1))
}

/** A position as text. */
export function formatPosition(name: string, offset: number): string {
  return `${name}:${offset}`
}

/** The position of a text. Throws AuditCorruptError where it is none of the journal's. */
export function parsePosition(text: string): SegmentPosition {
  const parts = /^([^:]+):(\d{1,15})$/.exec(text)
  const segment = parts === null ? undefined : parseSegmentName(parts[1] ?? '')
  if (segment === undefined) throw new AuditCorruptError(text, 'No place of the journal')
  return { segment, offset: Number(parts?.[2]) }
}

function parseSegmentName(name: string): SegmentName | undefined {
  const parts = NAME.exec(name)
  return parts === null ? undefined : { name, sequence: Number(parts[1]) }
}
