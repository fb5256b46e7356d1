/** Follows a shared log: hands on each entry, and knows at every moment whether what it has handed on is all there is. */
import type { Clock } from '../../core/clock.ts'
import { SharedLogUnavailableError } from './shared-log.ts'
import type { SharedLog } from './shared-log.ts'

/** Between two looks. */
const POLL_MS = 500
/** A look that began longer ago says nothing of now: so an entry holds everywhere within two seconds. */
const KNOWN_MS = 1_500

export interface LogFollowerOptions {
  readonly log: SharedLog
  readonly clock: Clock
  /** Takes one entry; throws where it is not one: nothing is known from then on. */
  readonly apply: (entry: string) => void
  readonly onProblem: (error: unknown) => void
}

export class LogFollower {
  readonly #options: LogFollowerOptions
  #readMs = Number.NEGATIVE_INFINITY
  #problem: string | undefined
  #broken = false
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: LogFollowerOptions) {
    this.#options = options
  }

  /** True where every entry that was durable 1.5 seconds ago has been handed on. */
  get known(): boolean {
    return !this.#broken && this.#options.clock.monotonicMs() - this.#readMs < KNOWN_MS
  }

  /** What is wrong, or undefined. */
  get problem(): string | undefined {
    if (this.known) return undefined
    const none = this.#readMs === Number.NEGATIVE_INFINITY
    return this.#problem ?? (none ? 'it has not been read' : 'it does not answer')
  }

  /** Looks once, and from then on again and again. Never rejects. */
  async start(): Promise<void> {
    await this.look()
    this.#plan()
  }

  /** Looks now: when it resolves, what was durable before has been handed on, or there is a problem. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookOnce())
    return this.#looking
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #plan(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => void this.look().then(() => this.#plan()), POLL_MS)
    this.#timer.unref()
  }

  async #lookOnce(): Promise<void> {
    const { log, clock, apply, onProblem } = this.#options
    if (this.#broken || this.#stopped) return
    const begunMs = clock.monotonicMs()
    try {
      const entries = await log.read()
      this.#broken = true
      for (const entry of entries) apply(entry)
      this.#broken = false
      this.#readMs = begunMs
      this.#problem = undefined
    } catch (error) {
      const first = this.#problem === undefined
      this.#problem = this.#broken ? 'it holds what no gateway wrote' : messageOf(error)
      if (first || this.#broken) onProblem(error)
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof SharedLogUnavailableError ? error.message : 'it cannot be read'
}
