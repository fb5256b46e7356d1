/** Fuzzes in a thread of its own, which can be ended from outside where a text does not end. */
import { strict as assert } from 'node:assert'
import { parentPort, workerData } from 'node:worker_threads'
import { fuzzQueries } from './fuzz-queries.ts'

/** What the thread is given. */
export interface FuzzOrder {
  readonly seed: number
  readonly seconds: number
  /** The text that is run now, its length first: 16-bit units, shared. */
  readonly current: SharedArrayBuffer
}

const { seed, seconds, current } = workerData as FuzzOrder
const units = new Uint16Array(current)
const endMs = performance.now() + seconds * 1000
const report = await fuzzQueries({
  seed,
  goesOn: () => performance.now() < endMs,
  onText: (text) => {
    const length = Math.min(text.length, units.length - 1)
    units[0] = length
    for (let at = 0; at < length; at += 1) units[at + 1] = text.charCodeAt(at)
  },
})
assert(parentPort !== null, 'this runs in a thread')
parentPort.postMessage(report)
