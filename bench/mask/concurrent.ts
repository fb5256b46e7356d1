/**
 * One child process of the concurrency measurement: 20 copies of the export at once in one variant, in 64 KB slices with
 * turns of the event loop between them where the variant can. Prints one JSON line.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { warmUp } from '../../src/json/warm-up.ts'
import { exportPayload } from './payloads.ts'
import { R5 } from './rule-sets.ts'
import { engineProgram, v0, v2 } from './variants.ts'

const STREAMS = 20
const SLICE_BYTES = 65_536
/** What the gateway releases of a stream at a time. */
const WINDOW_BYTES = 262_144
const PART_BYTES = 61_440
const WATCH_MS = 5

export interface Concurrency {
  readonly cpuMs: number
  readonly slicesMs: readonly number[]
  readonly memoryGrowthBytes: number
}

const variant = process.argv[2]
const { bytes } = exportPayload()
const whole = variant === 'v0' ? v0 : v2(R5)
const program = engineProgram(R5)
warmUp()
if (variant === 'engine') for (let i = 0; i < 3; i++) await stream([])
else whole(bytes)

// Memory first, since looking at it takes time itself; then the time, of all variants alike.
const memoryGrowthBytes = await memoryGrowth()
const slices: number[] = []
const cpu = process.cpuUsage()
await atOnce(slices)
const { user, system } = process.cpuUsage(cpu)
const result: Concurrency = { cpuMs: (user + system) / 1000, slicesMs: slices, memoryGrowthBytes }
process.stdout.write(JSON.stringify(result))

async function memoryGrowth(): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let peak = before
  const look = () => (peak = Math.max(peak, process.memoryUsage.rss()))
  const watch = setInterval(look, WATCH_MS)
  await atOnce([])
  clearInterval(watch)
  look()
  return peak - before
}

async function atOnce(times: number[]): Promise<void> {
  const one = () => (variant === 'engine' ? stream(times) : turn(times))
  await Promise.all(Array.from({ length: STREAMS }, one))
}

async function turn(times: number[]): Promise<void> {
  await nextTurn()
  const started = performance.now()
  whole(bytes)
  times.push(performance.now() - started)
}

async function stream(times: number[]): Promise<void> {
  const rewriter = program.start(PART_BYTES)
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    await nextTurn()
    const started = performance.now()
    rewriter.push(bytes.subarray(at, at + SLICE_BYTES), at + SLICE_BYTES >= bytes.length)
    if (rewriter.waiting() >= WINDOW_BYTES) rewriter.takeParts()
    times.push(performance.now() - started)
  }
}
