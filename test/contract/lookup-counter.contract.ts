/** What every look-up counter must do. Run by the tests of each implementation. */
import * as fc from 'fast-check'
import type { Test } from 'tap'
import { CounterUnavailableError } from '../../src/detection/errors.ts'
import type {
  HeldMember,
  LookupCounter,
  LookupState,
  LookupWindow,
} from '../../src/detection/lookup-counter.ts'
import { LookupModel } from './lookup-model.ts'
import type { Expected } from './lookup-model.ts'

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

/** Of a window, what may go by beside the pauses of a part that depends on them: each of them leaves more. */
const LATE_SHARE = 0.25
/** So often such a part is begun anew. */
const ATTEMPTS_MAX = 5

type Text = [] | [string]

/** Those of a test, which are made once it is known whether they say anything. */
interface Checks {
  readonly same: (found: unknown, wanted: unknown, ...text: Text) => void
  readonly equal: (found: unknown, wanted: unknown, ...text: Text) => void
  readonly match: (found: unknown, wanted: object | undefined, ...text: Text) => void
  readonly ok: (value: unknown, ...text: Text) => void
}

/** What of a state most tests look at: the rest is in tests of its own. */
type Told = Pick<LookupState, 'distinct' | 'exceeded' | 'crossed'>

function told(states: readonly LookupState[]): Told[] {
  return states.map(({ distinct, exceeded, crossed }) => ({ distinct, exceeded, crossed }))
}

/** Runs the suite. `make` is called for each part of it, so that each has a counter of its own. */
export async function lookupCounterContract(t: Test, make: Make): Promise<void> {
  await t.test('counts distinct members, and says once that the threshold is passed', (t) =>
    countsDistinct(t, make),
  )
  await t.test('forgets a member a window after its last sighting', (t) => inTime(t, make, slides))
  await t.test('passes again only after the count has been back', (t) => inTime(t, make, armsAgain))
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
  await t.test('tells another passing only below the rearm and after the cool-down', (t) =>
    inTime(t, make, hysteresis),
  )
  await t.test('holds a member until it is taken back, or added for good by anybody', (t) =>
    holds(t, make),
  )
  await t.test('what is held pushes nothing out that would be missed', (t) => holdsBeside(t, make))
  await t.test('counts chains of neighbours, and nobody longer for going to and fro', (t) =>
    chains(t, make),
  )
  await t.test('stays active for as long as it lasts, and forgets when it is told to', (t) =>
    inTime(t, make, lasts),
  )
  await t.test('knows since when a window is not empty', (t) => inTime(t, make, ages))
  await t.test('agrees with a slow model', (t) => agreesWithModel(t, make))
}

/**
 * Checks what a part says once it is known how long it took. Pauses may be real, and the machine busy: where more time went by than
 * was asked for, members are rightly gone, so it is begun anew.
 */
async function inTime(
  t: Test,
  make: Make,
  part: (t: Checks, harness: LookupHarness) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const harness = await make(t)
    const { nowMs, withinMs } = harness
    const checks: (() => unknown)[] = []
    const later: Checks = {
      same: (found, wanted, ...text) => void checks.push(() => t.same(found, wanted, ...text)),
      equal: (found, wanted, ...text) => void checks.push(() => t.equal(found, wanted, ...text)),
      match: (found, wanted, ...text) => void checks.push(() => t.match(found, wanted, ...text)),
      ok: (value, ...text) => void checks.push(() => t.ok(value, ...text)),
    }
    let dueMs = nowMs()
    const advance = async (ms: number): Promise<void> => {
      dueMs += ms
      await harness.advance(ms)
    }
    await part(later, { ...harness, advance })
    const isLate = nowMs() - dueMs > withinMs * LATE_SHARE
    if (isLate && attempt < ATTEMPTS_MAX) continue
    for (const check of checks) check()
    return
  }
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

async function slides(t: Checks, { counter, advance, withinMs }: LookupHarness): Promise<void> {
  const add = adder(counter, { key: 'k', withinMs, over: 10 })
  await add('a', 'b')
  await advance(withinMs * 0.6)
  t.same(await add('b', 'c'), state(3))
  await advance(withinMs * 0.6)
  t.same(await add(), state(2), 'a is gone, b was seen again')
  await advance(withinMs * 1.1)
  t.same(await add(), state(0))
}

