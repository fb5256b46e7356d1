/** What the journal does to files, behind an interface so that a test can let a disk fail or hang. */
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '../core/durable-file.ts'

/** One open segment. */
export interface SegmentFile {
  /** Writes all bytes at the end. Rejects where not all could be written; then some may have been. */
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Resolves once what was written is on the disk (fdatasync). */
  readonly datasync: () => Promise<void>
  /** Cuts off what stands beyond so many bytes. */
  readonly truncate: (bytes: number) => Promise<void>
  readonly close: () => Promise<void>
}

export interface JournalFiles {
  /** Makes the directory where it is missing, for its owner only. An existing one keeps its mode: it is the operator's. */
  readonly makeDirectory: (path: string) => Promise<void>
  /** Makes a new file for its owner only, and makes its name durable. Rejects where the name is taken. */
  readonly create: (path: string) => Promise<SegmentFile>
}

const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

/** The files of the machine. */
export const nodeJournalFiles: JournalFiles = {
  makeDirectory: async (path) => {
    const made = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
    if (made !== undefined) await syncDirectory(dirname(made))
  },
  create: async (path) => {
    const handle = await open(path, 'wx', FILE_MODE)
    try {
      await syncDirectory(dirname(path))
    } catch (error) {
      await handle.close()
      throw error
    }
    return segmentFile(handle)
  },
}

function segmentFile(handle: FileHandle): SegmentFile {
  let end = 0
  return {
    write: async (bytes) => {
      let from = 0
      while (from < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, from, bytes.length - from, end)
        from += bytesWritten
        end += bytesWritten
      }
    },
    datasync: () => handle.datasync(),
    truncate: (bytes) => handle.truncate(bytes),
    close: () => handle.close(),
  }
}
