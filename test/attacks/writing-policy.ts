/** The shipped policy with routes that take bodies: what the attacks on writes and searches are sent to. */
import type { PolicyDocument, RouteDocument } from '../../src/rules/policy/document.ts'

const upstream = 'helpdesk'
const JSON_TYPE = 'application/json'

/** Each takes what its name says and nothing else. */
export const WRITE_ROUTES: readonly RouteDocument[] = [
  {
    match: 'PATCH /api/v2/users/{id:integer}',
    upstream,
    body: {
      types: [JSON_TYPE, 'application/merge-patch+json'],
      fields: { 'person.name': '$.user.name', 'contact.email': '$.user.email' },
      plain: ['$.user.time_zone', '$.user.tags', '$.user.tags[*]'],
      fixture: 'none',
    },
    write: 'none',
  },
  {
    match: 'POST /api/v2/tickets/{id:integer}/comments',
    upstream,
    body: {
      types: [JSON_TYPE, 'application/x-www-form-urlencoded'],
      plain: ['$.public'],
      text: ['$.body'],
      fixture: 'none',
    },
  },
  {
    match: 'POST /api/v2/uploads',
    upstream,
    body: { types: ['multipart/form-data'], pass: 'opaque' },
  },
  { match: 'DELETE /api/v2/tickets/{id:integer}', upstream },
  { match: 'POST /api/v2/tickets/{id:integer}/take', upstream },
  {
    match: 'POST /api/v2/search',
    upstream,
    effect: 'read',
    body: {
      types: [JSON_TYPE],
      fields: { 'contact.email': '$.email' },
      plain: ['$.status'],
      fixture: 'none',
    },
  },
]

/** The policy with these routes too, and a small limit for bodies. */
export function writingPolicy(shipped: PolicyDocument): PolicyDocument {
  return {
    ...shipped,
    routes: [...shipped.routes, ...WRITE_ROUTES],
    limits: { requestBodyBytesMax: 4_096 },
  }
}
