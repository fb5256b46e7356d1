/** The pieces of a live answer as they come, and the moments at which what has come must leave. */
import type { Clock } from '../../core/clock.ts'

/** What has come must leave now. */
export const DUE = Symbol('due')

export interface ArrivalTimes {
  readonly clock: Clock
  /** Monotonic time at which what has come must leave; undefined where nothing waits. Asked before each wait. */
  readonly dueMs: () => number | undefined
  /** Monotonic time at which the answer is ended, whether more comes or not. */
  readonly endMs: number
}

/** The pieces, with {@link DUE} between them. Ends with the body, or at its time. */
export async function* arrivals(
  body: AsyncIterable<Buffer>,
  { clock, dueMs, endMs }: ArrivalTimes,
): AsyncGenerator<Buffer | typeof DUE> {
  const iterator = body[Symbol.asyncIterator]()
  const pull = (): Promise<IteratorResult<Buffer>> => {
    const next = iterator.next()
    // Looked at below; but it may fail while the piece before it is still on its way.
    next.catch(() => {})
    return next
  }
  let next = pull()
  for (;;) {
    const nowMs = clock.monotonicMs()
    if (nowMs >= endMs) return
    const got = await within(next, Math.min(endMs, dueMs() ?? endMs) - nowMs)
    if (got === LATE) {
      if ((dueMs() ?? endMs) < endMs) yield DUE
      continue
    }
    if (got.done === true) return
    yield got.value
    next = pull()
  }
}

const LATE = Symbol('late')

async function within<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  const late = Promise.withResolvers<typeof LATE>()
  const timer = setTimeout(() => late.resolve(LATE), Math.max(0, ms))
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
