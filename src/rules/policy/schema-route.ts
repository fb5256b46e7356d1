/** The part of the policy schema that describes a route. */
import {
  answerHeaders,
  cache,
  compress,
  cursors,
  errors,
  events,
  linkRelations,
  links,
  pass,
  redirects,
  ROUTE_FORMATS,
  shape,
  table,
} from './schema-answer.ts'
import { body } from './schema-body.ts'
import { graphql } from './schema-graphql.ts'
import { assuranceNeeded } from './schema-identity.ts'
import { purposeNeeded } from './schema-purpose.ts'
import { query } from './schema-query.ts'
import { search } from './schema-search.ts'
import { CLASS, map, NAME, object, queries, text, unlisted } from './schema-parts.ts'
import { write } from './schema-write.ts'

/** One entry of `routes`. */
export const route = object(
  'One route. What no route lists is refused.',
  {
    match: text('Method and path: GET /api/v2/users/{id:integer}'),
    upstream: text('Name under upstreams.'),
    effect: {
      enum: ['read', 'write'],
      description: 'Whether the route changes something. Default read for GET, write for others.',
    },
    roles: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: { type: 'string' },
      description: 'Only these roles. Left out: every role.',
    },
    assurance: assuranceNeeded,
    purpose: purposeNeeded,
    query,
    body,
    search,
    write,
    dataSubjects: {
      type: 'array',
      maxItems: 20,
      description: 'Whose data the answer holds.',
      items: object(
        'What lies below `at` belongs to the id found there. Without `at` and `id`, what lies under no other belongs to the id in the request.',
        {
          kind: text('user, ticket: part of the pseudonym.', { pattern: NAME }),
          at: text('Query that selects each data subject.'),
          id: text('Singular query from there: @.id'),
          request: text('Where the request names the same id: path.id', {
            pattern: '^path\\.[a-z][a-zA-Z0-9_]*$',
          }),
        },
        ['kind'],
      ),
    },
    format: {
      enum: ROUTE_FORMATS,
      description: 'What answers are. Left out: one JSON document.',
    },
    table,
    events,
    pass,
    graphql,
    shape,
    links,
    cursors,
    redirects,
    linkRelations,
    answerHeaders,
    cache,
    compress,
    errors,
    unlisted,
    dictionary: {
      enum: ['held', 'required'],
      description:
        'Whether values that are masked are masked in the other texts of the answer too. Left out: no.',
    },
    keys: object(
      'Objects that are used as dictionaries: their member names are data.',
      {
        mask: {
          ...queries,
          description:
            'One query (RFC 9535), or several: each member name of the objects selected becomes a pseudonym, for every role.',
        },
      },
      ['mask'],
    ),
    fields: map('Where each class is.', CLASS, queries),
    plain: {
      type: 'array',
      maxItems: 1000,
      items: { type: 'string', minLength: 1, maxLength: 4096 },
      description: 'Leaves without personal data.',
    },
    fixture: text(
      'A sample answer beside the policy, in which every query must match; or `none`, said aloud.',
    ),
  },
  ['match', 'upstream'],
)
