/** What every look-up counter must do where the count of a day is compared with those of others. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import type { Test } from 'tap'
import type { Baseline, LookupCounter, LookupState } from '../../src/detection/lookup-counter.ts'
import { DayModel } from './day-model.ts'

interface DayHarness {
  readonly counter: LookupCounter
  /** How many sequences of calls the property tries. */
  readonly runs: number
}

type Make = (t: Test) => Promise<DayHarness>

const DAY_MS = 86_400_000
/** It is noon wherever a test begins, so that none runs over midnight. */
const NOON_MS = DAY_MS / 2 - (Date.now() % DAY_MS)
const BASELINE = {
  groups: ['role'],
  days: 10,
  agentDays: 6,
  floor: 1,
  over: 3.5,
  on: 1,
  of: 1,
  plain: false,
}

/** Runs the suite. Days pass by the offset of local time: the counters' own clocks need not be moved. */
export async function dayCountsContract(t: Test, make: Make): Promise<void> {
  await t.test('a day far above those of others is told once, with what it was compared', (t) =>
    tells(t, make),
  )
  await t.test('nobody raises what they are compared with, whatever they do', (t) =>
    nobodyAlone(t, make),
  )
  await t.test('one day alone is not enough where several are wanted', (t) => several(t, make))
  await t.test('of several roles the one that it fits best counts', (t) => lowest(t, make))
  await t.test('a clock that steps back reopens no day, one that was wrong is forgotten', (t) =>
    steps(t, make),
  )
  await t.test('what is never the same twice only adds up', (t) => plain(t, make))
  await t.test('a day that is forgotten begins anew, and stays what others know of it', (t) =>
    forgets(t, make),
  )
  await t.test('a count and a group go no further than their limits', (t) => limits(t, make))
  await t.test('agrees with a slow model', (t) => agrees(t, make))
}

interface Look {
  readonly key: string
  readonly day: number
  readonly count?: number
  readonly from?: number
  readonly baseline?: Partial<Baseline>
  readonly cooldownMs?: number
}

async function look(counter: LookupCounter, asked: Look): Promise<LookupState> {
  const { key, day, count = 0, from = 0, baseline, cooldownMs = 0 } = asked
  const members = Array.from({ length: count }, (_, i) => `m${from + i}`)
  const [state] = await counter.add([
    {
      key,
      members,
      withinMs: DAY_MS,
      over: 0,
      cooldownMs,
      baseline: { ...BASELINE, offsetMs: NOON_MS + day * DAY_MS, ...baseline },
    },
  ])
  if (state === undefined) throw new Error('no state')
  return state
}

/** Three others, on as many days, look at 10, 12 and 14. */
async function past(counter: LookupCounter, days: number): Promise<void> {
  for (let day = 0; day < days; day += 1)
    for (const [index, count] of [10, 12, 14].entries())
      await look(counter, { key: `other ${index}`, day, count })
}

async function tells(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  await past(counter, 1)
  t.notOk((await look(counter, { key: 'a', day: 1, count: 500 })).compared, 'too few days')
  await past(counter, 2)
  t.match(await look(counter, { key: 'a', day: 2, count: 22 }), {
    distinct: 22,
    exceeded: false,
    compared: { group: 'role', median: 12, mad: 2, agentDays: 6 },
  })
  const [before, passed, after] = [
    await look(counter, { key: 'a', day: 2 }),
    await look(counter, { key: 'a', day: 2, count: 1, from: 100 }),
    await look(counter, { key: 'a', day: 2, count: 1, from: 101 }),
  ]
  t.match(before, { distinct: 22, exceeded: false, crossed: false, active: false })
  t.match(passed, { distinct: 23, exceeded: true, crossed: true, active: true })
  t.equal(passed.compared?.score, (0.6745 * 11) / 2)
  t.match(after, { distinct: 24, exceeded: true, crossed: false, active: true })
  t.match(await look(counter, { key: 'a', day: 3 }), { distinct: 0, exceeded: false })
  t.match(await look(counter, { key: 'a', day: 3, count: 90 }), { crossed: true }, 'armed again')
  const calm = { key: 'b', cooldownMs: DAY_MS, count: 90 }
  t.match(await look(counter, { ...calm, day: 3 }), { crossed: true })
  t.match(await look(counter, { ...calm, day: 4 }), { exceeded: true, crossed: false }, 'calm')
}

async function nobodyAlone(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  await past(counter, 3)
  const compared = []
  for (let day = 3; day < 9; day += 1) {
    const { compared: found } = await look(counter, { key: 'a', day, count: 20 * day })
    compared.push([found?.median, found?.mad, found?.agentDays])
  }
  t.same(
    compared,
    Array.from({ length: 6 }, () => [12, 2, 9]),
  )
}

async function several(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  await past(counter, 2)
  const days = { on: 2, of: 3 }
  const on = (day: number, count: number) => look(counter, { key: 'a', day, count, baseline: days })
  t.match(await on(2, 50), { exceeded: false, crossed: false })
  t.match(await on(2, 90), { exceeded: false }, 'a day is one day')
  t.match(await on(3, 5), { exceeded: false })
  t.match(await on(4, 5), { exceeded: false })
  t.match(await on(4, 50), { exceeded: true, crossed: true, compared: { daysOver: 2 } })
  t.match(await on(5, 1), { exceeded: false }, 'day 2 is too long ago')
  t.match(await on(5, 50), { exceeded: true, crossed: true }, 'armed again')
  t.match(await on(6, 1), { exceeded: true, active: true, crossed: false })
}

