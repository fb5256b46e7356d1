/** What every look-up counter must do. Run by the tests of each implementation. */
import * as fc from 'fast-check'
import type { Test } from 'tap'
import { CounterUnavailableError } from '../../src/detection/errors.ts'
import type {
  LookupCounter,
  LookupState,
  LookupWindow,
} from '../../src/detection/lookup-counter.ts'
import { LookupModel } from './lookup-model.ts'

/** A counter, and time as it sees it. */
export interface LookupHarness {
  readonly counter: LookupCounter
  /** Lets time pass. */
  readonly advance: (ms: number) => Promise<void>
  /** A clock that runs as that of the counter does. */
  readonly nowMs: () => number
  /** A length of windows within which a few calls take no time worth mentioning. */
  readonly withinMs: number
  /** False: reservations are refused, since not all counters can be asked. */
  readonly reserves?: boolean
  /** How many sequences of calls the property tries. */
  readonly runs: number
}

type Make = (t: Test) => Promise<LookupHarness>

/** Runs the suite. `make` is called for each part of it, so that each has a counter of its own. */
export async function lookupCounterContract(t: Test, make: Make): Promise<void> {
  await t.test('counts distinct members, and says once that the threshold is passed', (t) =>
    countsDistinct(t, make),
  )
  await t.test('forgets a member a window after its last sighting', (t) => slides(t, make))
  await t.test('passes again only after the count has been back', (t) => armsAgain(t, make))
  await t.test('keeps windows apart, several in one call, also the same one twice', (t) =>
    keepsApart(t, make),
  )
  await t.test('reserves whole or not at all, and knows who was there', (t) => reserves(t, make))
  await t.test('reserves exactly as many as fit, of 50 at once', (t) => reservesOnce(t, make))
  await t.test('tells exactly one of 50 parallel calls that it passed', (t) => passesOnce(t, make))
  await t.test('takes 5,000 members, and refuses what is beyond the limits', (t) => limits(t, make))
  await t.test('judges a window anew where the policy lowers or raises the threshold', (t) =>
    thresholdsChange(t, make),
  )
  await t.test('agrees with a slow model', (t) => agreesWithModel(t, make))
}

async function countsDistinct(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  const add = adder(counter, { key: 'rule caller', withinMs: 60_000, over: 2 })
  t.same(await counter.add([]), [])
  t.same(await add(), state(0), 'asking alone')
  t.same(await add('a', 'a'), state(1))
  t.same(await add('a', 'b'), state(2))
  t.same(await add(), state(2))
  t.same(await add('c'), state(3, true, true))
  t.same(await add('a'), state(3, true))
  t.same(await add(), state(3, true))
  const after = await add('d', 'e')
  t.ok(after.distinct >= 3 && after.exceeded && !after.crossed)
  const zero = adder(counter, { key: 'none allowed', withinMs: 60_000, over: 0 })
  t.same(await zero('a'), state(1, true, true))
  t.same(await zero('a'), state(1, true))
}

async function slides(t: Test, make: Make): Promise<void> {
  const { counter, advance, withinMs } = await make(t)
  const add = adder(counter, { key: 'k', withinMs, over: 10 })
  await add('a', 'b')
  await advance(withinMs * 0.6)
  t.same(await add('b', 'c'), state(3))
  await advance(withinMs * 0.6)
  t.same(await add(), state(2), 'a is gone, b was seen again')
  await advance(withinMs * 1.1)
  t.same(await add(), state(0))
}

async function armsAgain(t: Test, make: Make): Promise<void> {
  const { counter, advance, withinMs } = await make(t)
  const add = adder(counter, { key: 'k', withinMs, over: 1 })
  t.same(await add('a', 'b', 'c', 'd'), state(4, true, true))
  await advance(withinMs * 0.6)
  const still = await add('a')
  t.ok(still.distinct >= 2 && still.exceeded && !still.crossed)
  await advance(withinMs * 0.6)
  t.same(await add(), state(1), 'back at the threshold')
  t.same(await add('b'), state(2, true, true))
  t.same(await add('b'), state(2, true))
  await advance(withinMs * 1.1)
  t.same(await add('x', 'y'), state(2, true, true), 'one call sees it back, and passes it')
}

async function keepsApart(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  t.same(
    await counter.add([named('a', 1, ['x', 'y']), named('b', 5, ['x', 'y']), named('c', 0, [])]),
    [state(2, true, true), state(2), state(0)],
  )
  t.same(await counter.add([named('b', 5, ['z']), named('a', 1, [])]), [state(3), state(2, true)])
  t.same(await counter.add([named('d', 1, ['x']), named('d', 1, ['y'])]), [
    state(1),
    state(2, true, true),
  ])
  // Text that could be taken for something else, by a script or a map.
  const odd = ['__proto__', '', 'a b', '*', '\u0000', '1e3', 'línea', '"']
  t.same(
    await counter.add(odd.map((key) => named(key, 7, odd))),
    odd.map(() => state(8, true, true)),
  )
}

async function passesOnce(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  const add = adder(counter, { key: 'k', withinMs: 60_000, over: 20 })
  const states = await Promise.all(Array.from({ length: 50 }, (_, i) => add(`member ${i}`)))
  t.equal(states.filter(({ crossed }) => crossed).length, 1)
  t.equal(states.filter(({ exceeded }) => exceeded).length, 30)
  const first = await Promise.all(
    Array.from({ length: 50 }, () =>
      counter.add([{ key: 'other', withinMs: 60_000, over: 0, members: ['same'] }]),
    ),
  )
  t.equal(first.flat().filter(({ crossed }) => crossed).length, 1)
}

