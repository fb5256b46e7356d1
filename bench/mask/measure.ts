/** Measures CPU time (all threads of the process) of variants, interleaved A B A B, so that neighbours disturb all alike. */
import type { Mask } from './variants.ts'

/** CPU time that one batch should take: well above the clock's grain, short enough to interleave. */
const BATCH_MS = 40

export interface Candidate {
  readonly name: string
  readonly mask: Mask
}

/** Median CPU milliseconds of one call, by name. `rounds` batches each, after a warm-up of as many. */
export function measure(
  candidates: readonly Candidate[],
  bytes: Buffer,
  rounds: number,
): ReadonlyMap<string, number> {
  const batches = candidates.map((candidate) => ({
    ...candidate,
    calls: callsFor(candidate.mask, bytes),
    times: [] as number[],
  }))
  for (let round = 0; round < rounds; round++) {
    for (const batch of batches) batch.times.push(cpuMs(batch.mask, bytes, batch.calls))
  }
  return new Map(batches.map(({ name, times }) => [name, median(times)]))
}

function callsFor(mask: Mask, bytes: Buffer): number {
  let calls = 1
  for (;;) {
    const ms = cpuMs(mask, bytes, calls) * calls
    if (ms >= BATCH_MS || calls >= 65_536) return calls
    calls = Math.max(calls + 1, Math.ceil((calls * BATCH_MS) / Math.max(ms, 1)))
  }
}

function cpuMs(mask: Mask, bytes: Buffer, calls: number): number {
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call++) sink += mask(bytes).length
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / calls
}

// Read at the end, so that no result is dead code.
let sink = 0
export function sunk(): number {
  return sink
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
