/** An anchor in a folder: each signed checkpoint is a file of its own, made once. For mounts of object stores. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile } from '../../core/durable-file.ts'
import { AuditUnavailableError } from '../errors.ts'
import type { Anchor } from './anchor.ts'
import { checkpointName } from './checkpoint-name.ts'

/** The folder must be there. Several processes may share it. */
export function folderAnchor(path: string): Anchor {
  return {
    name: 'folder',
    write: async (jws) => {
      if (!(await isKept(join(path, checkpointName(jws)), `${jws}\n`)))
        throw new AuditUnavailableError("The anchor's folder has something else by that name")
    },
  }
}

/** True also where it was there already, after a try of which nobody knew how it ended. */
async function isKept(path: string, text: string): Promise<boolean> {
  try {
    return (await createFile(path, text)) || (await readFile(path, 'utf8')) === text
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new AuditUnavailableError(`The anchor's folder cannot be written (${code})`)
  }
}
