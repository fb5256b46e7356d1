/** All streams of an audit as one reading. Each stream keeps its own order; those of different ones go by time. */
import { STREAM_NAMES } from '../core/audit-record.ts'
import type { StreamName } from '../core/audit-record.ts'
import type { AuditReader, ReadOptions, StoredRecord } from './audit-store.ts'

/** A record with the stream that it stands in. */
export interface StreamRecord extends StoredRecord {
  readonly stream: StreamName
}

/** How to read several streams: what is read after is said for each. */
export interface ReadAllOptions extends Pick<ReadOptions, 'signal' | 'corrupt'> {
  /** Undefined: all. */
  readonly streams?: readonly StreamName[] | undefined
  readonly after?: ReadonlyMap<StreamName, string> | undefined
}

/** What there is, by the time of the events, oldest first. Throws as a reading of one stream does. */
export async function* readAllStreams(
  reader: AuditReader,
  options: ReadAllOptions,
): AsyncGenerator<StreamRecord, void, undefined> {
  yield* mergeByTime(streamsOf(reader, options))
}

/** Several readings as one, by the time of the events. Throws as they do. */
export async function* mergeByTime(
  all: readonly AsyncGenerator<StreamRecord, void, undefined>[],
): AsyncGenerator<StreamRecord, void, undefined> {
  const sources: { readonly records: AsyncGenerator<StreamRecord>; head: StreamRecord }[] = []
  try {
    for (const records of all) {
      const { done, value } = await records.next()
      if (done !== true) sources.push({ records, head: value })
    }
    while (sources.length > 0) {
      const oldest = sources.reduce((a, b) => (timeOf(b.head) < timeOf(a.head) ? b : a))
      yield oldest.head
      const { done, value } = await oldest.records.next()
      if (done === true) sources.splice(sources.indexOf(oldest), 1)
      else oldest.head = value
    }
  } finally {
    for (const records of all) await records.return(undefined)
  }
}

/** What comes, as it comes, until `signal` aborts. Throws as a reading of one stream does. */
export async function* followAllStreams(
  reader: AuditReader,
  options: ReadAllOptions,
): AsyncGenerator<StreamRecord, void, undefined> {
  const ended = new AbortController()
  const signal = AbortSignal.any([ended.signal, ...(options.signal ? [options.signal] : [])])
  const mailbox = new Mailbox<StreamRecord>()
  const readings = streamsOf(reader, { ...options, signal }, true).map(async (records) => {
    for await (const record of records) await mailbox.put(record)
  })
  const all = Promise.all(readings)
    .then(() => mailbox.close())
    .catch((error: unknown) => mailbox.close(error))
  try {
    yield* mailbox.items()
  } finally {
    ended.abort()
    mailbox.close()
    await all
  }
}

function streamsOf(
  reader: AuditReader,
  { streams = STREAM_NAMES, after, signal, corrupt }: ReadAllOptions,
  follow = false,
): readonly AsyncGenerator<StreamRecord, void, undefined>[] {
  return streams.map(async function* (stream) {
    const options = { stream, after: after?.get(stream), follow, signal, corrupt }
    for await (const record of reader.read(options)) {
      yield { ...record, stream }
    }
  })
}

/** When the event of a record took place, in milliseconds. */
export function timeOf({ record }: StoredRecord): number {
  const { time } = record.event
  return typeof time === 'number' ? time : 0
}

/** Hands items from several to one; who puts waits until his item is taken, so that it holds one of each. */
class Mailbox<Item> {
  #waiting: { readonly item: Item; readonly taken: () => void }[] = []
  #wake: (() => void) | undefined
  #closed: { readonly error: unknown } | undefined

  async put(item: Item): Promise<void> {
    if (this.#closed !== undefined) return
    await new Promise<void>((taken) => {
      this.#waiting.push({ item, taken })
      this.#wake?.()
    })
  }

  /** Nothing more is taken: who waits goes on, and {@link items} ends, or throws. Twice is once. */
  close(error?: unknown): void {
    this.#closed ??= { error }
    for (const { taken } of this.#waiting) taken()
    this.#wake?.()
  }

  async *items(): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next !== undefined) {
        yield next.item
        next.taken()
      } else if (this.#closed !== undefined) {
        if (this.#closed.error !== undefined) throw this.#closed.error
        return
      } else await new Promise<void>((wake) => (this.#wake = wake))
    }
  }
}
