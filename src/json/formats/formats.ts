/** The formats of bodies that a program can be run over, and what runs it. */
import type { Program } from '../program-source.ts'
import { createEventSplitter } from './events.ts'
import type { EventFields } from './events.ts'
import { createLineSplitter } from './lines.ts'
import { OpaqueRewriter } from './opaque.ts'
import { RecordRewriter } from './record-rewriter.ts'
import { createSequenceSplitter } from './sequence.ts'
import type { Splitter } from './splitter.ts'
import { createTableSplitter } from './table.ts'
import type { TableFormat } from './table.ts'

/** Bytes of one event: a stream is open for long, and there are many at a time. */
const EVENT_BYTES_MAX = 262_144

/** One format with what it needs to be told. */
export type BodyFormat =
  /** One JSON document (RFC 8259). */
  | { readonly kind: 'json' }
  /** One JSON document a line. */
  | { readonly kind: 'ndjson' }
  /** JSON text sequence (RFC 7464). */
  | { readonly kind: 'json-seq' }
  /** Server-sent events whose data is JSON. */
  | ({ readonly kind: 'event-stream' } & Omit<EventFields, 'recordBytesMax'>)
  /** RFC 4180, with a header. */
  | ({ readonly kind: 'csv' } & Omit<TableFormat, 'recordBytesMax' | 'quotes'>)
  /** Bytes of these media types, which nobody looks into. */
  | { readonly kind: 'opaque'; readonly types: ReadonlySet<string> }
  /** text/tab-separated-values, with a header. */
  | ({ readonly kind: 'tsv' } & Omit<TableFormat, 'recordBytesMax' | 'quotes' | 'separator'>)

export type FormatKind = BodyFormat['kind']

/** Bounds of a body made of records. */
export interface RecordLimits {
  readonly recordBytesMax: number
  /** Data subjects told apart. */
  readonly subjectsMax: number
}

/** How programs are started over bodies of this format: see {@link Program.start}. */
export function starterOf(
  program: Program,
  format: BodyFormat,
  { recordBytesMax, subjectsMax }: RecordLimits,
): Program['start'] {
  if (format.kind === 'opaque') return (collect) => new OpaqueRewriter(collect !== undefined)
  if (format.kind === 'json') return program.start
  return (collect, reader) =>
    new RecordRewriter(
      () => program.start(undefined, reader),
      createSplitter(format, recordBytesMax),
      {
        subjectsMax,
        collects: collect !== undefined,
      },
    )
}

type RecordFormat = Exclude<BodyFormat, { readonly kind: 'opaque' | 'json' }>

/** The documents of a body that is at hand whole. Throws a CelosiaError (ERR_FORMAT_*, ERR_JSON_*). */
export function documentsOf(format: BodyFormat, body: Uint8Array): readonly Buffer[] {
  if (format.kind === 'opaque') return []
  if (format.kind === 'json') return [Buffer.from(body)]
  return createSplitter(format, body.length)
    .take(body, true)
    .flatMap((piece) => (piece.kind === 'record' ? [piece.document] : []))
}

/** What takes a body of this format apart. */
function createSplitter(format: RecordFormat, recordBytesMax: number): Splitter {
  switch (format.kind) {
    case 'ndjson':
      return createLineSplitter(recordBytesMax)
    case 'json-seq':
      return createSequenceSplitter(recordBytesMax)
    case 'event-stream':
      return createEventSplitter({
        ...format,
        recordBytesMax: Math.min(recordBytesMax, EVENT_BYTES_MAX),
      })
    case 'csv':
      return createTableSplitter({ ...format, quotes: true, recordBytesMax })
    default:
      return createTableSplitter({ ...format, quotes: false, separator: '\t', recordBytesMax })
  }
}
