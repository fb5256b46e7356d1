/** The parts of the policy schema that describe what answers of a route are, beside what is masked in them. */
import type { FormatKind } from '../../json/formats/formats.ts'
import { SHAPE_TYPES } from '../answer-shape.ts'
import { MEDIA_TYPE_PATTERN } from '../request/media-type.ts'
import { VALUE_TYPES } from '../routing/parameter-types.ts'
import { CLASS, duration, map, object, queries, text, unlisted } from './schema-parts.ts'
import { single } from './schema-query.ts'

/** Formats that a route can name. */
export const ROUTE_FORMATS = [
  'json',
  'ndjson',
  'json-seq',
  'event-stream',
  'csv',
  'tsv',
] as const satisfies readonly Exclude<FormatKind, 'opaque'>[]

/** What tables are, for csv and tsv. */
export const table = object(
  'What the tables of csv and tsv are.',
  {
    columns: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 256, pattern: '^[^\\r\\n\\t\\u0000]*$' },
      description: 'The names that the header may have. With any other, the answer is refused.',
    },
    separator: {
      enum: [',', ';', '|', '\t'],
      description: 'What stands between cells of csv. Default: a comma.',
    },
  },
  ['columns'],
)

/** What may leave of events beside their data. */
export const events = object('What events of event-stream may carry beside their data.', {
  names: {
    type: 'array',
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
    items: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9._:-]+$' },
    description: 'Names of events that leave. Those without a name always do.',
  },
  id: { enum: VALUE_TYPES, description: 'The type of ids that leave. Left out: none does.' },
})

/** Files that are passed on unread. */
export const pass = object(
  'Answers that leave without a look into them: files without personal data. Each record says so.',
  {
    opaque: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      items: { type: 'string', pattern: MEDIA_TYPE_PATTERN },
      description: 'Their media types, in lower case: image/png',
    },
  },
  ['opaque'],
)

/** Links to the upstream that are led to the gateway. */
export const links = {
  ...queries,
  description: 'Where links to the upstream are: they are led to the gateway, or masked.',
}

/** Cursors that leave sealed. */
export const cursors = {
  ...queries,
  description: 'Where cursors are: they leave sealed, for a parameter of the type sealed.',
}

/** Redirects to the upstream that are led to the gateway. */
export const redirects = {
  enum: ['refuse', 'rewrite'],
  description:
    'rewrite: redirects to routes of the same upstream lead to the gateway. Default refuse.',
}

/** Relations of the header `Link` that are passed on. */
export const linkRelations = {
  type: 'array',
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  items: { type: 'string', pattern: '^[a-z][a-z0-9.-]{0,63}$' },
  description: 'Relations of the header Link that are passed on, led to the gateway: next, prev.',
}

/** Headers of the upstream that are passed on. */
export const answerHeaders = map(
  'Headers of the upstream that are passed on, each with a type or its values.',
  '^[a-z0-9-]{1,64}$',
  { description: 'A type, or the list of allowed values.', anyOf: single },
  { maxProperties: 50 },
)

/** What caches of callers may keep. */
export const cache = object(
  'Answers that caches of the caller alone may keep. Left out: none.',
  { maxAge: duration('For how long, at most 1d.') },
  ['maxAge'],
)

/** What answers may leave in. */
export const compress = {
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { enum: ['gzip', 'br'] },
  description:
    'Content codings that answers leave in for callers who accept them, the better one first. Left out: none.',
}

const shapePart = { enum: [...SHAPE_TYPES, 'absent'] }

/** What answers must look like. */
export const shape = map(
  'What must stand at the locations of each query; an answer of another shape is refused. Left out: any shape.',
  '^\\$',
  {
    description: 'A type of JSON, or several. A location that need not be there is `absent` too.',
    anyOf: [shapePart, { type: 'array', minItems: 1, uniqueItems: true, items: shapePart }],
  },
  { minProperties: 1 },
)

/** What becomes of errors of the upstream. */
export const errors = {
  description: 'What becomes of errors of the upstream. Left out: replace.',
  anyOf: [
    {
      enum: ['replace', 'mask'],
      description: 'replace: a problem document of ours. mask: JSON is masked, else as replace.',
    },
    object('mask, with queries of its own beside those under `anywhere`.', {
      fields: map('Where each class is.', CLASS, queries),
      plain: {
        type: 'array',
        maxItems: 1000,
        items: { type: 'string', minLength: 1, maxLength: 4096 },
        description: 'Leaves without personal data.',
      },
      unlisted: { ...unlisted, description: `${unlisted.description} Left out: mask.` },
      fixture: text(
        'A sample error beside the policy, in which every query must match; or `none`.',
      ),
    }),
  ],
}
