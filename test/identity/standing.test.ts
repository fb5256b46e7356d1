/** What claims say of a login and of training: every shape that could be taken for more than it is. */
import { test } from 'tap'
import { isTrained, levelsMet } from '../../src/identity/standing.ts'
import type { AssuranceLevel, Training } from '../../src/rules/trust.ts'

const NOW_S = 1_800_000_000
const NOW_MS = NOW_S * 1_000
const HOUR_S = 3_600

const level = (parts: Partial<AssuranceLevel>): AssuranceLevel => ({
  name: 'level',
  acr: [],
  amr: [],
  maxAgeSeconds: undefined,
  ...parts,
})

test('a level is met by one of its acr or one of its amr, compared exactly', (t) => {
  const mfa = level({ acr: ['phr', 'phrh'], amr: ['hwk', 'otp'] })
  const meets = (claims: Readonly<Record<string, unknown>>) =>
    levelsMet([mfa], claims, NOW_MS).has('level')
  const good: readonly Readonly<Record<string, unknown>>[] = [
    { acr: 'phr' },
    { acr: 'phrh' },
    { amr: ['hwk'] },
    { amr: ['pwd', 'otp'] },
    { acr: '0', amr: ['otp'] },
  ]
  for (const claims of good) t.ok(meets(claims), JSON.stringify(claims))
  const bad: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { acr: 'PHR' },
    { acr: 'phr ' },
    { acr: 'phr phrh' },
    { acr: ['phr'] },
    { acr: { phr: true } },
    { acr: null },
    { amr: 'hwk' },
    { amr: 'pwd hwk' },
    { amr: [['hwk']] },
    { amr: { 0: 'hwk' } },
    { amr: ['HWK', 'pwd'] },
    { amr: [] },
    { acr: 'hwk', amr: ['phr'] },
  ]
  for (const claims of bad) t.notOk(meets(claims), JSON.stringify(claims))
  t.end()
})

test('a level with an age needs a login that is recent enough, and says when', (t) => {
  const fresh = level({ amr: ['otp'], maxAgeSeconds: HOUR_S })
  const meets = (authTime: unknown) =>
    levelsMet([fresh], { amr: ['otp'], auth_time: authTime }, NOW_MS).has('level')
  for (const authTime of [NOW_S, NOW_S - HOUR_S, NOW_S - HOUR_S - 30, NOW_S + 30, NOW_S - 0.5])
    t.ok(meets(authTime), String(authTime))
  const bad = [
    NOW_S - HOUR_S - 31,
    NOW_S + 31,
    0,
    -1,
    String(NOW_S),
    null,
    undefined,
    [NOW_S],
    true,
  ]
  for (const authTime of bad) t.notOk(meets(authTime), String(authTime))
  t.notOk(levelsMet([fresh], { auth_time: NOW_S }, NOW_MS).has('level'), 'recent, but not by otp')
  const recent = level({ maxAgeSeconds: HOUR_S })
  t.ok(levelsMet([recent], { auth_time: NOW_S }, NOW_MS).has('level'), 'any login, if recent')
  t.end()
})

test('of several levels those that are met are named', (t) => {
  const levels = [level({ name: 'a', amr: ['otp'] }), level({ name: 'b', amr: ['hwk'] })]
  t.same([...levelsMet(levels, { amr: ['hwk'] }, NOW_MS)], ['b'])
  t.same([...levelsMet(levels, { amr: ['hwk', 'otp'] }, NOW_MS)], ['a', 'b'])
  t.same([...levelsMet([], { amr: ['hwk'] }, NOW_MS)], [])
  t.end()
})

test('training holds for its time; anything unclear is overdue', (t) => {
  const training: Training = { claim: ['trained'], maxAgeMs: 30 * 86_400_000 }
  const trained = (value: unknown) => isTrained(training, { trained: value }, NOW_MS)
  const day = (days: number) => new Date(NOW_MS + days * 86_400_000).toISOString()
  const good = [
    NOW_S,
    NOW_S - 30 * 86_400,
    NOW_S + 30,
    day(0),
    day(-29),
    day(-29).slice(0, 10),
    day(0).slice(0, 10),
    day(1).slice(0, 10),
    '2027-01-01T00:00:00+02:00',
    '2027-01-01t00:00:00.123z',
  ]
  for (const value of good) t.ok(trained(value), String(value))
  const bad = [
    undefined,
    null,
    true,
    0,
    -1,
    NOW_S - 30 * 86_400 - 1,
    NOW_S + 31,
    NOW_MS,
    day(-31),
    day(2).slice(0, 10),
    day(1),
    '',
    'yes',
    String(NOW_S),
    '2027-13-01',
    '2027-01-01T00:00:00',
    '01/01/2027',
    '2027',
    ' 2027-01-01',
    [NOW_S],
    { at: NOW_S },
  ]
  for (const value of bad) t.notOk(trained(value), JSON.stringify(value) ?? 'undefined')
  t.end()
})

test('the training claim is found by its steps, among own members only', (t) => {
  const at = (...claim: readonly (string | number)[]): Training => ({ claim, maxAgeMs: 1_000 })
  t.ok(isTrained(at('a', 'b', 1), { a: { b: [0, NOW_S] } }, NOW_MS))
  t.ok(isTrained(at('a', -1), { a: [0, NOW_S] }, NOW_MS))
  t.ok(isTrained(at('__proto__'), JSON.parse(`{"__proto__":${NOW_S}}`) as object as never, NOW_MS))
  for (const claims of [{}, { a: null }, { a: 'b' }, { a: [] }, { a: { c: NOW_S } }])
    t.notOk(isTrained(at('a', 'b'), claims, NOW_MS), JSON.stringify(claims))
  t.notOk(isTrained(at('constructor', 'length'), {}, NOW_MS))
  t.end()
})
