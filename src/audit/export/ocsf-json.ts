/** A record as it was recorded, as one line of JSON: the OCSF event, alone or in its place in the chain. */
import { envelopeText } from '../chain/envelope.ts'
import { recordLine, type ReadRecord } from '../record-codec.ts'

/** The event alone, byte for byte as it is stored: its id is `metadata.uid`. */
export function ocsfJson({ record, eventText }: ReadRecord): string {
  return eventText ?? JSON.stringify(record.event)
}

/** The whole stored record, envelope and event, as a line of the journal: what the chain can be verified with elsewhere. */
export function recordJson(read: ReadRecord): string {
  const line = recordLine({ text: envelopeText(read.envelope), eventText: ocsfJson(read) })
  return line.toString('utf8', 0, line.length - 1)
}