async function armsAgain(t: Checks, { counter, advance, withinMs }: LookupHarness): Promise<void> {
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
  const add = async (windows: readonly LookupWindow[]) => told(await counter.add(windows))
  t.same(await add([named('a', 1, ['x', 'y']), named('b', 5, ['x', 'y']), named('c', 0, [])]), [
    state(2, true, true),
    state(2),
    state(0),
  ])
  t.same(await add([named('b', 5, ['z']), named('a', 1, [])]), [state(3), state(2, true)])
  t.same(await add([named('d', 1, ['x']), named('d', 1, ['y'])]), [state(1), state(2, true, true)])
  // Text that could be taken for something else, by a script or a map.
  const odd = ['__proto__', '', 'a b', '*', '\u0000', '1e3', 'línea', '"']
  t.same(
    await add(odd.map((key) => named(key, 7, odd))),
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
    told(await counter.add([sized(5_000, 10)])),
    [state(5_000, true, true)],
    'the count that passed is exact',
  )
  t.same(told(await counter.add([sized(5_000, 4_999), sized(5_000, 5_000)])), [
    state(5_000, true, true),
    state(5_000),
  ])
  const refused: readonly LookupWindow[] = [
    sized(5_001, 10),
    sized(1, -1),
    sized(1, 1.5),
    sized(1, 100_001),
    { ...sized(1, 1), withinMs: 0 },
    { ...sized(1, 1), rearm: 2 },
    { ...sized(1, 1), cooldownMs: -1 },
    { ...sized(101, 1), hold: true },
    { ...sized(101, 1), near: sized(101, 1).members.map(() => []) },
    { ...sized(1, 1), near: [] },
    { ...sized(1, 1), near: [sized(17, 1).members] },
    { ...sized(1, 1), drop: sized(101, 1).members.map((member) => ({ member, at: 1 })) },
  ]
  for (const bad of refused) await t.rejects(counter.add([bad]), { code: 'ERR_ASSERTION' })
  const many = Array.from({ length: 1_025 }, (_, i) => sized(1, i))
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
    told(await counter.reserve([window('reveal', 2, members)]))[0]
  t.same(await counter.reserve([]), [])
  t.same(await reserve(), state(0))
  t.same(await reserve('a', 'a'), state(1))
  t.same(await reserve('b'), state(2), 'as many as the threshold')
  t.same(await reserve('a', 'b'), state(2), 'those who were there take no room')
  t.same(await reserve('c'), state(3, true), 'one too many')
  t.same(await reserve('a', 'd'), state(3, true), 'nothing of it is added')
  t.same(await reserve('a'), state(2), 'so who was there still is')
  t.same(
    told(await counter.reserve([window('other', 5, ['x']), window('reveal', 2, ['c'])])),
    [state(1), state(3, true)],
    'all windows or none',
  )
  t.same(told(await counter.reserve([window('other', 5, [])])), [state(0)])
  t.same(told(await counter.reserve([window('none', 0, ['x'])])), [state(1, true)])
  t.same(told(await counter.reserve([window('none', 0, [])])), [state(0)])
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
  const [after] = await counter.reserve([{ key: 'burst', over: 20, members: [], withinMs: 60_000 }])
  t.equal(after?.distinct, 20)
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
    kind: fc.constantFrom('add', 'add', 'add', 'hold', 'take back', 'quiet'),
  })
  const rule = fc.record({
    over: fc.integer({ min: 0, max: 3 }),
    below: fc.integer({ min: 0, max: 1 }),
    cooldown: fc.constantFrom(0, 0, 0.8),
  })
  let serial = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      rule,
      async (steps, { over, below, cooldown }) => {
        serial += 1
        const limits = {
          over,
          withinMs,
          rearm: Math.max(0, over - below),
          cooldownMs: Math.round(cooldown * withinMs),
        }
        const models = [new LookupModel(limits), new LookupModel(limits)]
        const kept: HeldMember[][] = [[], []]
        for (const { members, window, pause, kind } of steps) {
          if (pause > 0) await advance(withinMs * pause)
          const fromMs = nowMs()
          const takesBack = kind === 'take back'
          const asked = {
            key: `run ${serial} ${window}`,
            members,
            ...limits,
            hold: kind === 'hold',
            quiet: kind === 'hold' || kind === 'quiet',
            drop: takesBack ? (kept[window] ?? []) : [],
          }
          if (takesBack) kept[window] = []
          const [got] = await counter.add([asked])
          const expected = models[window]?.add(asked, fromMs, nowMs())
          // Too close to the end of a window for the clocks to tell.
          if (expected === undefined || got === undefined) return
          models[window]?.held(got.held)
          kept[window]?.push(...got.held)
          assertAgrees(got, expected, over)
        }
      },
    ),
    { numRuns: runs },
  )
  t.pass(`${runs} sequences`)
}

