/**
 * Records from a journal, for machines without Redis. How far the sink has come is in a file of its own; one shipper at a
 * time, held by a lock.
 */
import type { AuditReader } from '../../audit/audit-store.ts'
import { AuditUnavailableError } from '../../audit/errors.ts'
import type { JournalLock } from '../../audit/journal-lock.ts'
import { openJournalReader } from '../../audit/journal-reader.ts'
import { STREAM_NAMES, type StreamName } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import type { Delivery, RecordSource, SourceLag } from '../record-source.ts'
import { appendLetter, countLetters } from './journal-dead-letters.ts'
import { lockFolder } from './journal-folder.ts'
import { bytesAfter, newestPositions } from './journal-places.ts'
import { readPositions, writePositions, type Positions } from './journal-positions.ts'
import type { Start } from './start.ts'
import { StreamPump, timeOfDelivery } from './stream-pump.ts'

export interface JournalSourceOptions {
  readonly directory: string
  /** Folder of this sink: positions, dead letters, the lock. Made where it is missing. */
  readonly folder: string
  readonly start: Start
  /** True: begin at `start` also where there are positions. */
  readonly restart: boolean
  /** False: end at the newest record that is there. */
  readonly follow: boolean
  readonly deadLettersMax: number
  /** How long `take` waits where nothing is there. */
  readonly waitMs: number
  readonly clock: Clock
}

/**
 * Takes the lock, and begins to read. Rejects with AuditUnavailableError where the journal or the folder cannot be used, or
 * another process ships from there to this sink.
 */
export async function openJournalSource(options: JournalSourceOptions): Promise<RecordSource> {
  const { directory, folder, start, restart } = options
  const reader = await openJournalReader(directory)
  const lock = await lockFolder(folder, options.clock)
  try {
    const found = restart ? undefined : await readPositions(folder)
    const positions =
      found ?? (start.at === 'newest' ? await newestPositions(directory, reader) : {})
    const sinceMs = found === undefined && start.at === 'time' ? start.sinceMs : 0
    const deadLetters = await countLetters(folder)
    if (found === undefined && start.at === 'newest') await writePositions(folder, positions)
    return new JournalSource(options, { reader, lock, positions, sinceMs, deadLetters })
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface Opened {
  readonly reader: AuditReader
  readonly lock: JournalLock
  readonly positions: Positions
  readonly sinceMs: number
  readonly deadLetters: number
}

class JournalSource implements RecordSource {
  readonly #options: JournalSourceOptions
  readonly #opened: Opened
  readonly #pumps: Map<StreamName, StreamPump>
  #positions: Positions
  #deadLetters: number
  /** What was taken and is not acknowledged. */
  #open: readonly Delivery[] = []
  #wake: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(options: JournalSourceOptions, opened: Opened) {
    this.#options = options
    this.#opened = opened
    this.#positions = opened.positions
    this.#deadLetters = opened.deadLetters
    this.#pumps = new Map(STREAM_NAMES.map((stream) => [stream, this.#pump(stream)]))
  }

  take: RecordSource['take'] = async ({ recordsMax, wait, signal }) => {
    this.#checkLock()
    await this.#somethingReady(wait, signal)
    const deliveries: Delivery[] = []
    for (const [stream, pump] of this.#pumps) {
      try {
        deliveries.push(...pump.take(recordsMax - deliveries.length))
      } catch (error) {
        // Begun anew after the last that was delivered: what has failed may be well again.
        if (deliveries.length > 0) break
        await pump.stop()
        this.#pumps.set(stream, this.#pump(stream))
        throw error
      }
    }
    this.#open = [...this.#open, ...deliveries]
    return { deliveries, claimed: false, lost: 0 }
  }

  acknowledge: RecordSource['acknowledge'] = async (deliveries) => {
    this.#checkLock()
    const last = Object.fromEntries(deliveries.map(({ origin, position }) => [origin, position]))
    const positions: Positions = { ...this.#positions, ...last }
    await writePositions(this.#options.folder, positions)
    this.#positions = positions
    const done = new Set(deliveries)
    this.#open = this.#open.filter((delivery) => !done.has(delivery))
  }

  readonly holdEveryMs = undefined

  /** Nobody else takes them over. */
  hold: RecordSource['hold'] = () => Promise.resolve()

  putAside: RecordSource['putAside'] = async (delivery, reason) => {
    const { folder, deadLettersMax, clock } = this.#options
    this.#checkLock()
    if (this.#deadLetters >= deadLettersMax) {
      throw new AuditUnavailableError(
        'There are too many dead letters; look at them, and send them again or delete them',
      )
    }
    await appendLetter(folder, delivery, reason, clock.nowMs())
    this.#deadLetters += 1
  }

  lag: RecordSource['lag'] = async (): Promise<SourceLag> => {
    let bytes = 0
    for (const stream of STREAM_NAMES) {
      bytes += await bytesAfter(this.#options.directory, stream, this.#positions[stream])
    }
    const times = [
      ...this.#open.map(timeOfDelivery),
      ...[...this.#pumps.values()].map((pump) => pump.oldestMs),
    ].filter((ms) => ms !== undefined)
    const oldestMs = times.length > 0 ? Math.min(...times) : undefined
    return { waiting: undefined, pending: this.#open.length, bytes, oldestMs, lost: 0 }
  }

  close: RecordSource['close'] = () => (this.#closing ??= this.#close())

  async #close(): Promise<void> {
    await Promise.all([...this.#pumps.values()].map((pump) => pump.stop()))
    await this.#opened.reader.close()
    await this.#opened.lock.release()
  }

  #pump(stream: StreamName): StreamPump {
    const { reader, sinceMs } = this.#opened
    const { follow } = this.#options
    const after = this.#positions[stream]
    return new StreamPump({ reader, stream, after, sinceMs, follow, onReady: () => this.#wake?.() })
  }

  async #somethingReady(wait: boolean, signal: AbortSignal): Promise<void> {
    const pumps = [...this.#pumps.values()]
    // Without waiting, the end of all streams is waited for: they end by themselves.
    const isReady = (): boolean =>
      pumps.some((pump) => pump.ready && !pump.ended) || pumps.every((pump) => pump.ended)
    if (isReady() || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = wait ? setTimeout(resolve, this.#options.waitMs) : undefined
    signal.addEventListener('abort', () => resolve(), { once: true })
    this.#wake = () => {
      if (isReady()) resolve()
    }
    await promise
    clearTimeout(timer)
    this.#wake = undefined
  }

  #checkLock(): void {
    if (this.#opened.lock.lost()) {
      throw new AuditUnavailableError('Another process ships from this journal to this sink')
    }
  }
}
