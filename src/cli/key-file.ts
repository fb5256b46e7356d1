/** Private keys that a person brings to a command. */
import { readFileSync } from 'node:fs'
import { UsageError } from './command.ts'

const KEY_BYTES_MAX = 65_536

/** The text of the file of `--key`. Throws {@link UsageError} where it cannot be read, or is too large for a key. */
export function readKeyFile(file: string): string {
  try {
    const bytes = readFileSync(file)
    if (bytes.byteLength <= KEY_BYTES_MAX) return bytes.toString('utf8')
  } catch (cause) {
    throw new UsageError('--key cannot be read', { cause })
  }
  throw new UsageError('--key is no key')
}