async function limits(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  t.same(
    await counter.add([sized(5_000, 10)]),
    [state(5_000, true, true)],
    'the count that passed is exact',
  )
  t.same(await counter.add([sized(5_000, 4_999), sized(5_000, 5_000)]), [
    state(5_000, true, true),
    state(5_000),
  ])
  const refused: readonly LookupWindow[] = [
    sized(5_001, 10),
    sized(1, -1),
    sized(1, 1.5),
    sized(1, 100_001),
    { ...sized(1, 1), withinMs: 0 },
  ]
  for (const bad of refused) await t.rejects(counter.add([bad]), { code: 'ERR_ASSERTION' })
  const many = Array.from({ length: 65 }, (_, i) => sized(1, i))
  await t.rejects(counter.add(many), { code: 'ERR_ASSERTION' })
}

async function thresholdsChange(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  const add = (over: number, ...members: string[]) =>
    adder(counter, { key: 'k', withinMs: 60_000, over })(...members)
  t.same(await add(5, 'a', 'b', 'c'), state(3))
  t.same(await add(2), state(3, true, true), 'a lower threshold is passed by what is there')
  t.same(await add(2), state(3, true))
  t.same(await add(5), state(3))
  t.same(await add(2), state(3, true, true))
}

async function reserves(t: Test, make: Make): Promise<void> {
  const { counter, advance, withinMs, reserves: taken = true } = await make(t)
  if (!taken) {
    await t.rejects(
      counter.reserve([{ key: 'k', over: 1, members: ['a'], withinMs }]),
      CounterUnavailableError,
    )
    return
  }
  const window = (key: string, over: number, members: readonly string[]) => ({
    key,
    over,
    members,
    withinMs,
  })
  const reserve = async (...members: string[]) =>
    (await counter.reserve([window('reveal', 2, members)]))[0]
  t.same(await counter.reserve([]), [])
  t.same(await reserve(), state(0))
  t.same(await reserve('a', 'a'), state(1))
  t.same(await reserve('b'), state(2), 'as many as the threshold')
  t.same(await reserve('a', 'b'), state(2), 'those who were there take no room')
  t.same(await reserve('c'), state(3, true), 'one too many')
  t.same(await reserve('a', 'd'), state(3, true), 'nothing of it is added')
  t.same(await reserve('a'), state(2), 'so who was there still is')
  t.same(
    await counter.reserve([window('other', 5, ['x']), window('reveal', 2, ['c'])]),
    [state(1), state(3, true)],
    'all windows or none',
  )
  t.same(await counter.reserve([window('other', 5, [])]), [state(0)])
  t.same(await counter.reserve([window('none', 0, ['x'])]), [state(1, true)])
  t.same(await counter.reserve([window('none', 0, [])]), [state(0)])
  await advance(withinMs + 1)
  t.same(await reserve('c', 'd'), state(2), 'after the window there is room again')
  await t.rejects(counter.reserve([window('k', 1, []), window('k', 1, [])]), 'a key twice')
}

async function reservesOnce(t: Test, make: Make): Promise<void> {
  const { counter, reserves: taken = true } = await make(t)
  if (!taken) return
  const states = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      counter.reserve([{ key: 'burst', over: 20, members: [`m${n}`], withinMs: 60_000 }]),
    ),
  )
  t.equal(states.filter(([one]) => one?.exceeded === false).length, 20)
  t.same(await counter.reserve([{ key: 'burst', over: 20, members: [], withinMs: 60_000 }]), [
    state(20),
  ])
}

async function agreesWithModel(t: Test, make: Make): Promise<void> {
  const harness = await make(t)
  const { counter, advance, nowMs, runs } = harness
  // Short, for the sake of those that really wait: the model knows where it cannot tell.
  const withinMs = harness.withinMs / 4
  const step = fc.record({
    members: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 4 }),
    window: fc.constantFrom(0, 1),
    pause: fc.constantFrom(0, 0, 0, 0.6, 1.1),
  })
  let serial = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 3 }),
      async (steps, over) => {
        serial += 1
        const models = [new LookupModel(over, withinMs), new LookupModel(over, withinMs)]
        for (const { members, window, pause } of steps) {
          if (pause > 0) await advance(withinMs * pause)
          const fromMs = nowMs()
          const key = `run ${serial} ${window}`
          const [got] = await counter.add([{ key, members, withinMs, over }])
          const expected = models[window]?.add(members, fromMs, nowMs())
          // Too close to the end of a window for the clocks to tell.
          if (expected === undefined || got === undefined) return
          const exact = got.distinct === expected.distinct
          const enough = got.distinct > over && expected.distinct > over
          if (!exact && !enough)
            throw new Error(`counted ${got.distinct}, not ${expected.distinct}`)
          if (got.exceeded !== expected.exceeded || got.crossed !== expected.crossed) {
            throw new Error(`said ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`)
          }
        }
      },
    ),
    { numRuns: runs },
  )
  t.pass(`${runs} sequences`)
}

function adder(counter: LookupCounter, window: Omit<LookupWindow, 'members'>) {
  return async (...members: string[]): Promise<LookupState> => {
    const [state] = await counter.add([{ ...window, members }])
    if (state === undefined) throw new Error('no state')
    return state
  }
}

function state(distinct: number, exceeded = false, crossed = false): LookupState {
  return { distinct, exceeded, crossed }
}

function named(key: string, over: number, members: readonly string[]): LookupWindow {
  return { key, over, members, withinMs: 60_000 }
}

function sized(count: number, over: number): LookupWindow {
  const members = Array.from({ length: count }, (_, i) => `m${i}`)
  return { key: `k${over}`, over, members, withinMs: 60_000 }
}
