/** Edits of one policy, each with the lines that must be told of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import type { LoadResult } from '../../src/cli/load-policy.ts'
import type { PolicyChange } from '../../src/insight/policy-diff/change.ts'

export const POLICY = `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9", headers: { authorization: first-secret } } }
identity:
  issuers:
    - { issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]", maxLife: 1h }
  assurance: { strong: { amr: [hwk], maxAge: 1h } }
  training: { claim: trained, maxAge: 365d }
classes:
  person.name: { mask: initials }
  contact.email: { mask: redact, assurance: strong }
  payment.card: { mask: { keepLast: 4 } }
  text.note: { mask: { scan: [contact.email, payment.card] } }
roles:
  agent: { show: [person.name] }
  lead: { show: [person.name, contact.email], reveal: { payment.card: { budget: 5/day } }, justification: none }
  clerk: { show: [payment.card] }
reveal: { reasons: [refund, fraud] }
inbound: { payment.card: redact }
anywhere: { contact.email: $..email }
routes:
  - match: GET /users/{id:integer}
    upstream: desk
    roles: [agent, lead]
    assurance: strong
    unlisted: mask
    query: { page: integer }
    fields: { person.name: $.user.name, payment.card: $.user.card, text.note: $.user.note }
    plain: [$.user.id]
    fixture: none
  - match: GET /notes
    upstream: desk
    unlisted: mask
    errors: mask
    fields: { text.note: "$.notes[*].text", payment.card: "$.notes[*].card" }
    plain: ["$.notes[*].id"]
    fixture: none
  - match: POST /notes
    upstream: desk
    roles: [lead]
    unlisted: mask
    body: { types: [application/json], text: [$.text], fixture: none }
    fields: {}
    fixture: none
detect:
  - name: cards
    classes: [payment.card]
    count: { distinct: dataSubject, over: 20, within: 10m }
    then: [flag]
audit: { ledger: locations, replicas: 1 }
`

export const USERS = 'GET /users/{id:integer}'
export type Expected = Partial<PolicyChange>

interface Case {
  readonly name: string
  readonly edits: readonly (readonly [from: string, to: string])[]
  /** Told, among others where there are more. */
  readonly told: readonly Expected[]
  /** How many lines count as looser; of the change turned around, with `back`. */
  readonly looser: number
  readonly back?: number
}

