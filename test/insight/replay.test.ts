/** What another policy would have made of past requests: each case one record and one edit of the policy that it was under. */
import { test } from 'tap'
import { apiActivity } from '../../src/audit/api-activity.ts'
import type { AccessFacts } from '../../src/core/audit-facts.ts'
import { ReplayReport } from '../../src/insight/replay/replay-report.ts'
import type { ReplayLine } from '../../src/insight/replay/replay-report.ts'
import { ACCESS } from '../helpers/audit-facts.ts'
import { edited, loadText, POLICY, USERS } from './policy-changes.ts'

/** A record of the policy, of a lead unless it says otherwise. */
type Facts = Partial<Omit<AccessFacts, 'subject'>> & {
  readonly roles?: readonly string[]
  readonly agent?: string
  readonly assurance?: readonly string[]
}

const SHOWN = { class: 'contact.email', shown: 2, masked: 0, revealed: 0 }
const MASKED = { class: 'contact.email', shown: 0, masked: 2, revealed: 0 }
const CARD = { class: 'payment.card', shown: 0, masked: 3, revealed: 0 }

const TEXTS = { class: 'text.note', shown: 2, masked: 1, revealed: 0 }
const SEARCHED = 'what would be found in its texts is not on record'

/** So many cards of a ledger of locations. */
function cardsAt(count: number): Facts['locations'] {
  const at = "$['user']['card']"
  return [{ at, class: 'payment.card', rule: 'routes.0', operator: 'keepLast(4)', count }]
}

function textsAt(count: number): Facts['locations'] {
  const operator = 'scan(contact.email, payment.card)'
  return [{ at: "$['user']['note']", class: 'text.note', rule: 'routes.0', operator, count }]
}

interface Case {
  readonly name: string
  readonly edits: readonly (readonly [from: string, to: string])[]
  readonly facts: Facts
  readonly told: readonly Partial<ReplayLine>[]
}

