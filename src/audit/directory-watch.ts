/** Waits until something may have changed in a directory. It may wake for nothing; it never sleeps long. */
import { watch } from 'node:fs'

export interface DirectoryWatch {
  /** Resolves at a change since the last call, after {@link POLL_MS} at the latest, and at once when aborted. */
  readonly changed: (signal: AbortSignal) => Promise<void>
  readonly close: () => void
}

/** Network file systems tell nothing, and the machine's watchers can run out: so it looks again by itself. */
const POLL_MS = 250

/** Watches a directory that exists. */
export function watchDirectory(path: string): DirectoryWatch {
  let stirred = false
  let wake: (() => void) | undefined
  const stir = (): void => {
    stirred = true
    wake?.()
  }
  const close = startWatcher(path, stir)
  return {
    close,
    changed: async (signal) => {
      if (!stirred && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const timer = setTimeout(resolve, POLL_MS)
        signal.addEventListener('abort', stir)
        await promise
        signal.removeEventListener('abort', stir)
        clearTimeout(timer)
      }
      stirred = false
    },
  }
}

function startWatcher(path: string, stir: () => void): () => void {
  try {
    const watcher = watch(path, { persistent: false }, stir)
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    // No watcher to be had: polling alone is slower, and loses nothing.
    return () => undefined
  }
}
