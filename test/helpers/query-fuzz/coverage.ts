/** Which blocks of the watched files have run, by the precise coverage of V8 through its inspector. */
import { strict as assert } from 'node:assert'
import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'

/** Files are watched whose path has one of these in it. */
const WATCHED = ['/src/json/query/', '/src/json/regexp/', '/src/json/evaluate/']

/** Start it before the watched files are loaded: V8 counts the blocks of what it compiles from then on. */
export class Coverage {
  readonly #session = new Session()
  readonly #seen = new Set<string>()

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Blocks covered so far. */
  get size(): number {
    return this.#seen.size
  }

  /** True where something ran since the last call that had not run before; it counts as seen then if `keep` is said. */
  hasNew(keep: boolean): boolean {
    let found = false
    for (const block of this.#take()) {
      if (this.#seen.has(block)) continue
      found = true
      if (!keep) break
      this.#seen.add(block)
    }
    return found
  }

  stop(): void {
    this.#session.disconnect()
  }

  *#take(): Generator<string> {
    let result: readonly Profiler.ScriptCoverage[] | undefined
    // The session is one of this thread, so its answers come before post returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error === null) result = answer.result
    })
    assert(result !== undefined, 'the inspector answers at once')
    for (const { url, functions } of result) {
      if (!WATCHED.some((folder) => url.includes(folder))) continue
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) yield `${url}:${startOffset}-${endOffset}`
        }
      }
    }
  }
}