const CASES: readonly Case[] = [
  {
    name: 'a class that a role would see',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, contact.email] }']],
    facts: { roles: ['agent'], classes: [MASKED] },
    told: [
      { change: 'newly visible', class: 'contact.email', roles: 'agent', places: 2, agents: 1 },
    ],
  },
  {
    name: 'nothing of texts that would be looked through as they were',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, contact.email] }']],
    facts: { classes: [TEXTS] },
    told: [],
  },
  {
    name: 'nothing of such texts with a ledger of locations',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, contact.email] }']],
    facts: { classes: [TEXTS], locations: textsAt(3) },
    told: [],
  },
  {
    name: 'texts that would be looked through for something else',
    edits: [['scan: [contact.email, payment.card]', 'scan: [contact.email]']],
    facts: { classes: [TEXTS] },
    told: [{ change: 'unknown', class: 'text.note', places: 3, reason: SEARCHED }],
  },
  {
    name: 'texts that were hidden in another way, and would be looked through',
    edits: [
      ['person.name: { mask: initials }', 'person.name: { mask: { scan: [contact.email] } }'],
    ],
    facts: {
      classes: [{ class: 'person.name', shown: 0, masked: 3, revealed: 0 }],
      reasons: ['role-permits', 'training-overdue'],
    },
    told: [{ change: 'unknown', class: 'person.name', places: 3, reason: SEARCHED }],
  },
  {
    name: 'texts that would be hidden whole: those in which nothing was found',
    edits: [['mask: { scan: [contact.email, payment.card] }', 'mask: redact']],
    facts: { classes: [TEXTS], locations: textsAt(3) },
    told: [{ change: 'newly hidden', class: 'text.note', places: 2 }],
  },
  {
    name: 'texts that a role would see: those in which something was found',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, text.note] }']],
    facts: { roles: ['agent'], classes: [TEXTS] },
    told: [{ change: 'newly visible', class: 'text.note', places: 1 }],
  },
  {
    name: 'a class that it would not',
    edits: [['show: [person.name, contact.email]', 'show: [person.name]']],
    facts: { classes: [SHOWN] },
    told: [{ change: 'newly hidden', class: 'contact.email', places: 2 }],
  },
  {
    name: 'a class that it could have revealed',
    edits: [
      ['show: [person.name, contact.email]', 'show: [person.name]'],
      ['reveal: { payment.card', 'reveal: { contact.email: {}, payment.card'],
    ],
    facts: { classes: [SHOWN] },
    told: [{ change: 'would need a reveal', class: 'contact.email', places: 2 }],
  },
  {
    name: 'nothing, by a change of what was not asked for',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, contact.email] }']],
    facts: { classes: [SHOWN, CARD] },
    told: [],
  },
  {
    name: 'nothing for who sees no class, since training is overdue',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, contact.email] }']],
    facts: { roles: ['agent'], classes: [MASKED], reasons: ['role-permits', 'training-overdue'] },
    told: [],
  },
  {
    name: 'a place that would be plain',
    edits: [
      ['person.name: $.user.name, payment.card: $.user.card', 'person.name: $.user.name'],
      ['plain: [$.user.id]', 'plain: [$.user.id, $.user.card]'],
    ],
    facts: {
      classes: [CARD],
      locations: cardsAt(3),
    },
    told: [{ change: 'newly visible', class: 'payment.card', places: 3 }],
  },
  {
    name: 'the same place where the record counts classes: a text may have held the card',
    edits: [
      ['person.name: $.user.name, payment.card: $.user.card', 'person.name: $.user.name'],
      ['plain: [$.user.id]', 'plain: [$.user.id, $.user.card]'],
    ],
    facts: { classes: [CARD] },
    told: [{ change: 'unknown', class: 'payment.card', places: 3 }],
  },
  {
    name: 'what is found in texts follows the class',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, payment.card] }']],
    facts: {
      roles: ['agent'],
      classes: [CARD],
      locations: cardsAt(1),
    },
    told: [{ change: 'newly visible', class: 'payment.card', places: 3 }],
  },
  {
    name: 'what no line names, where the ledger counted it',
    edits: [['unlisted: mask\n    query', 'unlisted: show\n    query']],
    facts: {
      classes: [],
      locations: [
        { at: "$['user'][*]", class: undefined, rule: 'unlisted', operator: 'mask', count: 5 },
      ],
    },
    told: [{ change: 'newly visible', class: '(what no line names)', places: 5 }],
  },
  {
    name: 'a route that is not there',
    edits: [['match: GET /users/{id:integer}', 'match: GET /people/{id:integer}']],
    facts: { classes: [SHOWN] },
    told: [{ change: 'newly refused', reason: 'route-unlisted', route: USERS, places: 0 }],
  },
  {
    name: 'a route that is not there, and whose paths another one has',
    edits: [['match: GET /users/{id:integer}', 'match: GET /users/{id:slug}']],
    facts: { classes: [SHOWN] },
    told: [{ change: 'unknown', reason: 'another route may take its path', route: USERS }],
  },
  {
    name: 'a route that the role may not use',
    edits: [['roles: [agent, lead]', 'roles: [agent]']],
    facts: { classes: [] },
    told: [{ change: 'newly refused', reason: 'route-forbidden', roles: 'lead' }],
  },
  {
    name: 'a role that is not there',
    edits: [['  clerk: { show: [payment.card] }\n', '']],
    facts: { route: 'GET /notes', roles: ['clerk'], classes: [] },
    told: [{ change: 'newly refused', reason: 'role-unknown' }],
  },
  {
    name: 'a level that was met then, and one that was not',
    edits: [['  - match: GET /notes\n', '  - match: GET /notes\n    assurance: strong\n']],
    facts: { route: 'GET /notes', roles: ['agent'], assurance: [], classes: [] },
    told: [{ change: 'newly refused', reason: 'assurance-insufficient' }],
  },
  {
    name: 'a level that is another one: no record tells',
    edits: [['amr: [hwk]', 'amr: [hwk, otp]']],
    facts: { classes: [SHOWN] },
    told: [{ change: 'unknown', reason: 'the level strong is another one' }],
  },
  {
    name: 'a request that was refused and would not be',
    edits: [['roles: [agent, lead]', 'roles: [agent, lead, clerk]']],
    facts: {
      roles: ['clerk'],
      effect: 'deny',
      status: 403,
      reasons: ['route-forbidden'],
      classes: [],
    },
    told: [{ change: 'newly allowed', reason: 'was route-forbidden', roles: 'clerk' }],
  },
  {
    name: 'one that was refused for another reason stays so',
    edits: [['roles: [agent, lead]', 'roles: [agent, lead, clerk]']],
    facts: { effect: 'deny', status: 502, reasons: ['upstream-unreachable'], classes: [] },
    told: [],
  },
  {
    name: 'a path that was listed nowhere, and a new route: no record tells',
    edits: [['match: GET /notes', 'match: GET /other']],
    facts: {
      route: undefined,
      effect: 'deny',
      status: 404,
      reasons: ['route-unlisted'],
      classes: [],
    },
    told: [{ change: 'unknown', reason: 'was route-unlisted' }],
  },
  {
    name: 'a reveal that would be refused',
    edits: [['reveal: { payment.card: { budget: 5/day } }, ', '']],
    facts: {
      classes: [{ class: 'payment.card', shown: 0, masked: 0, revealed: 1 }],
      reveal: { classes: ['payment.card'], reason: 'refund', ticket: undefined },
    },
    told: [{ change: 'newly refused', reason: 'reveal-forbidden' }],
  },
  {
    name: 'a reveal that would be given as it was',
    edits: [['5/day', '1/day']],
    facts: {
      classes: [{ class: 'payment.card', shown: 0, masked: 0, revealed: 1 }],
      reveal: { classes: ['payment.card'], reason: 'refund', ticket: undefined },
    },
    told: [],
  },
  {
    name: 'a purpose that is needed, and was not said',
    edits: [
      ['inbound:', 'purposes: { support: {} }\ninbound:'],
      ['    assurance: strong\n', '    assurance: strong\n    purpose: [support]\n'],
    ],
    facts: { classes: [SHOWN] },
    told: [{ change: 'newly refused', reason: 'purpose-missing' }],
  },
]

