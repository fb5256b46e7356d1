/** A shared log of one process, in memory. What was added is gone with it. */
import { checkEntry, SharedLogUnavailableError } from './shared-log.ts'
import type { SharedLog } from './shared-log.ts'

/** Entries that are kept. */
const ENTRIES_MAX = 100_000

/** Opens readers and writers of one log. */
export function createMemoryLog(): { readonly open: () => SharedLog } {
  const entries: string[] = []
  return {
    open: () => {
      let given = 0
      return {
        append: async (entry) => {
          checkEntry(entry)
          if (entries.length >= ENTRIES_MAX)
            throw new SharedLogUnavailableError('the log in memory is full')
          entries.push(entry)
        },
        read: async () => {
          const fresh = entries.slice(given)
          given = entries.length
          return fresh
        },
        close: async () => undefined,
      }
    },
  }
}
