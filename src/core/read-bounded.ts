/** Reads small files whole. */
import { existsSync, readFileSync, statSync } from 'node:fs'

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

/** Why {@link readBounded} gave nothing, in words for who named the file. */
export function unreadable(what: string, path: string, bytesMax: number): string {
  return existsSync(path)
    ? `${what} cannot be read, or is larger than ${bytesMax} bytes`
    : `${what} is not there`
}
