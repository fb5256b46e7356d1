/** An anchor in a file: one signed checkpoint a line, only ever appended to. On another disk, mount or host. */
import { open } from 'node:fs/promises'
import { AuditUnavailableError } from '../errors.ts'
import type { Anchor } from './anchor.ts'

const FILE_MODE = 0o600

/** The file is made where it is missing; its folder must be there. Several processes may share it. */
export function fileAnchor(path: string): Anchor {
  return {
    name: 'file',
    write: async (jws) => {
      try {
        await appendLine(path, jws)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
        throw new AuditUnavailableError(`The anchor's file cannot be written (${code})`)
      }
    },
  }
}

// One write of a short line to a file opened for appending: lines of several processes do not mix.
async function appendLine(path: string, line: string): Promise<void> {
  const handle = await open(path, 'a', FILE_MODE)
  try {
    const bytes = Buffer.from(`${line}\n`)
    const { bytesWritten } = await handle.write(bytes)
    if (bytesWritten < bytes.length) throw Object.assign(new Error('short'), { code: 'ENOSPC' })
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
