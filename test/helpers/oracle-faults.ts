/** What is wrong, as sentences: the comparisons behind T2 and T3 of the oracle. Pure, so that they can be tested to fail. */
import type { AccessView } from './oracle-records.ts'
import { targetFits } from './target-fits.ts'
import type { UpstreamRequest } from './upstream.ts'

/** An access record that the case must have added; what is left out is not compared. */
export type RecordExpectation = Partial<Omit<AccessView, 'timeMs' | 'reasons'>> & {
  /** One of its reasons. */
  readonly reason?: string
}

/** When an answer began, and which access records could be read then. */
export interface Sighting {
  readonly firstByteMs: number | undefined
  readonly seen: readonly AccessView[] | undefined
}

/** Differences between the records that are there and those that must be, in order. */
export function expectationFaults(
  views: readonly AccessView[],
  expected: readonly RecordExpectation[],
): string[] {
  const faults =
    views.length === expected.length ? [] : [`${views.length} records, not ${expected.length}`]
  for (const [index, wanted] of expected.entries()) {
    const view = views[index]
    if (view === undefined) continue
    const { reason, ...plain } = wanted
    if (reason !== undefined && !view.reasons.includes(reason)) {
      faults.push(`record ${index}: no reason ${reason} among ${view.reasons.join(', ')}`)
    }
    for (const [name, value] of Object.entries(plain)) {
      const actual = view[name as keyof AccessView]
      if (actual !== value)
        faults.push(`record ${index}: ${name} is ${String(actual)}, not ${value}`)
    }
  }
  return faults
}

/** Records that came after the answers that they are about had begun. `exchanges`: in the order of sending. */
export function orderFaults(
  exchanges: readonly Sighting[],
  views: readonly AccessView[],
  expectedCount: number,
): string[] {
  const faults: string[] = []
  const firstBytes = exchanges.flatMap(({ firstByteMs }) => firstByteMs ?? [])
  const lastMs = Math.max(...firstBytes)
  for (const { phase, timeMs } of firstBytes.length === 0 ? [] : views) {
    if (timeMs > lastMs) faults.push(`${phase} record ${timeMs - lastMs} ms after the first byte`)
  }
  // Only where every exchange has a record of its own can one be told to be late.
  if (expectedCount !== exchanges.length) return faults
  for (const [index, { seen }] of exchanges.entries()) {
    const released = seen?.filter(({ phase }) => phase !== 'intent').length
    if (released !== undefined && released <= index) {
      faults.push(`answer ${index} began before its record was there`)
    }
  }
  return faults
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * Unsafe requests (RFC 9110 9.2.1) that the upstream got without an intent record before them. A search made with POST, which
 * its record calls a read, needs none.
 */
export function intentFaults(
  views: readonly AccessView[],
  requests: readonly UpstreamRequest[],
): string[] {
  const intents = views.filter(({ phase }) => phase === 'intent')
  const reads = views.filter(({ activity, method }) => activity === 'Read' && method === 'POST')
  return requests
    .filter(({ method, target }) => {
      return !reads.some(({ route = '' }) => targetFits(route, method, target))
    })
    .filter(({ method }) => !SAFE_METHODS.has(method))
    .flatMap(({ method, target, firstByteMs }) => {
      const at = intents.findIndex(({ route = '', timeMs }) => {
        return targetFits(route, method, target) && timeMs <= firstByteMs
      })
      if (at === -1) return [`${method} reached the upstream without an intent before it`]
      intents.splice(at, 1)
      return []
    })
}

/** Requests that no record or declared read tells of, and records of answers that nobody asked for. */
export function requestFaults(
  requests: readonly UpstreamRequest[],
  views: readonly AccessView[],
  reads: readonly string[],
): string[] {
  const open = views.filter(({ phase }) => phase === 'outcome')
  const openReads = [...reads]
  const faults: string[] = []
  for (const { method, target } of requests) {
    const record = open.findIndex(({ route = '' }) => targetFits(route, method, target))
    const read = openReads.findIndex((template) => targetFits(template, method, target))
    if (record !== -1) open.splice(record, 1)
    else if (read !== -1) openReads.splice(read, 1)
    else faults.push(`no record tells of ${method} ${target}`)
  }
  for (const { upstreamStatus, route } of open) {
    if (upstreamStatus === undefined) continue
    faults.push(`a record tells of an answer to ${route}, which was not asked for`)
  }
  return faults
}
