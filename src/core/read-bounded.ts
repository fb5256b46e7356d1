/** Reads small files whole. */
import { readFileSync, statSync } from 'node:fs'

/** The bytes of a file, or undefined where it cannot be read, is no file, or is larger. */
export function readBounded(path: string, bytesMax: number): Buffer | undefined {
  try {
    const stats = statSync(path)
    return stats.isFile() && stats.size <= bytesMax ? readFileSync(path) : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
