/** Slices follow from the time that they take. The clock is the test's. */
import { test } from 'tap'
import { SlicePace } from '../../../src/proxy/answer/slice-pace.ts'

const SLICE_BYTES_MAX = 65_536

/** Rewrites a body whose slices take so long for each byte; the sizes of the slices. */
function sizes(bytes: number, msForByte: number): readonly number[] {
  let now = 0
  const pace = new SlicePace({ nowMs: () => now, monotonicMs: () => now }, SLICE_BYTES_MAX)
  const taken: number[] = []
  for (const slice of pace.slicesOf(Buffer.alloc(bytes))) {
    pace.run(() => (now += slice.byteLength * msForByte))
    taken.push(slice.byteLength)
  }
  return taken
}

test('slices of quick work grow to the largest, and give the whole body', (t) => {
  const taken = sizes(1_000_000, 0.000_001)
  t.same(taken.slice(0, 6), [4_096, 8_192, 16_384, 32_768, 65_536, 65_536])
  t.equal(
    taken.reduce((sum, size) => sum + size, 0),
    1_000_000,
  )
  t.end()
})

test('slices of slow work shrink until each takes some milliseconds', (t) => {
  const msForByte = 0.02
  const taken = sizes(200_000, msForByte)
  t.ok(
    taken.slice(1).every((size) => size * msForByte <= 8),
    `${taken.slice(0, 5)}`,
  )
  t.ok(taken.every((size) => size <= 4_096))
  t.end()
})

test('the slowest work still goes on', (t) => {
  const taken = sizes(10_000, 10)
  t.ok(taken.slice(1, -1).every((size) => size === 256))
  t.end()
})

test('others have a turn when a body has had its own', async (t) => {
  let now = 0
  const pace = new SlicePace({ nowMs: () => now, monotonicMs: () => now }, SLICE_BYTES_MAX)
  let turns = 0
  const others = setImmediate(() => (turns += 1))
  t.notOk(pace.due, 'nothing has been done yet')
  now = 6
  t.ok(pace.due)
  await pace.turn()
  t.notOk(pace.due)
  t.equal(turns, 1)
  clearImmediate(others)
})
