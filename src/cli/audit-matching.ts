/** Reads the records that fit, for commands that go through all of an audit; says how far it is. */
import { fits } from '../audit/query/record-filter.ts'
import type { RecordFilter } from '../audit/query/record-filter.ts'
import { readAllStreams } from '../audit/read-all.ts'
import type { StreamRecord } from '../audit/read-all.ts'
import type { CommandIo, OptionValues } from './command.ts'
import { openReader, storePlace } from './stores.ts'

const PROGRESS_RECORDS = 50_000

/** Of the store that the options name, oldest first. Standard error is told of each so many records. */
export async function* matching(
  filter: RecordFilter,
  values: OptionValues,
  io: CommandIo,
): AsyncGenerator<StreamRecord, void, undefined> {
  const reader = await openReader(storePlace(values, io))
  let read = 0
  try {
    for await (const stored of readAllStreams(reader, { signal: io.signal })) {
      read += 1
      if (read % PROGRESS_RECORDS === 0) io.stderr.write(`${read} records\n`)
      if (fits(stored.record, filter)) yield stored
    }
  } finally {
    await reader.close()
  }
}
