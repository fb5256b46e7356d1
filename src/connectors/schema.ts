/**
 * The JSON Schema of connectors (2020-12). `celosia schema connector` prints it, config/connectors.schema.json is that text for
 * editors, and the loader checks with it.
 */
import { duration, HEADER, map, object, queries, text } from '../rules/policy/schema-parts.ts'

const RESOURCE = '^[a-z][a-z0-9-]{0,31}$'

const query = (description: string) => text(description)
const address = (description: string) =>
  text(`${description} {ticket.id} stands for the id of a ticket.`, { pattern: '^/' })

const write = object(
  'How a changed text is written. One of put, patch and post.',
  {
    put: address('Path of a PUT.'),
    patch: address('Path of a PATCH.'),
    post: address('Path of a POST.'),
    body: {
      description:
        'The JSON to send. "{changed}": the members that changed; "{record}": the whole record; "{text}": the changed text, one request each; "{value}": what is to be taken out, one request each.',
    },
  },
  ['body'],
)

const texts = object(
  'Texts that are looked through, and how they are written back.',
  {
    at: queries,
    as: { enum: ['base64'], description: 'The string is text in base64. Left out: it is text.' },
    write,
    byHand: text('Instead of write: why the interface cannot change it, and what does.'),
  },
  ['at'],
)

const resource = object(
  'One kind of record.',
  {
    of: text('The resource that it is part of. Left out: it stands by itself.', {
      pattern: RESOURCE,
    }),
    list: object(
      'How its records are listed, page by page.',
      {
        get: address('Path of the first page.'),
        items: query('The records in a page: $.tickets[*]'),
        next: query('The address of the next page in a page: $.next_page.'),
        page: text(
          'Instead of next: the query parameter that takes the number of a page; the list ends with a page without records. With neither there is one page.',
          { pattern: '^[A-Za-z0-9_.-]{1,64}$' },
        ),
      },
      ['get', 'items'],
    ),
    id: query('The id in a record: $.id'),
    read: object(
      'How one record is read.',
      {
        get: address('Path of the record.'),
        at: query('Where the record is in the answer. Default $.'),
        each: {
          type: 'boolean',
          description: 'true: pages do not have whole records, so each is read. Default false.',
        },
      },
      ['get'],
    ),
    texts: { type: 'array', maxItems: 50, items: texts, description: 'What is looked through.' },
    attachments: object(
      'Files, which are listed for work by hand.',
      { at: query('Where they are: $.attachments[*]'), id: query('The id in one: $.id') },
      ['at', 'id'],
    ),
    copies: map(
      'Ids of other records that have copies of its texts, by resource.',
      RESOURCE,
      queries,
    ),
  },
  ['list', 'id'],
)

export const CONNECTOR_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Celosía connector',
  ...object(
    'How to list, read and change the records of a helpdesk.',
    {
      version: { const: 1, description: 'Version of the language.' },
      url: text('Origin, and path prefix where there is one: ${HELPDESK_URL}'),
      headers: map('Headers of each request: the credential.', HEADER, text('Value.'), {
        maxProperties: 20,
      }),
      requestsPerSecond: {
        type: 'number',
        minimum: 0.1,
        maximum: 1000,
        description: 'At most so many requests. Default 5.',
      },
      timeout: duration('Wait for an answer, its body included. Default 30s.'),
      resources: map('Kinds of records, by name.', RESOURCE, resource, {
        minProperties: 1,
        maxProperties: 20,
      }),
    },
    ['version', 'url', 'resources'],
  ),
} as const
