/** Follows one stream of a journal and keeps a few of its records ready, so that several streams can be taken from. */
import type { AuditReader } from '../../audit/audit-store.ts'
import type { AuditCorruptError } from '../../audit/errors.ts'
import { recordJson } from '../../audit/export/ocsf-json.ts'
import { timeOf } from '../../audit/read-all.ts'
import type { StreamName } from '../../core/audit-record.ts'
import { sizeOf, type Delivery } from '../record-source.ts'

export interface StreamPumpOptions {
  readonly reader: AuditReader
  readonly stream: StreamName
  /** Position of the last one that was delivered. Undefined: from the oldest. */
  readonly after: string | undefined
  /** Older events are passed over. */
  readonly sinceMs: number
  /** False: end at the newest that is there. */
  readonly follow: boolean
  /** Called when something is ready, when it has ended, and when it has failed. */
  readonly onReady: () => void
}

/** So many records wait at most, or records of so many characters. */
const READY_MAX = 1_000
const READY_CHARACTERS_MAX = 8 * 1024 * 1024

/** When the event of a record took place; undefined where it cannot be read. */
export function timeOfDelivery(delivery: Delivery | undefined): number | undefined {
  return delivery?.read && timeOf({ position: delivery.position, ...delivery.read })
}

export class StreamPump {
  readonly #options: StreamPumpOptions
  readonly #stopped = new AbortController()
  #ready: Delivery[] = []
  #readyCharacters = 0
  #room: (() => void) | undefined
  #ended = false
  #failure: { readonly error: unknown } | undefined
  readonly #running: Promise<void>

  constructor(options: StreamPumpOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** At most so many records, in order. Throws what the reader has thrown, once everything before it was taken. */
  take(recordsMax: number): readonly Delivery[] {
    const taken = this.#ready.splice(0, recordsMax)
    this.#readyCharacters -= taken.reduce((sum, delivery) => sum + sizeOf(delivery), 0)
    if (taken.length === 0 && this.#failure !== undefined) throw this.#failure.error
    this.#room?.()
    return taken
  }

  /** True once nothing more will come. */
  get ended(): boolean {
    return this.#ended && this.#ready.length === 0
  }

  /** When the event of the first took place. */
  get oldestMs(): number | undefined {
    return timeOfDelivery(this.#ready[0])
  }

  get ready(): boolean {
    return this.#ready.length > 0 || this.#ended
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#room?.()
    await this.#running
  }

  async #run(): Promise<void> {
    const { reader, stream, after, follow, sinceMs, onReady } = this.#options
    const { signal } = this.#stopped
    // What is damaged stays in the journal: its place is enough for a dead letter.
    const corrupt = ({ position }: AuditCorruptError): void =>
      this.#give({ origin: stream, position, read: undefined, stored: [] })
    try {
      for await (const { position, ...read } of reader.read({
        stream,
        after,
        follow,
        signal,
        corrupt,
      })) {
        if (timeOf({ position, ...read }) < sinceMs) continue
        this.#give({ origin: stream, position, read, stored: ['line', recordJson(read)] })
        if (this.#isFull()) await this.#roomAgain()
        if (signal.aborted) return
      }
    } catch (error) {
      this.#failure = { error }
    } finally {
      this.#ended = true
      onReady()
    }
  }

  #isFull(): boolean {
    return this.#ready.length >= READY_MAX || this.#readyCharacters >= READY_CHARACTERS_MAX
  }

  #give(delivery: Delivery): void {
    this.#ready.push(delivery)
    this.#readyCharacters += sizeOf(delivery)
    this.#options.onReady()
  }

  async #roomAgain(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    await new Promise<void>((resolve) => (this.#room = resolve))
  }
}
