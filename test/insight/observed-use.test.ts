/** What is counted of records: one request for all windows of an answer, none for an intent, nothing for what the policy does not know. */
import { test } from 'tap'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { purgeActivity } from '../../src/audit/retention/retention-activity.ts'
import type { AccessFacts } from '../../src/core/audit-facts.ts'
import type { AuditRecord, StreamName } from '../../src/core/audit-record.ts'
import { ObservedUse } from '../../src/insight/suggest/observed-use.ts'
import { ACCESS, FINDING, PURGE } from '../helpers/audit-facts.ts'
import { detectionFinding } from '../../src/audit/detection-finding.ts'

const ROUTE = 'GET /users/{id:integer}'
const SCOPE = {
  fromMs: 1_000,
  toMs: 2_000,
  policy: ACCESS.policy,
  roles: new Set(['agent', 'lead']),
  classes: new Set(['person.name', 'payment.card']),
  routes: new Set([ROUTE]),
}

function seenOf(...records: readonly (readonly [AuditRecord, StreamName?])[]): ObservedUse {
  const seen = new ObservedUse(SCOPE)
  for (const [record, stream = 'records'] of records) seen.take({ record, stream })
  return seen
}

const access = (facts: Partial<AccessFacts> = {}, roles = ['agent']): readonly [AuditRecord] => [
  apiActivity({
    ...ACCESS,
    timeMs: 1_500,
    route: ROUTE,
    subject: { ...ACCESS.subject, roles },
    classes: [{ class: 'person.name', shown: 2, masked: 0, revealed: 0 }],
    ...facts,
  }),
]
const window = (phase: 'opening' | 'interim' | 'closing') =>
  access({ phase, part: { phase, window: 1, bytesBefore: 0 } })

test('an answer in windows is one request, and each window counts what it shows', (t) => {
  const seen = seenOf(window('opening'), window('interim'), window('closing'))
  t.equal(seen.accesses, 1)
  t.equal(seen.role('agent').requests, 1)
  t.match(seen.route(ROUTE), { requests: 1 })
  t.match(seen.ofClass('agent', 'person.name'), { shown: 6, answers: 3 })
  t.end()
})

test('an intent calls the route and is no request of its own', (t) => {
  const seen = seenOf(access({ phase: 'intent' }))
  t.equal(seen.accesses, 0)
  t.equal(seen.role('agent').requests, 0)
  t.ok(seen.route(ROUTE)?.byRole.has('agent'))
  t.equal(seen.ofClass('agent', 'person.name').shown, 0)
  t.end()
})

test('each role of an agent is counted; roles, classes and routes that the policy does not know are not', (t) => {
  const seen = seenOf(
    access({}, ['agent', 'lead', 'nobody']),
    access({
      route: 'GET /other',
      classes: [{ class: 'no.such', shown: 1, masked: 0, revealed: 0 }],
    }),
  )
  for (const role of ['agent', 'lead']) t.equal(seen.ofClass(role, 'person.name').shown, 2)
  t.equal(seen.role('nobody').requests, 0)
  t.equal(seen.route('GET /other'), undefined)
  t.equal(seen.ofClass('agent', 'no.such').shown, 0)
  t.end()
})

test('what was asked of the role counts, and what a grant gave does not', (t) => {
  const revealed = [{ class: 'payment.card', shown: 0, masked: 0, revealed: 1 }]
  const asked = { classes: ['payment.card'], reason: 'refund', ticket: '1' }
  const seen = seenOf(
    access({ classes: revealed, reveal: asked }),
    access({ classes: revealed, reveal: { ...asked, grant: { id: 'g', approver: 'dana' } } }),
  )
  t.match(seen.ofClass('agent', 'payment.card'), { asked: 1, revealed: 2, revealedAnswers: 1 })
  t.end()
})

test('times outside of the span tell only how far back the audit is whole', (t) => {
  const seen = seenOf(access({ timeMs: 500 }), access({ timeMs: 2_000 }), access({ timeMs: 1_000 }))
  t.equal(seen.accesses, 1)
  t.equal(seen.wholeSinceMs, 500)
  t.equal(seen.policySinceMs, 500)
  const finding: readonly [AuditRecord, StreamName] = [
    detectionFinding({ ...FINDING, timeMs: 100 }),
    'findings',
  ]
  t.equal(seenOf(finding).wholeSinceMs, Number.POSITIVE_INFINITY, 'findings are kept longer')
  const purge: readonly [AuditRecord, StreamName] = [
    purgeActivity({ ...PURGE, before: { records: 1_200 } }),
    'chain',
  ]
  t.equal(seenOf(access({ timeMs: 500 }), purge).wholeSinceMs, 1_200)
  t.equal(seenOf().wholeSinceMs, Number.POSITIVE_INFINITY)
  t.end()
})
