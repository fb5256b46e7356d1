/** Who may see a class in clear for one request: roles, reasons, hours, levels, and the days of budgets. */
import { test } from 'tap'
import { decideReveal } from '../../../src/rules/reveal/decide-reveal.ts'
import type { RevealStanding } from '../../../src/rules/reveal/decide-reveal.ts'
import { dayOf, isTimeZone, isWithin } from '../../../src/rules/reveal/local-time.ts'
import type { RevealRequest } from '../../../src/rules/reveal/reveal-rules.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

/** A Wednesday, 10:30 in Berlin. */
const NOW_MS = Date.UTC(2026, 10, 25, 9, 30)

const POLICY = compileText(`${PRELUDE}classes:
  payment.card: { mask: redact, sensitive: true }
  id.national: { mask: redact }
  contact.email: { mask: email }
reveal: { reasons: [refund, charge-back], ticket: integer, timeZone: Europe/Berlin }
roles:
  agent: {}
  lead:
    reveal:
      payment.card: { assurance: phishing-resistant, budget: 20/day, notify: true, justification: "Charge-backs" }
      contact.email: { reason: optional }
  clerk:
    reveal:
      id.national: { hours: { days: [mon, tue, wed], from: "08:00", to: "18:00" } }
      payment.card: { budget: 5/day, justification: "Refunds" }
routes: []
`)

const STANDING: RevealStanding = {
  roles: ['lead'],
  assurance: new Set(['phishing-resistant']),
  trained: true,
  writes: false,
  nowMs: NOW_MS,
}

function verdict(request: Partial<RevealRequest>, standing: Partial<RevealStanding> = {}) {
  const reason = { code: 'refund', ticket: '8123' }
  const asked = { classes: ['payment.card'], reason, text: undefined, grant: undefined, ...request }
  const decided = decideReveal(POLICY.reveal, asked, { ...STANDING, ...standing })
  return decided.effect === 'deny'
    ? decided.reason
    : decided.grants.map(({ role, dataClass, budgetPerDay }) => [role, dataClass, budgetPerDay])
}

test('a role reveals the classes that it may, under its conditions', (t) => {
  t.same(verdict({}), [['lead', 'payment.card', 20]])
  t.same(verdict({ classes: ['contact.email'] }), [['lead', 'contact.email', undefined]])
  t.same(verdict({ classes: ['contact.email', 'payment.card'] }), [
    ['lead', 'contact.email', undefined],
    ['lead', 'payment.card', 20],
  ])
  t.same(verdict({ classes: ['contact.email'], reason: undefined }), [
    ['lead', 'contact.email', undefined],
  ])
  t.end()
})

test('all that is asked for must be granted', (t) => {
  t.equal(verdict({ classes: ['id.national'] }), 'reveal-forbidden')
  t.equal(verdict({ classes: ['payment.card', 'id.national'] }), 'reveal-forbidden')
  t.equal(verdict({ classes: ['nothing.known'] }), 'reveal-forbidden')
  t.equal(verdict({}, { roles: ['agent'] }), 'reveal-forbidden')
  t.equal(verdict({}, { roles: [] }), 'reveal-forbidden')
  t.equal(verdict({}, { trained: false }), 'reveal-forbidden')
  t.equal(verdict({}, { writes: true }), 'reveal-forbidden')
  const nothing = compileText(`${PRELUDE}classes: {}\nroles: { agent: {} }\nroutes: []\n`)
  const none = decideReveal(
    nothing.reveal,
    { classes: ['x'], reason: undefined, text: undefined, grant: undefined },
    STANDING,
  )
  t.match(none, { effect: 'deny', reason: 'reveal-forbidden' }, 'a policy without reveals')
  t.end()
})

