/** Reads an export: records as JSON lines, in any order of their members, of all streams together. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { STREAM_OF } from '../core/audit-record.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { canonicalJson } from './chain/canonical-json.ts'
import { AuditCorruptError, AuditUnavailableError } from './errors.ts'
import type { StreamRecord } from './read-all.ts'
import { recordOfLine } from './record-codec.ts'

/** Throws AuditUnavailableError where the file cannot be read. `corrupt` is told of lines that are no records. */
export async function* readExport(
  path: string,
  corrupt: (error: AuditCorruptError) => void,
): AsyncGenerator<StreamRecord, void, undefined> {
  let number = 0
  for await (const line of linesOf(path)) {
    number += 1
    if (line === '') continue
    const position = `line ${number}`
    const read = recordOfLine(Buffer.from(line))
    const eventText = read && canonicalText(read.record.event)
    if (read === undefined || eventText === undefined)
      corrupt(new AuditCorruptError(position, 'No record'))
    else yield { ...read, eventText, position, stream: STREAM_OF[read.envelope.type] }
  }
}

/** Whoever passed a record on may have written its members in another order. Undefined for what nobody can have hashed. */
function canonicalText(event: AuditRecord['event']): string | undefined {
  try {
    return canonicalJson(event)
  } catch (error) {
    if (error instanceof AuditUnavailableError) return undefined
    throw error
  }
}

/** The lines of a file. Throws AuditUnavailableError where it cannot be read. */
export async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  const stream = createReadStream(path)
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    throw new AuditUnavailableError(`The file cannot be read (${code})`)
  } finally {
    stream.destroy()
  }
}
