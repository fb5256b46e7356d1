/** Takes records out of a journal: the whole segment, or all but some of its lines, written anew and put in its place. */
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../../core/durable-file.ts'
import { AuditUnavailableError } from '../errors.ts'
import { JournalLines } from '../journal-lines.ts'
import type { SegmentName } from '../segment-name.ts'

/** What is to happen to one segment. */
export interface SegmentPurge {
  readonly segment: SegmentName
  /** The newest of its stream stays, empty if need be: numbers of segments must never come again. */
  readonly newest: boolean
  /** Records that go. */
  gone: number
  /** Where lines start that stay. */
  readonly kept: number[]
}

/** Durable once it resolves. Rejects with AuditUnavailableError. */
export async function removeSegment(directory: string, purge: SegmentPurge): Promise<void> {
  const { segment, newest, gone, kept } = purge
  if (gone === 0 && (kept.length > 0 || newest)) return
  const path = join(directory, segment.name)
  try {
    if (kept.length > 0 || newest) await rewrite(directory, path, purge)
    else await rm(path)
    await syncDirectory(directory)
  } catch (error) {
    if (error instanceof AuditUnavailableError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new AuditUnavailableError(`A segment of the journal cannot be removed (${code})`)
  }
}

const FILE_MODE = 0o600

async function rewrite(
  directory: string,
  path: string,
  { segment, kept }: SegmentPurge,
): Promise<void> {
  // It stays as old as it was: what a hold has kept goes as soon as the hold is released.
  const { atime, mtime } = await stat(path)
  const aside = `${path}.new`
  const handle = await open(aside, 'w', FILE_MODE)
  try {
    for (const offset of kept) {
      const line = await lineAt(directory, segment.name, offset)
      await handle.appendFile(Buffer.concat([line, LINE_FEED]))
    }
    await handle.utimes(atime, mtime)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, path)
}

const LINE_FEED = Buffer.from('\n')

async function lineAt(directory: string, name: string, offset: number): Promise<Buffer> {
  const lines = await JournalLines.open(directory, name, offset)
  try {
    const line = await lines.next()
    if (line === undefined) throw new AuditUnavailableError('A line of the journal is not there')
    return line.bytes
  } finally {
    await lines.close()
  }
}
