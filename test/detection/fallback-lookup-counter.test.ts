/** Counters that go on alone where Redis is away: the contract either way, and no caller begins anew. */
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type Test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { CounterUnavailableError } from '../../src/detection/errors.ts'
import { createFallbackLookupCounter } from '../../src/detection/fallback-lookup-counter.ts'
import type { LookupCounter, LookupWindow } from '../../src/detection/lookup-counter.ts'
import { createMemoryLookupCounter } from '../../src/detection/memory-lookup-counter.ts'
import { dayCountsContract } from '../contract/day-counts.contract.ts'
import { lookupCounterContract } from '../contract/lookup-counter.contract.ts'

const WINDOW = { key: 'rule caller', withinMs: 60_000, over: 3 }

/** A counter that others share, and that can be away. */
function sharedCounter() {
  const inner = createMemoryLookupCounter()
  const shared = {
    away: false,
    calls: 0,
    add: async (windows: readonly LookupWindow[]) => {
      shared.calls += 1
      if (shared.away) throw new CounterUnavailableError('away')
      return inner.add(windows)
    },
    reserve: async (windows: readonly LookupWindow[]) => {
      if (shared.away) throw new CounterUnavailableError('away')
      return inner.reserve(windows)
    },
    forget: inner.forget,
    acceptLoss: inner.acceptLoss,
    close: inner.close,
  }
  return shared
}

function stage(t: Test, fallBack = true) {
  const shared = sharedCounter()
  const notes: string[] = []
  const make = () => {
    const counter = createFallbackLookupCounter({
      shared,
      local: createMemoryLookupCounter(),
      fallBack: () => fallBack,
      clock: systemClock,
      notes: (note) => notes.push(note),
    })
    t.teardown(() => counter.close())
    return counter
  }
  return { shared, notes, make }
}

const distinct = async (counter: LookupCounter, ...members: readonly string[]) =>
  (await counter.add([{ ...WINDOW, members }]))[0]?.distinct

test('it compares days as the contract says, together and alone', async (t) => {
  for (const away of [false, true]) {
    await dayCountsContract(t, (t) => {
      const { shared, make } = stage(t)
      shared.away = away
      return Promise.resolve({ counter: make(), runs: 50 })
    })
  }
})

test('it keeps the contract of look-up counters, together and alone', async (t) => {
  for (const away of [false, true]) {
    await lookupCounterContract(t, (t) => {
      const { shared, make } = stage(t)
      shared.away = away
      const counter = make()
      return Promise.resolve({
        counter,
        advance: sleep,
        nowMs: () => performance.now(),
        withinMs: 400,
        runs: 5,
        reserves: !away,
      })
    })
  }
})

test('who was counted before is counted on, and what is counted alone is added later', async (t) => {
  const { shared, notes, make } = stage(t)
  const [one, other] = [make(), make()]
  t.equal(await distinct(one, 'a', 'b'), 2)
  shared.away = true
  t.equal(await distinct(one, 'c'), 3, 'not anew')
  t.match(await one.add([{ ...WINDOW, members: ['d'] }]), [{ exceeded: true, crossed: true }])
  t.equal(notes.length, 1)
  const { calls } = shared
  for (let i = 0; i < 20; i += 1) await distinct(one)
  t.equal(shared.calls, calls, 'nobody waits for what is away')
  shared.away = false
  await sleep(1_050)
  await distinct(one)
  await until(() => notes.length === 2)
  t.equal(await distinct(other), 4, 'the others know of them now')
  t.match(notes, [/counted on this machine alone/, /together again/])
})

test('where the policy does not want it, away is away', async (t) => {
  const { shared, make } = stage(t, false)
  const counter = make()
  shared.away = true
  await t.rejects(distinct(counter, 'a'), { code: 'ERR_COUNTER_UNAVAILABLE' })
})

test('what is remembered while alone is bounded', async (t) => {
  const { shared, notes, make } = stage(t)
  const counter = make()
  shared.away = true
  const members = Array.from({ length: 5_000 }, (_, i) => `m${i}`)
  await counter.add([{ ...WINDOW, key: 'large', members, over: 10_000 }])
  const more = Array.from({ length: 5_000 }, (_, i) => `n${i}`)
  await counter.add([{ ...WINDOW, key: 'large', members: more, over: 10_000 }])
  for (let i = 0; i < 10_100; i += 50) {
    const windows = Array.from({ length: 50 }, (_, j) => ({
      ...WINDOW,
      key: `k${i + j}`,
      members: ['a'],
    }))
    await counter.add(windows)
  }
  shared.away = false
  await sleep(1_050)
  await distinct(counter)
  await until(() => notes.length === 2)
  const known = await shared.add([{ ...WINDOW, key: 'k10099', members: [] }])
  t.equal(known[0]?.distinct, 1)
  const forgotten = await shared.add([{ ...WINDOW, key: 'large', members: [], over: 10_000 }])
  t.equal(forgotten[0]?.distinct, 0)
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await sleep(10)
  }
}
