/**
 * Group commit: what waits while one commit is under way goes together into the next. Bounded in number, bytes and
 * time. Knows nothing of records and stores.
 */
import { AuditUnavailableError } from './errors.ts'

/** What is appended, as far as the group must know it. */
export interface Sized {
  readonly bytes: number
  /** Of how many records it is. */
  readonly records: number
}

export interface GroupCommitOptions<Item extends Sized> {
  /** Makes the items durable, in order, all of them. Called once at a time. */
  readonly commit: (items: readonly Item[]) => Promise<void>
  /** How long one append may take. */
  readonly timeoutMs: number
}

/** What may wait; beyond it an append is refused at once. */
const QUEUE_RECORDS_MAX = 10_000
const QUEUE_BYTES_MAX = 64 * 1024 * 1024
/** What goes into one commit, unless a single append is larger. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024
const GROUP_RECORDS_MAX = 1_000

interface Entry<Item> {
  readonly item: Item
  readonly settle: (error: Error | undefined) => void
  settled: boolean
}

export class GroupCommit<Item extends Sized> {
  readonly #options: GroupCommitOptions<Item>
  #waiting: Entry<Item>[] = []
  #waitingBytes = 0
  #waitingRecords = 0
  #pump: Promise<void> | undefined

  constructor(options: GroupCommitOptions<Item>) {
    this.#options = options
  }

  /** Resolves once the item is durable. Rejects with AuditUnavailableError, or with what `commit` threw. */
  append(item: Item): Promise<void> {
    const full =
      this.#waitingRecords + item.records > QUEUE_RECORDS_MAX ||
      this.#waitingBytes + item.bytes > QUEUE_BYTES_MAX
    if (full)
      return Promise.reject(new AuditUnavailableError('Too many records wait to be written'))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = () => entry.settle(new AuditUnavailableError('The write took too long'))
    const timer = setTimeout(late, this.#options.timeoutMs)
    const entry: Entry<Item> = {
      item,
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
    this.#waitingBytes += item.bytes
    this.#waitingRecords += item.records
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
        await this.#options.commit(group.map((entry) => entry.item))
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
  #take(): readonly Entry<Item>[] {
    const group: Entry<Item>[] = []
    let bytes = 0
    let records = 0
    let used = 0
    for (const entry of this.#waiting) {
      const { item } = entry
      const large = bytes + item.bytes > GROUP_BYTES_MAX
      const many = records + item.records > GROUP_RECORDS_MAX
      if (group.length > 0 && (large || many)) break
      used += 1
      this.#waitingBytes -= item.bytes
      this.#waitingRecords -= item.records
      if (entry.settled) continue
      group.push(entry)
      bytes += item.bytes
      records += item.records
    }
    this.#waiting = this.#waiting.slice(used)
    return group
  }

  #takeAll(): readonly Entry<Item>[] {
    const all = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    this.#waitingRecords = 0
    return all
  }
}
