/** The part of the policy schema that describes writes of records that a role set sees masked. */
import { object, queries, text } from './schema-parts.ts'

const QUERY = { type: 'string', minLength: 1, maxLength: 4096 }

const list = object(
  'An array whose elements are told apart by a member.',
  {
    at: text('Query on the answer that selects the array.'),
    key: text('Singular query from an element to its key: @.id'),
    update: {
      enum: ['partial', 'replace'],
      description:
        'partial: the upstream changes the elements that a request has; replace: the array takes the place of the other.',
    },
  },
  ['at', 'key', 'update'],
)

/** `routes[].write`. Said of text and of maps at once, so that a fault inside of the map is told where it stands. */
export const write = {
  ...object(
    'How a write is held against the record, so that no mask comes to the place of what it hides; or `none`, said aloud.',
    {
      read: text('The route that reads the record: GET /api/v2/users/{id:integer}'),
      record: object('Where the record is. Left out: the whole document on both sides.', {
        request: text('Singular query on the request: $.user'),
        answer: text('Singular query on the answer of the reading route: $.user'),
      }),
      update: {
        enum: ['partial', 'replace'],
        description:
          'What a JSON document does: change the members that it has, or take the place of the record.',
      },
      returned: {
        enum: ['remove', 'restore', 'refuse'],
        description:
          'A mask that comes back: taken out of the request, replaced by what is there, or refused.',
      },
      absent: {
        enum: ['restore', 'refuse'],
        description:
          'What the subject does not see and a replacing document leaves out. Default restore: it is put back.',
      },
      empty: {
        enum: ['keep', 'remove'],
        description: 'Objects that become empty since masks were taken out of them. Default keep.',
      },
      lists: { type: 'array', maxItems: 100, items: list, description: 'Arrays with keys.' },
      merged: {
        type: 'array',
        maxItems: 100,
        items: QUERY,
        description: 'Objects below the record that the upstream merges. Queries on the answer.',
      },
      upstreamSets: {
        ...queries,
        description: 'What the upstream sets by itself: never put back. Queries on the answer.',
      },
      precondition: {
        enum: ['etag', 'lastModified', 'none'],
        description:
          'What ties the write to the record as it was read: If-Match, If-Unmodified-Since, or nothing.',
      },
    },
    ['read', 'returned', 'precondition'],
  ),
  type: ['object', 'string'],
  pattern: '^none$',
}
