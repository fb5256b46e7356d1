/** The formats that a sink can be given, and how a record becomes text in one of them. */
import { cefLine } from '../audit/export/cef.ts'
import { fitRecord } from '../audit/export/drop-detail.ts'
import { ecsJson } from '../audit/export/ecs.ts'
import { ocsfJson, recordJson } from '../audit/export/ocsf-json.ts'
import type { ReadRecord } from '../audit/record-codec.ts'
import type { Sink } from './sink.ts'

/**
 * `ocsf`: the event. `record`: the event in its place in the chain, so that it can be verified where it arrives. `ecs`: Elastic
 * Common Schema. These are one line of JSON, `cef` is one line of text.
 */
export const FORMATS = ['ocsf', 'record', 'ecs', 'cef'] as const
export type Format = (typeof FORMATS)[number]

/** How records become text. */
export interface RecordFormat {
  readonly format: Format
  /** Version of this program. */
  readonly productVersion: string
  /** A larger record loses detail. */
  readonly recordBytesMax: number
}

/** Prints a record on one line. */
export function printerOf({ format, productVersion }: RecordFormat): (read: ReadRecord) => string {
  if (format === 'ocsf') return ocsfJson
  if (format === 'record') return recordJson
  if (format === 'ecs') return ecsJson
  return (read) => cefLine(read, productVersion)
}

/** Prints a record on one line of at most so many bytes. */
export function recordEncoder(format: RecordFormat): Sink['encode'] {
  return fittingEncoder(printerOf(format), format.recordBytesMax)
}

/** Fits what `print` gives into `bytesMax`. */
export function fittingEncoder(
  print: (read: ReadRecord) => string,
  bytesMax: number,
): Sink['encode'] {
  return (read) => fitRecord(read, bytesMax, print)
}
