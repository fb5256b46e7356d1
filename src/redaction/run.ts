/** A run over all records of a helpdesk, or over some: page by page, with its place kept, within limits. */
import type { Connector, Resource } from '../connectors/connector.ts'
import type { HelpdeskRecord } from '../connectors/helpdesk.ts'
import { RedactionStoppedError } from './errors.ts'
import { isOfOneRecord, redactRecord } from './redact-record.ts'
import type { RecordCopy, RedactOptions } from './redact-record.ts'
import { count } from './report.ts'
import type { Totals } from './report.ts'
import type { StateFile } from './run-state.ts'

/** Records that fail one after the other until a run gives up. */
const FAILURES_MAX = 20
/** Records that are reached by their copies. */
const COPIES_MAX = 10_000

export interface RunOptions extends RedactOptions {
  readonly connector: Connector
  readonly file: StateFile
  /** Only these records, and their copies; undefined: all. */
  readonly only: readonly RecordCopy[] | undefined
  /** At most so many records. */
  readonly recordsMax: number
  readonly progress: (totals: Totals) => Promise<void>
  readonly signal: AbortSignal
}

const GOES_ON = 'with --state the same command goes on from there, else it begins anew'

/** Throws {@link RedactionStoppedError} where it was ended before its time; what was done is kept. */
export async function runRedaction(options: RunOptions): Promise<Totals> {
  const run = new Run(options)
  const { only } = options
  if (only === undefined) await run.all()
  else await run.some(only)
  return options.file.state.totals
}

class Run {
  readonly #options: RunOptions
  #failures = 0
  #records = 0

  constructor(options: RunOptions) {
    const { file, tell } = options
    this.#options = {
      ...options,
      tell: async (report) => {
        count(file.state.totals, report)
        await tell(report)
      },
    }
  }

  /** Every record, from where the state is. */
  async all(): Promise<void> {
    const { connector, file, helpdesk } = this.#options
    const { state, save } = file
    for (; state.resource < connector.resources.length; state.resource += 1) {
      const resource = connector.resources[state.resource]
      if (resource === undefined) break
      for await (const { records, next } of helpdesk.pages(resource, new Map(), state.page)) {
        const done = new Set(state.done)
        for (const record of records) {
          if (done.has(record.id)) continue
          await this.#one(record)
          state.done.push(record.id)
          await save()
        }
        state.done = []
        state.page = next
        await save()
      }
      state.page = undefined
    }
    state.isFinished = true
    await save()
  }

  /** Named records, and those that they have copies in. */
  async some(named: readonly RecordCopy[]): Promise<void> {
    const { connector, file } = this.#options
    const queue = [...named]
    const seen = new Set(named.map(keyOf))
    for (const copy of queue) {
      const resource = connector.resources.find(({ name }) => name === copy.resource)
      if (resource === undefined) continue
      const record = await this.#read(resource, copy)
      if (record === undefined) continue
      for (const other of await this.#one(record)) {
        if (seen.has(keyOf(other))) continue
        if (queue.length - named.length >= COPIES_MAX) {
          throw new RedactionStoppedError(
            `more than ${COPIES_MAX} records are copies; a run without --record goes over all`,
          )
        }
        seen.add(keyOf(other))
        queue.push(other)
      }
    }
    file.state.isFinished = true
    await file.save()
  }

  async #read(resource: Resource, copy: RecordCopy): Promise<HelpdeskRecord | undefined> {
    const { helpdesk, tell } = this.#options
    const record = await helpdesk.read(resource, new Map([[resource.name, copy.id]]))
    if (record !== undefined) return record
    await tell({
      record: [{ resource: resource.name, id: copy.id }],
      place: '$',
      classes: [],
      outcome: 'failed',
      note: 'it is not there',
    })
    return undefined
  }

  async #one(record: HelpdeskRecord): Promise<readonly RecordCopy[]> {
    const { signal, recordsMax, file, progress, tell } = this.#options
    if (signal.aborted) throw new RedactionStoppedError(`stopped; ${GOES_ON}`)
    if (this.#records >= recordsMax) {
      throw new RedactionStoppedError(`stopped after ${recordsMax} records; ${GOES_ON}`)
    }
    this.#records += 1
    let copies: readonly RecordCopy[] = []
    try {
      copies = await redactRecord(record, this.#options)
      this.#failures = 0
    } catch (error) {
      if (!isOfOneRecord(error)) throw error
      this.#failures += 1
      const chain = [...record.ids].map(([resource, id]) => ({ resource, id }))
      const note = error.message
      await tell({ record: chain, place: '$', classes: [], outcome: 'failed', note })
      if (this.#failures >= FAILURES_MAX) {
        throw new RedactionStoppedError(
          `${FAILURES_MAX} records failed one after the other: ${note}`,
        )
      }
    }
    file.state.totals.records += 1
    await progress(file.state.totals)
    return copies
  }
}

const keyOf = ({ resource, id }: RecordCopy): string => `${resource}:${id}`
