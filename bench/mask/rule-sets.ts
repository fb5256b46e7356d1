/** The rules that masking is measured with. One list for all variants: a query, and what happens to its locations. */

export type Treatment = 'redact' | 'email' | 'keepLast' | 'suppress' | 'show'

export interface Rule {
  readonly query: string
  readonly treatment: Treatment
}

/** What a treatment makes of a string; the same function for every variant. `redact` and `suppress` need none. */
export const APPLY = {
  email: (text: string) => {
    const at = text.lastIndexOf('@')
    return at > 1 ? `${text[0] ?? ''}***${text.slice(at)}` : '***'
  },
  keepLast: (text: string) => (text.length >= 8 ? `***${text.slice(-4)}` : '***'),
} as const

export const REDACTED = '[redacted]'

const rule = (query: string, treatment: Treatment): Rule => ({ query, treatment })

/** Four paths and a filter, for lists and single records alike. */
export const R5: readonly Rule[] = [
  rule("$['users','tickets'][*]['email','name']", 'redact'),
  rule("$['user','ticket'].email", 'email'),
  rule('$.users[*].ssn', 'suppress'),
  rule("$['ticket','tickets'].requester.email", 'email'),
  rule('$.users[*].custom_fields[?@.id == 360001].value', 'keepLast'),
]

const HITTING: readonly (readonly [string, Treatment])[] = [
  ['tickets[*].requester.name', 'redact'],
  ['tickets[*].requester.email', 'email'],
  ['tickets[*].requester.phone', 'keepLast'],
  ['tickets[*].subject', 'redact'],
  ['tickets[*].recipient', 'email'],
  ['tickets[*].url', 'redact'],
  ['tickets[*].submitter_id', 'redact'],
  ['tickets[*].type', 'redact'],
  ['users[*].name', 'redact'],
  ['users[*].email', 'email'],
  ['users[*].phone', 'keepLast'],
  ['users[*].ssn', 'suppress'],
  ['users[*].notes', 'redact'],
  ['users[*].url', 'redact'],
  ['users[*].time_zone', 'redact'],
  ['user.name', 'redact'],
  ['user.email', 'email'],
  ['user.phone', 'keepLast'],
  ['ticket.requester.name', 'redact'],
  ['ticket.requester.email', 'email'],
  ['ticket.comments[*].body', 'redact'],
  ['ticket.comments[*].via.source.from.email', 'email'],
  ['ticket.comments[*].via.source.from.phone', 'keepLast'],
  ['ticket.requester.phone', 'keepLast'],
  ['users[*].alias', 'redact'],
]

const missing = (count: number): Rule[] =>
  Array.from({ length: count }, (_, i) =>
    rule(`$.${['users', 'tickets', 'groups'][i % 3] ?? ''}[*].absent_${i}.value`, 'redact'),
  )

const hitting: readonly Rule[] = HITTING.map(([path, treatment]) => rule(`$.${path}`, treatment))

/** 50 rules, 25 of which hit; some six edits a kilobyte of the list. */
export const R50: readonly Rule[] = [...hitting, ...missing(25)]
/** The same edits among 200 rules. */
export const R200: readonly Rule[] = [...hitting, ...missing(175)]

const descendants = ['email', 'phone', 'ssn', 'name', 'notes'].map((name) =>
  rule(`$..${name}`, name === 'email' ? 'email' : 'redact'),
)

const shown = (record: string, names: string): Rule =>
  rule(
    `$.${record}[*][${names
      .split(' ')
      .map((name) => `'${name}'`)
      .join()}]`,
    'show',
  )

/** About every second leaf of the list by name; the others are left to `unlisted`. */
export const HALF: readonly Rule[] = [
  shown(
    'tickets',
    'id created_at type priority status submitter_id organization_id has_incidents due_at brand_id tags',
  ),
  shown('tickets', 'subject recipient'),
  rule("$.tickets[*].requester['id','locale']", 'show'),
  rule('$.tickets[*].custom_fields[*].id', 'show'),
  shown('users', 'id created_at time_zone organization_id verified tags active notes'),
  rule('$.users[*].custom_fields[*].id', 'show'),
]

/** Five names at any depth. */
export const D5: readonly Rule[] = descendants
/** The same edits among 200 names at any depth. */
export const D200: readonly Rule[] = [
  ...descendants,
  ...Array.from({ length: 195 }, (_, i) => rule(`$..absent_${i}`, 'redact')),
]

/** What the measured documents are about: each user, and each ticket's requester. */
export const SCOPES = [
  { at: '$.users[*]', id: '@.id' },
  { at: '$.tickets[*]', id: '@.requester.id' },
  { at: '$.user', id: '@.id' },
  { at: '$.ticket', id: '@.requester.id' },
]
