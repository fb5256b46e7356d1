/** Files that survive the loss of power: names made durable, and small files replaced whole. */
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const FILE_MODE = 0o600

/** Makes the names in a directory durable: a new name is in the directory, not in the file (fsync(2), NOTES). */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Makes a small file, for its owner only; durable once it resolves. False where there is one already, which stays as it is. What could
 * not be written whole is taken away again.
 */
export async function createFile(path: string, text: string): Promise<boolean> {
  const handle = await open(path, 'wx', FILE_MODE).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined
    throw error
  })
  if (handle === undefined) return false
  try {
    await handle.writeFile(text)
    await handle.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  await syncDirectory(dirname(path))
  return true
}

/**
 * Replaces a small file whole, or makes it, for its owner only: whoever reads sees the old text or the new one, also after
 * the loss of power. One writer at a time.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const aside = `${path}.new`
  const handle = await open(aside, 'w', FILE_MODE)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, path)
  await syncDirectory(dirname(path))
}
