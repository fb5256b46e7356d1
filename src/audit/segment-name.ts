/** Names of the journal's segments, `<stream>-<start>-<number>.jsonl`, and positions within them, `<name>:<byte>`. */
import { readdir } from 'node:fs/promises'
import type { StreamName } from '../core/audit-record.ts'
import { isoTime } from '../core/clock.ts'
import { AuditCorruptError } from './errors.ts'

export interface SegmentName {
  readonly name: string
  readonly stream: StreamName
  /** Counts up within a stream. It orders the segments; the time in the name is for people, since clocks step. */
  readonly number: number
}

/** The start of a record's line. */
export interface SegmentPosition {
  readonly segment: SegmentName
  readonly offset: number
}

const PREFIXES = { records: 'audit', findings: 'findings', chain: 'chain' } as const
const STREAMS: ReadonlyMap<string, StreamName> = new Map(
  Object.entries(PREFIXES).map(([stream, prefix]) => [prefix, stream as StreamName]),
)
const NAME = /^([a-z]+)-\d{8}T\d{9}Z-(\d{8,15})\.jsonl$/
const NUMBER_DIGITS = 8

/** The name of a segment begun at `startMs`. */
export function segmentName(stream: StreamName, startMs: number, number: number): SegmentName {
  const start = isoTime(startMs).replaceAll(/[-:.]/g, '')
  const digits = String(number).padStart(NUMBER_DIGITS, '0')
  return { name: `${PREFIXES[stream]}-${start}-${digits}.jsonl`, stream, number }
}

/** The segments of a stream in a directory, oldest first. Files of other names are not the journal's. */
export async function listSegments(
  directory: string,
  stream: StreamName,
): Promise<readonly SegmentName[]> {
  const names = await readdir(directory)
  return names
    .map(parseSegmentName)
    .filter((name) => name?.stream === stream)
    .filter((name) => name !== undefined)
    .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1))
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
  const [, prefix = '', number] = NAME.exec(name) ?? []
  const stream = STREAMS.get(prefix)
  return stream === undefined ? undefined : { name, stream, number: Number(number) }
}