async function lowest(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  for (let day = 0; day < 3; day += 1) {
    for (const name of ['x', 'y', 'z']) {
      await look(counter, { key: `few ${name}`, day, count: 3, baseline: { groups: ['few'] } })
      await look(counter, { key: `many ${name}`, day, count: 60, baseline: { groups: ['many'] } })
    }
  }
  const both = { key: 'a', day: 3, count: 58 }
  t.match(await look(counter, { ...both, baseline: { groups: ['few', 'many', 'new'] } }), {
    exceeded: false,
    compared: { group: 'many' },
  })
  t.match(await look(counter, { ...both, key: 'b', baseline: { groups: ['few', 'new'] } }), {
    exceeded: true,
    compared: { group: 'few' },
  })
}

async function steps(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  await past(counter, 2)
  await look(counter, { key: 'a', day: 2, count: 9 })
  t.match(await look(counter, { key: 'a', day: 1, count: 11 }), { distinct: 11 }, 'still day 2')
  t.match(await look(counter, { key: 'a', day: 2, count: 0 }), { distinct: 11 })
  t.match(await look(counter, { key: 'b', day: 3, count: 9 }), { compared: { agentDays: 7 } })
  await look(counter, { key: 'a', day: 9, count: 5 })
  t.match(await look(counter, { key: 'a', day: 4, count: 2 }), { distinct: 2 })
  t.match(
    await look(counter, { key: 'c', day: 5, count: 2 }),
    { compared: { agentDays: 9 } },
    'of the ninth day, which has not come yet, nothing is left',
  )
}

async function plain(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  const baseline = { plain: true }
  await look(counter, { key: 'a', day: 0, count: 5, baseline })
  t.match(await look(counter, { key: 'a', day: 0, count: 5, baseline }), { distinct: 10 })
  t.match(await look(counter, { key: 'a', day: 1, count: 1, baseline }), { distinct: 1 })
}

async function forgets(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  await past(counter, 2)
  t.match(await look(counter, { key: 'a', day: 2, count: 90 }), { crossed: true })
  await counter.forget(['a'])
  t.match(await look(counter, { key: 'a', day: 2 }), { distinct: 0, active: false })
  t.match(await look(counter, { key: 'a', day: 2, count: 5 }), { distinct: 5, crossed: false })
  t.match(await look(counter, { key: 'a', day: 3, count: 90 }), {
    compared: { median: 12, agentDays: 6 },
    crossed: true,
  })
  t.match(await look(counter, { key: 'b', day: 3, count: 1 }), { compared: { agentDays: 7 } })
}

async function limits(t: Test, make: Make): Promise<void> {
  const { counter } = await make(t)
  await look(counter, { key: 'a', day: 0, count: 5_000 })
  t.match(await look(counter, { key: 'a', day: 0, count: 5_000, from: 9_000 }), { distinct: 5_000 })
  for (let first = 0; first < 1_100; first += 100) {
    await counter.add(
      Array.from({ length: 100 }, (_, i) => ({
        key: `agent ${first + i}`,
        members: ['m'],
        withinMs: DAY_MS,
        over: 0,
        baseline: { ...BASELINE, offsetMs: NOON_MS + DAY_MS },
      })),
    )
  }
  t.match(await look(counter, { key: 'b', day: 2, count: 1 }), { compared: { agentDays: 1_001 } })
  const wrong: Partial<Baseline>[] = [
    { groups: [] },
    { groups: ['a', 'a'] },
    { groups: Array.from({ length: 17 }, (_, i) => `${i}`) },
    { days: 61 },
    { days: 0 },
    { agentDays: 0 },
    { floor: 0 },
    { over: 0 },
    { on: 2, of: 1 },
    { of: 61 },
    { offsetMs: 0.5 },
  ]
  for (const baseline of wrong)
    await t.rejects(look(counter, { key: 'a', day: 0, baseline }), { code: 'ERR_ASSERTION' })
}

async function agrees(t: Test, make: Make): Promise<void> {
  const { counter, runs } = await make(t)
  let serial = 0
  const rule = { days: 3, agentDays: 2, floor: 1, over: 1.5, on: 2, of: 3, plain: false }
  const call = fc.record({
    agent: fc.nat({ max: 4 }),
    groups: fc.constantFrom(['r'], ['r'], ['s'], ['r', 's']),
    members: fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 8 }),
    pause: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 5),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 20, maxLength: 80 }), async (calls) => {
      const model = new DayModel(rule)
      serial += 1
      const name = String(serial)
      let day = 0
      for (const { agent, groups, members, pause } of calls) {
        day += pause
        const said = model.add(`${agent}`, day, groups, members.map(String))
        const [state] = await counter.add([
          {
            key: `${name} ${agent}`,
            members: members.map(String),
            withinMs: DAY_MS,
            over: 0,
            baseline: {
              ...rule,
              groups: groups.map((group) => `${name} ${group}`),
              offsetMs: NOON_MS + day * DAY_MS,
            },
          },
        ])
        assert.deepEqual(judged(state), {
          ...said,
          compared: said.compared && {
            ...said.compared,
            group: `${name} ${said.compared.group}`,
          },
        })
      }
    }),
    { numRuns: runs },
  )
  t.pass()
}

function judged(state: LookupState | undefined) {
  const { distinct, exceeded, crossed, compared } = state ?? {}
  const { daysOver: _daysOver, ...rest } = compared ?? {}
  return { distinct, exceeded, crossed, compared: compared && rest }
}
