/**
 * A body that is too large to be held, or has no end, leaves in windows: rewritten, settled with the look-up rules,
 * recorded, and only then released. A body found malformed midway ends the connection, and a closing record says so.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { StreamPart } from '../../core/audit-facts.ts'
import type { Rewriter } from '../../json/program-source.ts'
import type { RouteMasking } from '../../rules/compiled-policy.ts'
import { readerFor } from '../cursors.ts'
import type { Exchange, WindowPart } from '../exchange.ts'
import { closeLate, recordPart } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import { refuseRevoked } from '../revoked.ts'
import type { Services } from '../services.ts'
import { refuseLeaking } from '../self-test/breaker.ts'
import { settle } from '../settle.ts'
import type { LiveFormat } from './answer-formats.ts'
import { arrivals, DUE } from './arrivals.ts'
import { exposureReport } from './exposure-report.ts'
import type { HeldBody } from './read-body.ts'
import { pushEnd, pushSlice } from './rewrite-body.ts'
import { SlicePace } from './slice-pace.ts'

/** A window is released once it has this many bytes, or this many data subjects. */
const WINDOW_BYTES = 262_144
const WINDOW_SUBJECTS = 500
/** Windows stand in memory in parts of this size, which is used again and again: larger ones take new pages each. */
const PART_BYTES = 61_440
/** Small enough that one slice cannot hold many more data subjects than a record names. */
const SLICE_BYTES = 16_384

const EMPTY = Buffer.alloc(0)

export interface WindowSource {
  readonly exchange: Exchange
  readonly services: Services
  readonly masking: RouteMasking
  readonly body: HeldBody
  /** Undefined: windows leave when they are full. */
  readonly live: LiveFormat | undefined
  /** True once the caller went away. */
  readonly gone: () => boolean
}

/**
 * The windows of an answer, in parts; each window is recorded before its first part is given out. Throws {@link RefusedError};
 * after the first window a closing record with the reason has been written by then.
 */
export async function* maskedWindows(source: WindowSource): AsyncGenerator<Buffer> {
  const { exchange, services, masking, body, live, gone } = source
  const windows = new Windows(exchange, services, masking)
  const pace = new SlicePace(services.clock, SLICE_BYTES)
  let reason: unknown = GONE
  try {
    if (live !== undefined) yield* await windows.open(live.opening)
    const arriving =
      live === undefined ? slices(body, pace) : timed(windows, slices(body, pace), live, services)
    for await (const slice of arriving) {
      if (slice !== DUE) pace.run(() => windows.push(slice))
      if (slice === DUE || windows.full) yield* await windows.release()
      else await nextTurn()
    }
    const last = await windows.end()
    reason = undefined
    yield* last
  } catch (error) {
    reason = error
    throw error
  } finally {
    // Reached with a reason also where the caller goes away: the generator is then ended from outside.
    if (reason !== undefined) await windows.abort(gone() ? GONE : reason)
  }
}

const GONE = new RefusedError('request-aborted')

async function* slices({ parts, rest }: HeldBody, pace: SlicePace): AsyncGenerator<Buffer> {
  for (const part of parts) yield* pace.slicesOf(part)
  if (rest !== undefined) for await (const part of rest) yield* pace.slicesOf(part)
}

function timed(
  windows: Windows,
  arriving: AsyncGenerator<Buffer>,
  { delayMsMax, lifeMsMax }: LiveFormat,
  { clock }: Services,
): AsyncGenerator<Buffer | typeof DUE> {
  return arrivals(arriving, {
    clock,
    endMs: clock.monotonicMs() + lifeMsMax,
    dueMs: () => (windows.sinceMs === undefined ? undefined : windows.sinceMs + delayMsMax),
  })
}

class Windows {
  readonly #exchange: Exchange
  readonly #services: Services
  readonly #masking: RouteMasking
  readonly #rewriter: Rewriter
  /** Bytes of ours that leave before those of the rewriter. */
  #opening: Buffer | undefined
  #sinceMs: number | undefined
  #window = 0
  #bytesBefore = 0

  constructor(exchange: Exchange, services: Services, masking: RouteMasking) {
    this.#exchange = exchange
    this.#services = services
    this.#masking = masking
    this.#rewriter = masking.start(PART_BYTES, readerFor(exchange, services))
  }

  get full(): boolean {
    return (
      this.#rewriter.waiting() >= WINDOW_BYTES || this.#rewriter.subjectCount() >= WINDOW_SUBJECTS
    )
  }

  /** Since when what is pending waits, in monotonic time; undefined where nothing does. */
  get sinceMs(): number | undefined {
    return this.#sinceMs
  }

  /** The first window of a live answer: these bytes of ours. */
  async open(bytes: Buffer): Promise<readonly Buffer[]> {
    this.#opening = bytes
    return this.release()
  }

  push(slice: Buffer): void {
    pushSlice(this.#rewriter, slice)
    if (this.#rewriter.waiting() > 0) this.#sinceMs ??= this.#services.clock.monotonicMs()
  }

  /** Settles and records what is pending; gives it out. */
  async release(): Promise<readonly Buffer[]> {
    return this.#settle(this.#window === 0 ? 'opening' : 'interim')
  }

  async end(): Promise<readonly Buffer[]> {
    pushEnd(this.#rewriter)
    return this.#settle('closing')
  }

  /** Writes the closing record of an answer that was cut. Before the first window there is nothing to close. */
  async abort(error: unknown): Promise<void> {
    if (this.#window === 0) return
    const exchange = this.#exchange
    exchange.storeWaitMs = 0
    exchange.effect = 'deny'
    exchange.reasons = [error instanceof RefusedError ? error.reason : 'internal-error']
    exchange.report = undefined
    this.#window += 1
    exchange.part = this.#part('closing', this.#window)
    try {
      await recordPart(exchange, this.#services)
    } catch (cause) {
      this.#services.log.failure('cut stream not recorded in time', cause, {
        requestId: exchange.requestId,
      })
      closeLate(exchange, this.#services)
    }
  }

  async #settle(phase: StreamPart['phase']): Promise<readonly Buffer[]> {
    const exchange = this.#exchange
    // Each window waits for the stores anew: a long answer has many.
    exchange.storeWaitMs = 0
    exchange.lookupsUnknown = false
    // Nothing of it is counted: the opening record says all that another would.
    if (phase === 'interim' && exchange.unchecked.includes('answer')) {
      refuseLeaking(exchange, this.#services)
      refuseRevoked(exchange, this.#services)
      return this.#give()
    }
    exchange.report = exposureReport(exchange, this.#masking, this.#rewriter.drain())
    // What was rewritten up to here cannot be rewritten by another masking.
    if ((await settle(exchange, this.#services)) === 'mask')
      throw new RefusedError('lookups-exceeded')
    exchange.part = this.#part(phase, this.#window + 1)
    await recordPart(exchange, this.#services)
    this.#window += 1
    if (exchange.selfTest === undefined) this.#services.metrics.exposures(exchange.report.classes)
    return this.#give()
  }

  /** At least one part, which may be empty: somebody waits for the first. */
  #give(): readonly Buffer[] {
    const opening = this.#opening ?? EMPTY
    const bytes = opening.byteLength + this.#rewriter.waiting()
    const masked = this.#rewriter.takeParts()
    this.#opening = undefined
    this.#bytesBefore += bytes
    this.#sinceMs = undefined
    return opening.byteLength > 0 || masked.length === 0 ? [opening, ...masked] : masked
  }

  #part(phase: StreamPart['phase'], window: number): WindowPart {
    return { recordId: this.#services.ids(), phase, window, bytesBefore: this.#bytesBefore }
  }
}
