/** Durations as policies write them. */
import { test } from 'tap'
import { DURATION_PATTERN, durationWithin, parseDuration } from '../../src/core/duration.ts'

test('a whole number and a unit are milliseconds', (t) => {
  const durations: Readonly<Record<string, number>> = {
    '1ms': 1,
    '90s': 90_000,
    '10m': 600_000,
    '8h': 28_800_000,
    '30d': 2_592_000_000,
    '2w': 1_209_600_000,
    '1y': 31_536_000_000,
    '999999999ms': 999_999_999,
  }
  for (const [text, ms] of Object.entries(durations)) {
    t.equal(parseDuration(text), ms, text)
    t.match(text, new RegExp(DURATION_PATTERN), `the schema takes ${text}`)
  }
  t.end()
})

test('so many milliseconds are told by the longest duration that fits in', (t) => {
  const told = { 1: '1ms', 59_999: '59s', 60_000: '1m', 90_000_000: '1d', 5_270_400_000: '61d' }
  for (const [ms, text] of Object.entries(told)) t.equal(durationWithin(Number(ms)), text)
  t.equal(durationWithin(0), undefined)
  t.equal(durationWithin(-5), undefined)
  t.end()
})

test('everything else is no duration', (t) => {
  const odd = [
    '',
    '10',
    'm',
    '0s',
    '01s',
    '-1s',
    '+1s',
    '1.5h',
    '1e3s',
    '10 m',
    ' 10m',
    '10m ',
    '10M',
  ]
  odd.push(
    '10min',
    '1h30m',
    '10m\n',
    '1µs',
    '１m',
    '1000000000ms',
    'constructor',
    '1__proto__',
    '∞s',
  )
  for (const text of odd) t.equal(parseDuration(text), undefined, encodeURIComponent(text))
  t.equal(parseDuration('999999999y'), undefined, 'beyond whole numbers')
  t.end()
})