test('each request would have gone as the other policy says', (t) => {
  const folder = t.testdir()
  const before = loadText(folder, POLICY)
  for (const { name, edits, facts, told } of CASES) {
    const after = loadText(folder, edited(edits))
    const report = new ReplayReport(before, after)
    report.take(recordOf(facts, before.compiled.sha256))
    t.match(report.lines(), told, name)
    t.equal(report.lines().length, told.length, `${name}: nothing else`, { lines: report.lines() })
    const same = new ReplayReport(before, before)
    same.take(recordOf(facts, before.compiled.sha256))
    t.same(same.lines(), [], `${name}: under the same policy as it was`)
  }
  t.end()
})

test('agents are counted once, windows of an answer are one request, and intents none', (t) => {
  const before = loadText(t.testdir(), POLICY)
  const after = loadText(t.testdir(), edited([['show: [person.name, contact.email]', 'show: []']]))
  const report = new ReplayReport(before, after)
  const part = (phase: 'opening' | 'closing', window: number) => ({
    classes: [SHOWN],
    phase,
    part: { phase, window, bytesBefore: 0 },
  })
  for (const facts of [
    { classes: [SHOWN] },
    { classes: [SHOWN], agent: 'second' },
    part('opening', 1),
    part('closing', 2),
    { phase: 'intent', status: undefined, classes: [] } as const,
  ])
    report.take(recordOf(facts, before.compiled.sha256))
  report.take(recordOf({ classes: [] }, 'f'.repeat(64)))
  t.match(report.lines(), [{ change: 'newly hidden', places: 8, records: 4, agents: 2 }])
  t.equal(report.requests, 4)
  t.match(report.limits(), [
    /^1 of 4 requests were under other policies/,
    /^3 records count/,
    /^not/,
  ])
  t.end()
})

function recordOf(
  { roles = ['lead'], agent = 'first', assurance, ...facts }: Facts,
  policy: string,
) {
  const subject = { ...ACCESS.subject, id: agent, roles, assurance: assurance ?? ['strong'] }
  return apiActivity({ ...ACCESS, route: USERS, dataSubjects: [], policy, ...facts, subject })
}
