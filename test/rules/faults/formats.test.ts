/** Policies that say of their answers what cannot be: formats, tables, events, errors. */
import { test } from 'tap'
import { BODY, checkFaults, route } from './table.ts'

const answers = (...lines: readonly string[]) => BODY + route(...lines)
const TABLE = 'table: { columns: [id, email] }'

test('formats and what belongs to them', (t) => {
  checkFaults(t, [
    {
      name: 'an unknown format',
      policy: answers('format: ▸xml'),
      says: [/must be one of: json, ndjson/],
    },
    {
      name: 'several formats',
      policy: answers('format: ▸[json, csv]'),
      says: [/must be one of/],
    },
    {
      name: 'a table without columns',
      policy: answers('format: ▸csv'),
      says: [/which columns/],
      hints: [/columns/],
    },
    {
      name: 'a table that is none',
      policy: answers(`▸${TABLE}`),
      says: [/only csv and tsv/],
      hints: [/format: csv/],
    },
    {
      name: 'a separator for tabs',
      policy: answers('format: tsv', 'table: { columns: [id], separator: ▸";" }'),
      says: [/tabs/],
    },
    {
      name: 'a separator that is none',
      policy: answers('format: csv', 'table: { columns: [id], separator: ▸":" }'),
      says: [/must be one of/],
    },
    {
      name: 'a column twice, an empty one, one with an end of line',
      policy: answers('format: csv', 'table: { columns: ▸[id, ▸"", ▸"a\\nb", id] }'),
      says: [/duplicate/, /fewer than 1/, /form/],
    },
    {
      name: 'a header that would be masked',
      policy: answers('format: csv', TABLE, '▸keys: { mask: $ }', 'fixture: none'),
      says: [/header of a table/],
    },
    {
      name: 'events of what has none',
      policy: answers('format: ndjson', '▸events: { names: [a] }'),
      says: [/only event-stream/],
    },
    {
      name: 'a name of events that ends lines',
      policy: answers('format: event-stream', 'events: { names: [▸"a\\nb"], id: ▸text }'),
      says: [/form/, /must be one of/],
    },
  ])
  t.end()
})

test('fixtures are held against the format', (t) => {
  const fixtures = {
    'lines.ndjson': '{"email":"a"}\n{"id":7,"phone":"x"}\n',
    'table.csv': 'id,email\n7,jane\n',
    'other.csv': 'id,e-mail\n7,jane\n',
    'header.csv': 'id,email\n',
    'stream.txt': 'event: other\ndata: {"email":"a"}\n\ndata: {"id":7}\n\n',
  }
  checkFaults(t, [
    {
      name: 'a query that matches in no record',
      fixtures,
      policy: answers('format: ndjson', 'plain: [$.id, $.phone, ▸$.mail]', 'fixture: lines.ndjson'),
      says: [/matches nothing/],
    },
    {
      name: 'a query over the list of rows, which there is none of',
      fixtures,
      policy: answers(
        'format: csv',
        TABLE,
        'plain: ["▸$[*].id"]'.replace('"▸', '▸"'),
        'fixture: table.csv',
      ),
      says: [/matches nothing/],
    },
    {
      name: 'a header with an undeclared name',
      fixtures,
      policy: answers('format: csv', TABLE, 'plain: [$.id]', 'fixture: ▸other.csv'),
      says: [/not csv/],
    },
    {
      name: 'no rows',
      fixtures,
      policy: answers('format: csv', TABLE, 'plain: [$.id]', 'fixture: ▸header.csv'),
      says: [/not csv/],
    },
    {
      name: 'lines that are JSON, held for JSON',
      fixtures,
      policy: answers('plain: [$.id]', 'fixture: ▸lines.ndjson'),
      says: [/not JSON/],
    },
    {
      name: 'an event that does not leave does not count',
      fixtures,
      policy: answers('format: event-stream', 'plain: [$.id, ▸$.email]', 'fixture: stream.txt'),
      says: [/matches nothing/],
    },
  ])
  t.end()
})