function assertAgrees(got: LookupState, expected: Expected, over: number): void {
  const exact = got.distinct === expected.distinct
  const enough = got.distinct > over && expected.distinct > over
  if (!exact && !enough) throw new Error(`counted ${got.distinct}, not ${expected.distinct}`)
  const heldNames = got.held.map(({ member }) => member)
  if (
    got.exceeded !== expected.exceeded ||
    got.crossed !== expected.crossed ||
    JSON.stringify(heldNames) !== JSON.stringify(expected.held)
  ) {
    throw new Error(`said ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`)
  }
}

async function hysteresis(t: Checks, { counter, advance, withinMs }: LookupHarness): Promise<void> {
  const low = adder(counter, { key: 'rearm', withinMs, over: 2, rearm: 0 })
  t.same(await low('a', 'b', 'c'), state(3, true, true))
  await advance(withinMs * 0.6)
  await low('a')
  await advance(withinMs * 0.6)
  t.same(await low('b', 'c'), state(3, true), 'it was back at 1, which is not low enough')
  await advance(withinMs * 1.2)
  t.same(await low('a', 'b', 'c'), state(3, true, true))
  const cooled = adder(counter, { key: 'cool', withinMs, over: 0, cooldownMs: withinMs * 1.6 })
  t.same(await cooled('a'), state(1, true, true))
  await advance(withinMs * 1.2)
  t.same(await cooled(), state(0))
  t.same(await cooled('a'), state(1, true), 'passed again within the cool-down')
  await advance(withinMs * 0.7)
  t.same(await cooled('b'), state(2, true, true), 'still past it when the cool-down is over')
  const quiet = { key: 'quiet', withinMs, over: 0, members: ['a'] }
  t.same(told(await counter.add([{ ...quiet, quiet: true }])), [state(1, true)])
  t.same(told(await counter.add([quiet])), [state(1, true, true)], 'it waited to be told')
}

async function holds(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  const window = { key: 'k', withinMs: 60_000, over: 2 }
  const add = async (...members: string[]) => (await counter.add([{ ...window, members }]))[0]
  const hold = async (...members: string[]) =>
    (await counter.add([{ ...window, members, hold: true }]))[0]
  const drop = async (held: readonly HeldMember[] = [], ...members: string[]) =>
    (await counter.add([{ ...window, members, drop: held }]))[0]
  await add('a')
  const first = await hold('a', 'b')
  t.equal(first?.distinct, 2)
  t.same(
    first?.held.map(({ member }) => member),
    ['b'],
    'who was there is not held',
  )
  const second = await hold('b', 'c')
  t.match(second, { distinct: 3, exceeded: true, crossed: true })
  t.equal((await hold('d'))?.held.length, 0, 'nothing beyond the threshold')
  t.equal((await drop(first?.held))?.distinct, 2)
  await add('c')
  t.equal((await drop(second?.held))?.distinct, 2, 'c was added for good meanwhile')
  t.equal((await add())?.distinct, 2)
  const third = await hold('e')
  t.equal((await drop(third?.held, 'e'))?.distinct, 3, 'taken back and added in one step')
  t.equal((await drop(third?.held))?.distinct, 3, 'not twice')
  const fourth = (
    await counter.add([{ ...window, key: 'n', members: ['x', 'y', 'z'], hold: true }])
  )[0]
  t.match(fourth, { crossed: true })
  const settled = { ...window, key: 'n', members: ['x', 'y', 'z'], drop: fourth?.held ?? [] }
  t.match(await counter.add([settled]), [{ distinct: 3, crossed: false }], 'it was never back')
}

