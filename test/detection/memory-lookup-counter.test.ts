/** The look-up counters in memory: the contract by a clock of the test, and what is forgotten when there is too much. */
import { test } from 'tap'
import { createMemoryLookupCounter } from '../../src/detection/memory-lookup-counter.ts'
import { dayCountsContract } from '../contract/day-counts.contract.ts'
import { lookupCounterContract } from '../contract/lookup-counter.contract.ts'

function fakeClock() {
  let now = 1_000.5
  return {
    clock: { nowMs: () => 0, monotonicMs: () => now },
    advance: (ms: number) => {
      now += ms
      return Promise.resolve()
    },
    nowMs: () => now,
  }
}

test('the counter in memory keeps the contract of look-up counters', async (t) => {
  await lookupCounterContract(t, () => {
    const { clock, advance, nowMs } = fakeClock()
    const counter = createMemoryLookupCounter({ clock })
    return Promise.resolve({ counter, advance, nowMs, withinMs: 1_000, runs: 2_000 })
  })
})

test('the counter in memory compares days as the contract says', async (t) => {
  await dayCountsContract(t, () =>
    Promise.resolve({ counter: createMemoryLookupCounter(), runs: 500 }),
  )
})

test('a member counts until the very end of its window', async (t) => {
  const { clock, advance } = fakeClock()
  const counter = createMemoryLookupCounter({ clock })
  const window = { key: 'k', withinMs: 1_000, over: 5 }
  await counter.add([{ ...window, members: ['a'] }])
  await advance(999.9)
  t.match(await counter.add([{ ...window, members: [] }]), [{ distinct: 1 }])
  await advance(0.1)
  t.match(await counter.add([{ ...window, members: [] }]), [{ distinct: 0 }])
})

test('with too many windows the one idle for longest is forgotten, but none past its threshold', async (t) => {
  const { clock, advance } = fakeClock()
  let forgotten = 0
  const counter = createMemoryLookupCounter({
    clock,
    windowsMax: 3,
    onForgotten: () => (forgotten += 1),
  })
  const add = async (key: string, over: number, ...members: string[]) =>
    (await counter.add([{ key, over, members, withinMs: 1_000 }]))[0]?.distinct
  await add('passed', 0, 'x')
  await add('first', 5, 'x')
  await add('second', 5, 'x')
  t.equal(await add('first', 5), 1, 'used again')
  await add('third', 5, 'x')
  t.equal(forgotten, 1)
  t.equal(await add('passed', 0), 1)
  t.equal(await add('first', 5), 1)
  await add('first', 0)
  await add('third', 0)
  await t.rejects(add('fourth', 5, 'x'), { code: 'ERR_COUNTER_UNAVAILABLE' })
  t.same(
    [await add('passed', 0), await add('first', 0), await add('third', 0)],
    [1, 1, 1],
    'nothing is lost',
  )
  await advance(1_000)
  t.equal(await add('fourth', 5, 'x'), 1, 'once one has expired, there is room')
  t.equal(forgotten, 1)
})

test('members are bounded in all windows together, and counted right', async (t) => {
  const { clock } = fakeClock()
  const counter = createMemoryLookupCounter({ clock, membersMax: 10 })
  const add = (key: string, over: number, members: readonly string[]) =>
    counter.add([{ key, over, members, withinMs: 1_000 }])
  const four = ['a', 'b', 'c', 'd']
  for (let i = 0; i < 100; i += 1) t.match(await add(`k${i}`, 9, four), [{ distinct: 4 }])
  for (let i = 0; i < 100; i += 1) await add('same', 9, four)
  t.match(await add('same', 9, []), [{ distinct: 4 }])
  await t.rejects(
    add(
      'same',
      20,
      Array.from({ length: 11 }, (_, i) => `m${i}`),
    ),
    {
      code: 'ERR_COUNTER_UNAVAILABLE',
    },
  )
})

test('100,000 windows and as many calls take no noticeable time each', async (t) => {
  const { clock } = fakeClock()
  const counter = createMemoryLookupCounter({ clock })
  const start = performance.now()
  for (let i = 0; i < 120_000; i += 1) {
    await counter.add([{ key: `caller ${i}`, over: 20, members: ['m'], withinMs: 60_000 }])
  }
  const microseconds = ((performance.now() - start) * 1_000) / 120_000
  t.ok(microseconds < 100, 'each call', { microseconds })
})
