/** Reads the files of the listener's certificates again and again, so that renewed ones and new revocations need no reload. */
import type { Repetition } from '../repeat.ts'
import type { Logger } from '../logger.ts'
import { TlsInvalidError } from './errors.ts'
import { readTls } from './tls-settings.ts'
import type { TlsSettings } from './tls-settings.ts'

const EVERY_MS = 10_000

export interface TlsWatchOptions {
  /** Those of the policy in force; undefined: it has none. */
  readonly inForce: () => TlsSettings | undefined
  /** Told of what was read, also where nothing has changed. */
  readonly use: (settings: TlsSettings) => void
  readonly log: Logger
  readonly everyMs?: number
}

/** What cannot be used changes nothing, and is told once until it is good again. The process may end meanwhile. */
export function watchTlsFiles({
  inForce,
  use,
  log,
  everyMs = EVERY_MS,
}: TlsWatchOptions): Repetition {
  let told = false
  const timer = setInterval(() => {
    const settings = inForce()
    if (settings === undefined) return
    try {
      use(readTls(settings.files))
      told = false
    } catch (error) {
      if (!(error instanceof TlsInvalidError)) throw error
      if (!told) log.failure('certificates not read again, the old ones stay in force', error)
      told = true
    }
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
