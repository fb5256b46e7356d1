/** What of the watched files has run, by the precise coverage of V8 through its inspector. */
import { strict as assert } from 'node:assert'
import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'

/** Files are watched whose path has one of these in it. */
const WATCHED = ['/src/json/query/', '/src/json/regexp/', '/src/json/evaluate/']

/** Start it before the watched files are loaded: V8 counts the blocks of what it compiles from then on. */
export class Coverage {
  readonly #session = new Session()
  /** By file and function, for each character of it: 1 where it has run. */
  readonly #seen = new Map<string, Uint8Array>()
  #ranges = 0

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Ranges that ran something new when they were kept. */
  get ranges(): number {
    return this.#ranges
  }

  /** True where something ran since the last call that had not run before; with `keep` it counts as seen from now on. */
  hasNew(keep: boolean): boolean {
    let found = false
    for (const { url, functions } of this.#take()) {
      if (!WATCHED.some((folder) => url.includes(folder))) continue
      for (const { ranges } of functions) {
        if (!this.#isNew(url, ranges, keep)) continue
        found = true
        if (!keep) return true
      }
    }
    return found
  }

  stop(): void {
    this.#session.disconnect()
  }

  // Ranges nest, the outer one first. Where their borders lie depends on how often each has run, so characters are compared.
  #isNew(url: string, ranges: readonly Profiler.CoverageRange[], keep: boolean): boolean {
    const [whole] = ranges
    if (whole === undefined || whole.count === 0) return false
    const { startOffset: start, endOffset: end } = whole
    const ran = new Uint8Array(end - start)
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start)
    }
    const key = `${url}:${start}`
    const seen = this.#seen.get(key) ?? new Uint8Array(end - start)
    const fresh = ranges.filter(({ startOffset, endOffset, count }) => {
      if (count === 0) return false
      for (let at = startOffset - start; at < endOffset - start; at += 1) {
        if (ran[at] === 1 && seen[at] === 0) return true
      }
      return false
    })
    if (!keep || fresh.length === 0) return fresh.length > 0
    for (const [at, value] of ran.entries()) if (value === 1) seen[at] = 1
    this.#seen.set(key, seen)
    this.#ranges += fresh.length
    return true
  }

  #take(): readonly Profiler.ScriptCoverage[] {
    let result: readonly Profiler.ScriptCoverage[] | undefined
    // The session is one of this thread, so its answers come before post returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error === null) result = answer.result
    })
    assert(result !== undefined, 'the inspector answers at once')
    return result
  }
}
