/** Clocks, ids and bounded waits. */
import { test } from 'tap'
import { isoTime, systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { withinTime } from '../../src/core/within-time.ts'

test('the wall clock is of today, the other one only goes on', (t) => {
  t.ok(systemClock.nowMs() > Date.UTC(2025, 0, 1))
  const first = systemClock.monotonicMs()
  t.ok(systemClock.monotonicMs() >= first)
  t.equal(isoTime(0), '1970-01-01T00:00:00.000Z')
  t.equal(isoTime(1_800_000_000_123), '2027-01-15T08:00:00.123Z')
  t.end()
})

test('ids are UUIDs of version 7, each once, and sort by time', (t) => {
  const ids = Array.from({ length: 1_000 }, () => uuidV7())
  for (const id of ids.slice(0, 10))
    t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.equal(new Set(ids).size, ids.length)
  const times = ids.map((id) => id.slice(0, 13))
  t.same(times, times.toSorted())
  t.end()
})

test('a wait ends with the value, with its error, or in time', async (t) => {
  const late = () => new Error('late')
  t.equal(await withinTime(Promise.resolve(7), 1_000, late), 7)
  await t.rejects(withinTime(Promise.reject(new Error('own')), 1_000, late), { message: 'own' })
  const startMs = performance.now()
  await t.rejects(withinTime(new Promise(() => {}), 20, late), { message: 'late' })
  t.ok(performance.now() - startMs < 1_000)
  const afterwards = new Promise((_, reject) => setTimeout(() => reject(new Error('own')), 30))
  await t.rejects(withinTime(afterwards, 5, late), { message: 'late' }, 'what fails later is heard')
  await new Promise((resolve) => setTimeout(resolve, 40))
})
