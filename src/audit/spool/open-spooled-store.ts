/** Puts a store and its spool together. */
import { readdir } from 'node:fs/promises'
import type { StoreSettings } from '../record-store.ts'
import { Spool } from './spool.ts'
import type { SpoolOptions } from './spool.ts'
import { spoolSegments } from './spool-records.ts'
import { SpooledStore } from './spooled-store.ts'
import type { SpooledStoreOptions } from './spooled-store.ts'

export type SpooledStoreParts = SpoolOptions &
  Pick<SpooledStoreOptions, 'primary' | 'patienceMs' | 'retryMs'>

/**
 * Opens the spool where records are to be spooled, or an earlier process left some behind. Rejects with
 * AuditUnavailableError where records are to be spooled and cannot be; the primary is then closed.
 */
export async function openSpooledStore(
  parts: SpooledStoreParts,
  settings: StoreSettings,
): Promise<SpooledStore> {
  const store = new SpooledStore({
    ...parts,
    openSpool: () => Spool.open(parts),
    leftBehind: () => hasSegments(parts.directory),
  })
  try {
    await store.start(settings)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

async function hasSegments(directory: string): Promise<boolean> {
  try {
    await readdir(directory)
  } catch {
    // No directory, or none that can be read: whoever wants to spool there is told.
    return false
  }
  return (await spoolSegments(directory)).length > 0
}
