/** Files that survive the loss of power: names made durable, and small files replaced whole. */
import { open, rename } from 'node:fs/promises'
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