test('a reason is one of the policy, with a ticket of its type', (t) => {
  t.equal(verdict({ reason: undefined }), 'reveal-reason-missing')
  for (const reason of [
    { code: 'curious', ticket: '8123' },
    { code: 'refund', ticket: undefined },
    { code: 'refund', ticket: 'x' },
    { code: 'refund', ticket: '08123' },
    { code: 'constructor', ticket: '8123' },
  ]) {
    t.equal(verdict({ reason }), 'reveal-malformed', JSON.stringify(reason))
    t.equal(
      verdict({ classes: ['contact.email'], reason }),
      'reveal-malformed',
      'also where none is needed',
    )
  }
  t.end()
})

test('a level that is not met is told, so that the client can step up', (t) => {
  const asked = {
    classes: ['payment.card'],
    reason: { code: 'refund', ticket: '1' },
    text: undefined,
    grant: undefined,
  }
  const weak = { ...STANDING, assurance: new Set<string>() }
  t.match(decideReveal(POLICY.reveal, asked, weak), {
    reason: 'assurance-insufficient',
    level: { name: 'phishing-resistant', acr: ['phr', 'phrh'] },
  })
  t.end()
})

test('roles add up: one that grants is enough, and of several the largest budget', (t) => {
  const both = { roles: ['clerk', 'lead'] }
  t.same(verdict({}, both), [['lead', 'payment.card', 20]])
  t.same(verdict({}, { ...both, assurance: new Set() }), [['clerk', 'payment.card', 5]])
  t.equal(
    verdict({ reason: undefined }, { ...both, assurance: new Set() }),
    'reveal-reason-missing',
    'what all of them ask',
  )
  t.end()
})

test('hours are those of the zone of the policy', (t) => {
  const asked = { classes: ['id.national'] }
  const at = (...parts: [number, number, number, number, number]) =>
    verdict(asked, { roles: ['clerk'], nowMs: Date.UTC(...parts) })
  t.same(at(2026, 10, 25, 9, 30), [['clerk', 'id.national', undefined]])
  t.same(at(2026, 10, 25, 7, 0), [['clerk', 'id.national', undefined]], 'eight in Berlin')
  t.equal(at(2026, 10, 25, 6, 59), 'reveal-outside-hours')
  t.equal(at(2026, 10, 25, 17, 0), 'reveal-outside-hours', 'six in Berlin')
  t.same(at(2026, 6, 22, 6, 0), [['clerk', 'id.national', undefined]], 'eight in Berlin, in summer')
  t.equal(at(2026, 10, 26, 9, 30), 'reveal-outside-hours', 'a Thursday')
  const night = { days: new Set([3]), fromMinute: 0, toMinute: 1_440 }
  t.ok(isWithin(night, Date.UTC(2026, 10, 25, 23, 59), 'UTC'), 'until 24:00')
  t.notOk(isWithin(night, Date.UTC(2026, 10, 26, 0, 0), 'UTC'))
  t.end()
})

test('a day is one of the calendar, also where the clocks change', (t) => {
  const day = (ms: number, zone: string) => {
    const { date, endsMs, endsAt } = dayOf(ms, zone)
    return [date, endsAt, endsMs]
  }
  const midnight = Date.UTC(2026, 10, 25, 23)
  t.same(day(NOW_MS, 'Europe/Berlin'), ['2026-11-25', '2026-11-26T00:00:00+01:00', midnight])
  t.same(day(midnight - 1, 'Europe/Berlin')[0], '2026-11-25')
  t.same(day(midnight, 'Europe/Berlin')[0], '2026-11-26')
  t.same(day(Date.UTC(2026, 2, 29, 12), 'Europe/Berlin')[1], '2026-03-30T00:00:00+02:00')
  t.same(day(Date.UTC(2026, 9, 25, 12), 'Europe/Berlin')[1], '2026-10-26T00:00:00+01:00')
  t.same(day(0.5, 'UTC')[0], '1970-01-01')
  t.equal(day(Date.UTC(2026, 8, 6, 12), 'America/Santiago')[1], '2026-09-07T00:00:00-03:00')
  for (const zone of ['Mars/Olympus', '', 'europe', '__proto__']) t.notOk(isTimeZone(zone), zone)
  for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York']) t.ok(isTimeZone(zone), zone)
  t.end()
})