async function holdsBeside(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  const window = { key: 'k', withinMs: 60_000, over: 2 }
  await counter.add([{ ...window, members: ['a', 'b'] }])
  const [state] = await counter.add([{ ...window, members: ['x', 'y'], hold: true, quiet: true }])
  await counter.add([{ ...window, members: ['c'] }])
  const [after] = await counter.add([{ ...window, members: [], drop: state?.held ?? [] }])
  t.match(after, { distinct: 3, exceeded: true })
}

async function chains(t: Test, make: Make): Promise<void> {
  const { counter, advance, withinMs } = await make(t)
  const look = async (key: string, ...ids: number[]) => {
    const members = ids.map(String)
    const near = ids.map((id) => [`${id - 1}`, `${id + 1}`])
    const [state] = await counter.add([{ key, members, near, withinMs, over: 3 }])
    return state
  }
  t.equal((await look('a'))?.distinct, 0)
  t.equal((await look('a', 10))?.distinct, 1)
  t.equal((await look('a', 11))?.distinct, 2)
  t.equal((await look('a', 10, 11, 10))?.distinct, 2, 'to and fro')
  t.equal((await look('a', 500, 30))?.distinct, 2, 'far away')
  t.equal((await look('a', 12))?.distinct, 3)
  t.match(await look('a', 13), { distinct: 4, exceeded: true, crossed: true })
  t.match(await look('a', 14), { distinct: 5, exceeded: true, crossed: false })
  t.equal((await look('down', 9, 8, 7))?.distinct, 3)
  await advance(withinMs * 1.1)
  t.equal((await look('a'))?.distinct, 0)
  t.equal((await look('a', 15))?.distinct, 1, 'what it continues is gone')
  for (let first = 0; first < 1_200; first += 100)
    await look('long', ...Array.from({ length: 100 }, (_, i) => (first + i) * 10))
  t.equal((await look('long', 11_991))?.distinct, 2)
  t.equal((await look('long', 1))?.distinct, 2, 'its neighbour is not among the latest any more')
}

async function lasts(t: Checks, { counter, advance, withinMs }: LookupHarness): Promise<void> {
  const window = { key: 'k', withinMs, over: 1, lastsMs: withinMs * 2 }
  const active = async (...members: string[]) =>
    (await counter.add([{ ...window, members }]))[0]?.active
  t.equal(await active('a'), false)
  t.equal(await active('b'), true)
  await advance(withinMs * 1.2)
  t.equal(await active(), true, 'also where the count is back')
  await advance(withinMs)
  t.equal(await active(), false)
  t.equal(await active('a', 'b'), true)
  await counter.add([{ ...window, key: 'other', members: ['a'] }])
  await counter.forget(['k', 'never seen'])
  t.match(await counter.add([{ ...window, members: ['a'] }]), [{ distinct: 1, active: false }])
  t.match(await counter.add([{ ...window, key: 'other', members: [] }]), [{ distinct: 1 }])
  t.match(await counter.add([{ ...window, members: ['b'] }]), [{ crossed: true }], 'armed again')
}

async function ages(t: Checks, { counter, advance, withinMs }: LookupHarness): Promise<void> {
  const age = async (...members: string[]) =>
    (await counter.add([{ key: 'k', members, withinMs, over: 5 }]))[0]?.ageMs ?? -1
  t.equal(await age(), 0)
  t.equal(await age('a'), 0)
  await advance(withinMs * 0.7)
  const first = await age('b')
  t.ok(first >= withinMs * 0.7 - 2 && first < withinMs, `${first} ms`)
  await advance(withinMs * 0.7)
  const second = await age()
  t.ok(second >= withinMs * 1.4 - 3, `${second} ms`)
  await advance(withinMs * 1.1)
  t.equal(await age('a'), 0, 'it was empty meanwhile')
}

function adder(counter: LookupCounter, window: Omit<LookupWindow, 'members'>) {
  return async (...members: string[]): Promise<Told> => {
    const [state] = told(await counter.add([{ ...window, members }]))
    if (state === undefined) throw new Error('no state')
    return state
  }
}

function state(distinct: number, exceeded = false, crossed = false): Told {
  return { distinct, exceeded, crossed }
}

function named(key: string, over: number, members: readonly string[]): LookupWindow {
  return { key, over, members, withinMs: 60_000 }
}

function sized(count: number, over: number): LookupWindow {
  const members = Array.from({ length: count }, (_, i) => `m${i}`)
  return { key: `k${over}`, over, members, withinMs: 60_000 }
}
