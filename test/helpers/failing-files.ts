/** The files of a journal on a disk that a test lets hang, fill up or fail. */
import { nodeJournalFiles, type JournalFiles } from '../../src/audit/journal-files.ts'

/** What the disk does. `torn`: half of what is written gets there, and then it is full. */
export type DiskState = 'well' | 'hangs' | 'full' | 'torn' | 'sync-fails'

/** A disk with a state. */
export interface FailingDisk {
  readonly files: JournalFiles
  /** Sets the state; what hangs goes on once it is another. */
  readonly become: (state: DiskState) => void
  /** What was done, in order. */
  readonly log: string[]
}

/** A disk that is well at first, over the real one. */
export function failingDisk(): FailingDisk {
  let state: DiskState = 'well'
  let awake = Promise.withResolvers<void>()
  const log: string[] = []
  const files: JournalFiles = {
    ...nodeJournalFiles,
    create: async (path) => {
      const file = await nodeJournalFiles.create(path)
      log.push('create')
      return {
        write: async (bytes) => {
          if (state === 'hangs') await awake.promise
          if (state === 'full') throw full()
          log.push('write')
          if (state === 'torn') {
            await file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)))
            throw full()
          }
          await file.write(bytes)
        },
        datasync: async () => {
          await file.datasync()
          if (state === 'sync-fails') throw Object.assign(new Error('i/o error'), { code: 'EIO' })
          log.push('datasync')
        },
        truncate: (bytes) => file.truncate(bytes),
        close: async () => {
          log.push('close')
          await file.close()
        },
      }
    },
  }
  return {
    files,
    log,
    become: (next) => {
      state = next
      if (next === 'hangs') return
      awake.resolve()
      awake = Promise.withResolvers<void>()
    },
  }
}

function full(): Error {
  return Object.assign(new Error('no space left'), { code: 'ENOSPC' })
}