test('errors: how they are masked', (t) => {
  const fixtures = { 'error.json': '{"error":"x","field":"email"}' }
  checkFaults(t, [
    { name: 'neither', policy: answers('errors: ▸pass'), says: [/none of the forms/] },
    {
      name: 'an unknown key',
      policy: answers('errors: ▸{ fieldz: {} }'),
      says: [/none of the forms/],
    },
    {
      name: 'an unknown class',
      fixtures,
      policy: answers('errors: { fields: { ▸contact.mail: $.error }, fixture: error.json }'),
      says: [/unknown class/],
      hints: [/contact\.email/],
    },
    {
      name: 'queries without a sample',
      policy: answers('errors: ▸{ plain: [$.field] }'),
      says: [/no fixture/],
    },
    {
      name: 'a query that matches nothing',
      fixtures,
      policy: answers('errors: { plain: [$.field, ▸$.code], fixture: error.json }'),
      says: [/matches nothing/],
    },
  ])
  t.end()
})

test('what is passed unread: whole answers of types that cannot be masked, and nothing else', (t) => {
  checkFaults(t, [
    {
      name: 'types that can be masked, pages and scripts',
      policy: answers(
        'pass: { opaque: [▸application/json, ▸application/hal+json, ▸text/csv, ▸text/html, ▸image/svg+xml, ▸text/javascript, ▸multipart/mixed, image/png] }',
      ),
      says: Array.from({ length: 7 }, () => /never passed unread/),
    },
    {
      name: 'what is said of masked answers',
      policy: answers(
        'pass: { opaque: [image/png] }',
        '▸format: csv',
        '▸unlisted: show',
        '▸fields: { contact.email: $.email }',
        '▸plain: [$.id]',
        '▸fixture: none',
      ),
      says: Array.from({ length: 5 }, () => /nobody looks into/),
    },
    {
      name: 'data subjects that would be looked for',
      policy: answers(
        'pass: { opaque: [image/png] }',
        'dataSubjects: [▸{ kind: user, at: $, id: "@.id" }]',
      ),
      says: [/nobody looks for ids/],
    },
    {
      name: 'no types, or something else than types',
      policy: answers('pass: { opaque: ▸[] }'),
      says: [/fewer than 1/],
    },
    { name: 'a pattern', policy: answers('pass: { opaque: [▸"image/*"] }'), says: [/form/] },
    { name: 'everything', policy: answers('pass: ▸opaque'), says: [/must be a map/] },
  ])
  t.end()
})

test('headers that never pass, and caches that cannot be', (t) => {
  const never = [
    'etag',
    'set-cookie',
    'location',
    'content-length',
    'celosia-masked',
    'x-accel-redirect',
    'access-control-allow-origin',
  ]
  checkFaults(t, [
    {
      name: 'headers that never pass',
      policy: answers(
        `answerHeaders: { ${never.map((name) => `▸${name}: slug`).join(', ')}, x-version: [v1] }`,
      ),
      says: never.map((name) => new RegExp(`\`${name}\` never passes`)),
      hints: [/own to say/, /cookie/],
    },
    {
      name: 'a header in capitals, and one without a type',
      policy: answers('answerHeaders: { ▸X-Version: slug, x-total: ▸any }'),
      says: [/not a name/, /none of the forms/],
    },
    {
      name: 'for too long, or for parts of a second',
      policy:
        answers('cache: { maxAge: ▸2d }') +
        route('cache: { maxAge: ▸1500ms }').replace('/users/', '/others/'),
      says: [/at most 1d/, /whole seconds/],
    },
    { name: 'without a time', policy: answers('▸cache: {}'), says: [/lacks `maxAge`/] },
    {
      name: 'a stream',
      policy: answers('format: event-stream', '▸cache: { maxAge: 1m }'),
      says: [/never kept/],
    },
    {
      name: 'a coding that answers cannot leave in, none, one twice',
      policy:
        answers('compress: [gzip, ▸zstd]') +
        route('compress: ▸[]').replace('/users/', '/a/') +
        route('compress: ▸[br, br]').replace('/users/', '/b/'),
      says: [/must be one of/, /fewer than 1/, /duplicate/],
    },
    {
      name: 'files in a coding',
      policy: answers('pass: { opaque: [image/png] }', '▸compress: [gzip]'),
      says: [/leave as they came/],
    },
    {
      name: 'what is no GET',
      policy: answers('▸cache: { maxAge: 1m }').replace('GET ', 'POST '),
      says: [/only answers to GET/],
    },
  ])
  t.end()
})
