/** An anchor in a folder: each signed checkpoint is a file of its own, made once. For mounts of object stores. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../../core/durable-file.ts'
import { AuditUnavailableError } from '../errors.ts'
import type { Anchor } from './anchor.ts'
import { checkpointName } from './checkpoint-name.ts'

const FILE_MODE = 0o600

/** The folder must be there. Several processes may share it. */
export function folderAnchor(path: string): Anchor {
  return {
    name: 'folder',
    write: async (jws) => {
      try {
        await createFile(join(path, checkpointName(jws)), `${jws}\n`)
        await syncDirectory(path)
      } catch (error) {
        if (error instanceof AuditUnavailableError) throw error
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
        // It was there already, after a try of which nobody knew how it ended.
        if (code === 'EEXIST') return
        throw new AuditUnavailableError(`The anchor's folder cannot be written (${code})`)
      }
    },
  }
}

async function createFile(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', FILE_MODE)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
