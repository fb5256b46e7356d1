/** The shipped policy with routes that change records: what the attacks on writes are sent to. */
import type {
  PolicyDocument,
  RouteDocument,
  WriteDocument,
} from '../../src/rules/policy/document.ts'

const upstream = 'helpdesk'
const READ_USER = 'GET /api/v2/users/{id:integer}'

const HELD: WriteDocument = {
  read: READ_USER,
  record: { request: '$.user', answer: '$.user' },
  merged: ['$.user.user_fields'],
  update: 'partial',
  returned: 'remove',
  precondition: 'none',
}

const USER_FIELDS = {
  'person.name': '$.user.name',
  'contact.email': '$.user.email',
  'contact.phone': '$.user.phone',
  'text.note': '$.user.notes',
  'payment.card': '$.user.user_fields.card_on_file',
}

/** Each reads the record by the shipped route of the same path. */
export const HELD_ROUTES: readonly RouteDocument[] = [
  {
    match: 'PUT /api/v2/users/{id:integer}',
    upstream,
    body: {
      types: ['application/json'],
      fields: USER_FIELDS,
      plain: ['$.user.time_zone', '$.user.tags', '$.user.tags[*]'],
      fixture: 'none',
    },
    write: HELD,
  },
  {
    match: 'PATCH /api/v2/users/{id:integer}',
    upstream,
    body: {
      types: ['application/merge-patch+json', 'application/json-patch+json'],
      inbound: 'none',
      fields: USER_FIELDS,
      plain: ['$.user.time_zone', '$.user.tags', '$.user.tags[*]'],
      fixture: 'none',
    },
    write: { ...HELD, precondition: 'etag' },
  },
  {
    match: 'PUT /api/v2/tickets/{id:integer}',
    upstream,
    body: {
      types: ['application/json'],
      plain: [
        '$.ticket.status',
        '$.ticket.custom_fields[*].id',
        '$.ticket.custom_fields[?@.id == 360003].value',
      ],
      text: ['$.ticket.comment.body'],
      fixture: 'none',
    },
    write: {
      read: 'GET /api/v2/tickets/{id:integer}',
      record: { request: '$.ticket', answer: '$.ticket' },
      lists: [{ at: '$.ticket.custom_fields', key: '@.id', update: 'partial' }],
      update: 'partial',
      returned: 'remove',
      precondition: 'none',
    },
  },
]

/** The policy with these routes in place of the shipped ones, and a clerk who may set what it does not see. */
export function heldWritesPolicy(shipped: PolicyDocument): PolicyDocument {
  const replaced = new Set(HELD_ROUTES.map(({ match }) => match))
  return {
    ...shipped,
    roles: { ...shipped.roles, clerk: { write: ['contact.*'] } },
    routes: [...shipped.routes.filter(({ match }) => !replaced.has(match)), ...HELD_ROUTES],
  }
}

/** The same where a PUT takes the place of the record, and what is left out is treated so. */
export function replacingPolicy(
  absent: 'restore' | 'refuse',
): (shipped: PolicyDocument) => PolicyDocument {
  return (shipped) => {
    const policy = heldWritesPolicy(shipped)
    const routes = policy.routes.map((route): RouteDocument => {
      if (route.match !== 'PUT /api/v2/users/{id:integer}' || typeof route.write !== 'object') {
        return route
      }
      const write: WriteDocument = { ...HELD, update: 'replace', returned: 'restore', absent }
      return { ...route, write: { ...write, upstreamSets: '$.user["url", "updated_at"]' } }
    })
    return { ...policy, routes }
  }
}