export const CASES: readonly Case[] = [
  {
    name: 'a role shows one class more: at each place of it, on each route',
    edits: [['agent: { show: [person.name] }', 'agent: { show: [person.name, contact.email] }']],
    told: [
      { what: 'visible', route: USERS, at: '$..email', role: 'agent', from: 'redact', to: 'show' },
      { what: 'visible', route: 'GET /notes', at: 'errors: $..email', role: 'agent' },
    ],
    looser: 3,
    back: 0,
  },
  {
    name: 'a place that becomes plain is seen by every role',
    edits: [
      [', text.note: $.user.note }', ' }'],
      ['plain: [$.user.id]', 'plain: [$.user.id, $.user.note]'],
    ],
    told: [
      { role: 'agent', at: '$.user.note', class: 'text.note -> no class', to: 'show' },
      { role: 'lead', at: '$.user.note', to: 'show' },
      { role: 'lead', at: '$.user.note & $..email', to: 'show' },
      { role: 'agent', at: '$.user.note', from: 'scan(contact.email, payment.card)', to: 'mask' },
    ],
    looser: 3,
  },
  {
    name: 'a place that loses its line is masked by its type, which is less than a scan leaves',
    edits: [[', text.note: $.user.note }', ' }']],
    told: [
      { direction: 'stricter', what: 'masked', at: '$.user.note', to: 'mask' },
      // A note that is an object: who sees addresses sees one in it that the note has hidden.
      { direction: 'looser', role: 'lead', at: '$.user.note & $..email', to: 'show' },
    ],
    looser: 1,
    back: 2,
  },
  {
    name: 'a place of another class: by what each role sees of that',
    edits: [
      [
        'person.name: $.user.name, payment.card: $.user.card',
        'person.name: [$.user.name, $.user.card]',
      ],
    ],
    told: [{ role: 'agent', at: '$.user.card', from: 'keepLast(4)', to: 'show' }],
    looser: 2,
  },
  {
    name: 'a place of a class that a role may reveal, as hidden as before',
    edits: [
      ['text.note: $.user.note }', 'text.note: $.user.note, payment.card: $.user.secret }'],
      ['payment.card: $.user.card, ', 'payment.card: [$.user.card, $.user.secret], '],
      [', payment.card: $.user.secret }', ' }'],
      ['payment.card: { mask: { keepLast: 4 } }', 'payment.card: { mask: redact }'],
    ],
    told: [{ role: 'lead', at: '$.user.secret', class: 'no class -> payment.card', to: 'reveal' }],
    looser: 1,
  },
  {
    name: 'a place of another class that is masked alike: nobody watches it as before',
    edits: [
      [
        'contact.email: { mask: redact',
        'id.other: { mask: { keepLast: 4 } }\n  contact.email: { mask: redact',
      ],
      ['roles: [agent, lead]', 'roles: [agent]'],
      ['payment.card: $.user.card', 'id.other: $.user.card'],
    ],
    told: [{ direction: 'unclear', at: '$.user.card', class: 'payment.card -> id.other' }],
    looser: 1,
  },
  {
    name: 'what is unlisted is shown',
    edits: [['unlisted: mask\n    query', 'unlisted: show\n    query']],
    told: [{ at: '(what no line names)', from: 'mask', to: 'show', role: 'agent', route: USERS }],
    looser: 2,
    back: 0,
  },
  {
    name: 'an operator that leaves more',
    edits: [['contact.email: { mask: redact', 'contact.email: { mask: { keepLast: 2 }']],
    told: [{ class: 'contact.email', from: 'redact', to: 'keepLast(2)', direction: 'looser' }],
    looser: 1,
    back: 0,
  },
  {
    name: 'more characters are kept',
    edits: [['{ keepLast: 4 }', '{ keepLast: 6 }']],
    told: [{ class: 'payment.card', from: 'keepLast(4)', to: 'keepLast(6)' }],
    looser: 1,
    back: 0,
  },
  {
    name: 'operators that nobody can order, either way',
    edits: [['person.name: { mask: initials }', 'person.name: { mask: { name: first } }']],
    told: [{ direction: 'unclear', class: 'person.name' }],
    looser: 1,
    back: 1,
  },
  {
    name: 'a class is no longer looked for in texts',
    edits: [['scan: [contact.email, payment.card]', 'scan: [contact.email]']],
    told: [{ direction: 'looser', class: 'text.note' }],
    looser: 1,
    back: 0,
  },
  {
    name: 'a route comes, with all that roles see on it',
    edits: [
      [
        'detect:\n',
        '  - match: GET /new\n    upstream: desk\n    unlisted: mask\n    roles: [clerk]\n    fields: { payment.card: $.card }\n    fixture: none\ndetect:\n',
      ],
    ],
    told: [
      { what: 'allowed', route: 'GET /new', role: 'clerk' },
      { what: 'visible', route: 'GET /new', role: 'clerk', class: 'payment.card', from: 'refused' },
    ],
    looser: 2,
    back: 0,
  },
  {
    name: 'a route goes whose paths another one has: what that shows is told',
    edits: [
      ['match: GET /users/{id:integer}', 'match: GET /users/{id:slug}'],
      ['payment.card: $.user.card, ', ''],
      ['plain: [$.user.id]', 'plain: [$.user.id, $.user.card]'],
    ],
    told: [
      { direction: 'unclear', route: USERS, key: 'routes[]' },
      { what: 'visible', route: 'GET /users/{id:slug}', at: '$.user.card', role: 'agent' },
    ],
    looser: 9,
  },
  {
    name: 'a role may use a route',
    edits: [['roles: [agent, lead]', 'roles: [agent, lead, clerk]']],
    told: [
      { what: 'allowed', route: USERS, role: 'clerk' },
      { what: 'visible', route: USERS, role: 'clerk', class: 'payment.card' },
    ],
    looser: 2,
    back: 0,
  },
  {
    name: 'a role comes',
    edits: [['  clerk:', '  temp: {}\n  clerk:']],
    told: [
      { what: 'allowed', role: 'temp', key: 'roles.temp' },
      { what: 'allowed', role: 'temp', route: 'GET /notes' },
    ],
    looser: 2,
    back: 0,
  },
  {
    name: 'a class that no route has is shown: a route may have it tomorrow',
    edits: [
      ['  text.note: { mask', '  id.passport: { mask: redact }\n  text.note: { mask'],
      ['agent: { show: [person.name] }', 'agent: { show: [person.name, "id.*"] }'],
    ],
    told: [{ what: 'rule', role: 'agent', class: 'id.passport', key: 'roles.agent.show' }],
    looser: 1,
    back: 0,
  },
  {
    name: 'several roles see together what none of them sees alone',
    edits: [
      [
        'fields: { text.note: "$.notes[*].text", payment.card: "$.notes[*].card" }',
        'fields: { text.note: "$.notes[*].text", payment.card: "$.notes[*].card", person.name: "$.notes[*].text" }',
      ],
      [
        'text.note: "$.notes[*].text", payment.card: "$.notes[*].card", person',
        'payment.card: ["$.notes[*].card", "$.notes[*].text"], person',
      ],
    ],
    told: [{ role: '(roles together)', at: '$.notes[*].text', to: 'show' }],
    looser: 2,
  },
  {
    name: 'places below a list, by the filter that selects them',
    edits: [['payment.card: "$.notes[*].card"', `payment.card: "$.notes[?@.kind == 'a'].card"`]],
    // Masked by type where the filter does not hold: stricter for those who saw part of it, and who saw it whole.
    told: [
      { direction: 'stricter', at: '$.notes[*].card', role: 'clerk', from: 'show', to: 'mask' },
    ],
    looser: 1,
  },
  ...control(
    'a level for a class',
    ', assurance: strong }',
    ' }',
    'classes.contact.email.assurance',
  ),
  ...control('a level for a route', '    assurance: strong\n', '', 'routes[].assurance'),
  ...control('training', '  training: { claim: trained, maxAge: 365d }\n', '', 'identity.training'),
  ...control('training holds longer', 'maxAge: 365d', 'maxAge: 700d', 'identity.training.maxAge'),
  ...control('a login may be older', 'maxAge: 1h }', 'maxAge: 2h }', 'identity.assurance.strong'),
  ...control('another way to log in', 'amr: [hwk]', 'amr: [hwk, pwd]', 'identity.assurance.strong'),
  ...control('tokens live longer', 'maxLife: 1h', 'maxLife: 12h', /^identity\.issuers\..*maxLife$/),
  ...control('another algorithm', '[ES256]', '[ES256, RS256]', /algorithms$/),
  ...control('a larger budget', '5/day', '50/day', 'roles.lead.reveal.payment.card.budget'),
  ...control('no budget', '{ budget: 5/day }', '{}', 'roles.lead.reveal.payment.card.budget'),
  ...control('a reason less asked for', '{ budget', '{ reason: optional, budget', /reason$/),
  ...control('another reason', '[refund, fraud]', '[refund, fraud, other]', 'reveal.reasons'),
  ...control(
    'nothing is taken out of texts',
    'inbound: { payment.card: redact }\n',
    '',
    /^inbound/,
  ),
  ...control(
    'a mask instead',
    'payment.card: redact }\nany',
    'payment.card: mask }\nany',
    /^inbound/,
  ),
  ...control('a parameter', 'page: integer', 'page: integer, q: slug', 'routes[].query.q'),
  ...control('any parameter', '{ page: integer }', 'any', 'routes[].query'),
  ...control('a higher threshold', 'over: 20', 'over: 40', 'detect.cards.count.over'),
  ...control(
    'fewer classes watched',
    '    classes: [payment.card]\n    count',
    '    classes: [payment.card]\n    effect: [read]\n    count',
    'detect.cards.effect',
  ),
  {
    name: 'one more response',
    edits: [['then: [flag]', 'then: [flag, block]']],
    told: [{ direction: 'stricter', key: 'detect.cards.then' }],
    looser: 0,
    back: 1,
  },
  ...control(
    'a rule goes',
    POLICY.slice(POLICY.indexOf('detect:'), POLICY.indexOf('audit:')),
    '',
    /^detect/,
  ),
  ...control('a shorter record', 'ledger: locations', 'ledger: counts', 'audit.ledger'),
  ...control('fewer replicas', ', replicas: 1', '', 'audit.replicas'),
  ...control(
    'errors pass masked',
    '    query: { page',
    '    errors: mask\n    query: { page',
    'routes[].errors',
  ),
  ...control(
    'scripts of an origin',
    'inbound:',
    'cors: { origins: ["https://a.example"] }\ninbound:',
    /^cors/,
  ),
  {
    name: 'a purpose that a route needs, by a default',
    edits: [
      [
        'inbound:',
        'purposes: { support: {}, refund: {} }\ndefaults: { purpose: [support] }\ninbound:',
      ],
    ],
    told: [{ direction: 'stricter', key: 'routes[].purpose', route: USERS, to: 'support' }],
    looser: 2,
  },
  {
    name: 'countries of national numbers, which are some where nothing is said',
    edits: [['inbound:', 'defaults: { countries: [US] }\ninbound:']],
    told: [{ direction: 'unclear', key: 'defaults.countries' }],
    looser: 1,
    back: 1,
  },
  {
    name: 'a credential of an upstream: unclear, and never told',
    edits: [['first-secret', 'second-secret']],
    told: [{ direction: 'unclear', key: 'upstreams.desk.headers.authorization', from: 'present' }],
    looser: 1,
    back: 1,
  },
  {
    name: 'a key that nobody has thought of is unclear either way',
    edits: [['version: 1\n', 'version: 1\ntenant: other\n']],
    told: [{ direction: 'unclear', key: 'tenant' }],
    looser: 1,
    back: 1,
  },
  {
    name: 'a self-test, a sample of answers, TLS of its own: each is a control',
    edits: [
      [
        'audit: { ledger: locations',
        'listen: { tls: { certificate: a.pem, key: b.pem } }\nselfTest: { direct: [{ upstream: desk, path: /users/7 }] }\naudit: { sampleUnlisted: { oneIn: 100 }, ledger: locations',
      ],
    ],
    told: [
      { direction: 'stricter', key: 'listen' },
      { direction: 'stricter', key: 'selfTest' },
      { direction: 'stricter', key: 'audit.sampleUnlisted' },
    ],
    looser: 0,
    back: 3,
  },
  {
    name: 'reasons, owners, the register and marks change nothing',
    edits: [
      ['justification: none', 'justification: other, owner: Dana'],
      ['version: 1\n', 'version: 1\nmarks: { header: false }\nregister: { controller: A }\n'],
    ],
    told: [{ direction: 'neutral', key: 'register' }],
    looser: 0,
    back: 0,
  },
]

/** One looser line with this key, of the change turned around one stricter. */
function control(name: string, from: string, to: string, key: string | RegExp): readonly Case[] {
  const told = [{ direction: 'looser', key: key as string }] as const
  return [{ name, edits: [[from, to]], told, looser: 1, back: 0 }]
}

/** Loads a policy from a text, by a file in a folder of the test. */
export function loadText(folder: string, text: string): LoadResult {
  const file = join(folder, 'policy.yaml')
  writeFileSync(file, text)
  return loadPolicy({ file, environment: {}, mode: 'author' })
}

/** {@link POLICY} with each text in place of another. Throws where one does not stand there. */
export function edited(edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the policy has no ${from}`)
    return text.replace(from, to)
  }, POLICY)
}
