/**
 * Group commit: what waits while one commit is under way goes together into the next. Bounded in number, bytes and
 * time. Knows nothing of files.
 */
import { AuditUnavailableError } from './errors.ts'

export interface GroupCommitOptions {
  /** Makes the chunks durable, in order, all of them. Called once at a time. */
  readonly commit: (chunks: readonly Buffer[]) => Promise<void>
  /** How long one append may take. */
  readonly timeoutMs: number
}

/** What may wait; beyond it an append is refused at once. */
const QUEUE_ENTRIES_MAX = 10_000
const QUEUE_BYTES_MAX = 64 * 1024 * 1024
/** What goes into one commit, unless a single append is larger. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024

interface Entry {
  readonly chunk: Buffer
  readonly settle: (error: Error | undefined) => void
  settled: boolean
}

export class GroupCommit {
  readonly #options: GroupCommitOptions
  #waiting: Entry[] = []
  #waitingBytes = 0
  #pump: Promise<void> | undefined

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  /** Resolves once the chunk is durable. Rejects with AuditUnavailableError, or with what `commit` threw. */
  append(chunk: Buffer): Promise<void> {
    const full =
      this.#waiting.length >= QUEUE_ENTRIES_MAX ||
      this.#waitingBytes + chunk.length > QUEUE_BYTES_MAX
    if (full)
      return Promise.reject(new AuditUnavailableError('Too many records wait to be written'))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = () => entry.settle(new AuditUnavailableError('The write took too long'))
    const timer = setTimeout(late, this.#options.timeoutMs)
    const entry: Entry = {
      chunk,
      settled: false,
      settle: (error) => {
        if (entry.settled) return
        entry.settled = true
        clearTimeout(timer)
        if (error === undefined) resolve()
        else reject(error)
      },
    }
    this.#waiting.push(entry)
    this.#waitingBytes += chunk.length
    this.#pump ??= this.#run()
    return promise
  }

  /** Resolves once nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    await this.#pump
  }

  async #run(): Promise<void> {
    // What is appended in the same turn belongs into the same group.
    await Promise.resolve()
    for (let group = this.#take(); group.length > 0; group = this.#take()) {
      try {
        await this.#options.commit(group.map((entry) => entry.chunk))
        for (const entry of group) entry.settle(undefined)
      } catch (error) {
        const failure =
          error instanceof Error ? error : new AuditUnavailableError('The write failed')
        for (const entry of [...group, ...this.#takeAll()]) entry.settle(failure)
      }
    }
    this.#pump = undefined
  }

  /** The next group. An entry that has timed out while it waited is left out: nobody waits for it any more. */
  #take(): readonly Entry[] {
    const group: Entry[] = []
    let bytes = 0
    let used = 0
    for (const entry of this.#waiting) {
      if (group.length > 0 && bytes + entry.chunk.length > GROUP_BYTES_MAX) break
      used += 1
      this.#waitingBytes -= entry.chunk.length
      if (entry.settled) continue
      group.push(entry)
      bytes += entry.chunk.length
    }
    this.#waiting = this.#waiting.slice(used)
    return group
  }

  #takeAll(): readonly Entry[] {
    const all = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    return all
  }
}
