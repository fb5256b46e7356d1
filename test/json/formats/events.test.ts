/** Server-sent events: written anew from what is declared, their data masked, never half an event. */
import * as fc from 'fast-check'
import { test } from 'tap'
import type { BodyFormat } from '../../../src/json/formats/formats.ts'
import { CAPITALS, programOf, REDACT } from '../../helpers/json-reference/program-of.ts'
import { runFormat } from '../../helpers/run-format.ts'

const EVENTS: BodyFormat = {
  kind: 'event-stream',
  names: new Set(['ticket', 'user.changed']),
  acceptsId: (id) => /^[0-9]+$/.test(id),
}
const PROGRAM = programOf({
  lines: [{ query: '$..email', edit: REDACT, counters: [0] }],
  scopes: [{ at: '$', id: '@.id' }],
})

interface Case {
  readonly name: string
  readonly body: string
  readonly out: string
  readonly refused?: string
}

const CASES: readonly Case[] = [
  { name: 'nothing', body: '', out: '' },
  { name: 'data', body: 'data: {"email":"a"}\n\n', out: 'data: {"email":"***"}\n\n' },
  { name: 'without a space', body: 'data:{"email":"a"}\n\n', out: 'data: {"email":"***"}\n\n' },
  { name: 'CR LF', body: 'data: {"email":"a"}\r\n\r\n', out: 'data: {"email":"***"}\n\n' },
  { name: 'CR', body: 'data: {"email":"a"}\r\r', out: 'data: {"email":"***"}\n\n' },
  {
    name: 'ends of lines mixed',
    body: 'data: {\r\ndata: "email":"a"\rdata: }\n\r\n',
    out: 'data: {\ndata: "email":"***"\ndata: }\n\n',
  },
  { name: 'a byte order mark', body: '\ufeffdata: 1\n\n', out: 'data: 1\n\n' },
  { name: 'a second byte order mark', body: '\ufeff\ufeffdata: 1\n\n', out: '' },
  {
    name: 'several lines are joined',
    body: 'data: {"a":\ndata: 1}\n\n',
    out: 'data: {"a":\ndata: 1}\n\n',
  },
  {
    name: 'a value cut by a line is no JSON',
    body: 'data: {"email":"a\ndata: b"}\n\n',
    out: '',
    refused: 'ERR_JSON_SYNTAX',
  },
  { name: 'no data', body: 'data\n\n', out: 'data:\n\n' },
  { name: 'empty data', body: 'data:\n\ndata: \n\n', out: 'data:\n\ndata:\n\n' },
  { name: 'blank data', body: 'data:  \n\n', out: '', refused: 'ERR_JSON_SYNTAX' },
  { name: 'data that is no JSON', body: 'data: [DONE]\n\n', out: '', refused: 'ERR_JSON_SYNTAX' },
  {
    name: 'data that is text',
    body: 'data: jane@example.com\n\n',
    out: '',
    refused: 'ERR_JSON_SYNTAX',
  },
  { name: 'two documents', body: 'data: {}\ndata: {}\n\n', out: '', refused: 'ERR_JSON_SYNTAX' },
  {
    name: 'a declared name',
    body: 'event: ticket\ndata: 1\n\n',
    out: 'event: ticket\ndata: 1\n\n',
  },
  {
    name: 'the last name counts',
    body: 'event: x\nevent: ticket\ndata: 1\n\n',
    out: 'event: ticket\ndata: 1\n\n',
  },
  {
    name: 'another name',
    body: 'event: jane@example.com\ndata: {"email":"a"}\n\ndata: 1\n\n',
    out: 'data: 1\n\n',
  },
  { name: 'another name around what is no JSON', body: 'event: x\ndata: x\n\n', out: '' },
  {
    name: 'the name of those without one',
    body: 'event: message\ndata: 1\n\n',
    out: 'event: message\ndata: 1\n\n',
  },
  { name: 'an empty name', body: 'event\ndata: 1\n\n', out: 'data: 1\n\n' },
  { name: 'a name alone', body: 'event: ticket\n\n', out: '' },
  { name: 'an id', body: 'id: 7\ndata: 1\n\n', out: 'id: 7\ndata: 1\n\n' },
  { name: 'an id that does not fit', body: 'id: jane\ndata: 1\n\n', out: 'data: 1\n\n' },
  { name: 'an id alone', body: 'id: 7\n\n', out: 'id: 7\n\n' },
  { name: 'an id with NUL', body: 'id: 7\0\ndata: 1\n\n', out: 'data: 1\n\n' },
  { name: 'a time to wait', body: 'retry: 3000\ndata: 1\n\n', out: 'retry: 3000\ndata: 1\n\n' },
  { name: 'a time that is none', body: 'retry: soon\ndata: 1\n\n', out: 'data: 1\n\n' },
  { name: 'a time alone', body: 'retry: 10\n\n', out: 'retry: 10\n\n' },
  { name: 'an unknown field', body: 'email: jane@example.com\ndata: 1\n\n', out: 'data: 1\n\n' },
  { name: 'a field with a space before the colon', body: 'data : {"email":"a"}\n\n', out: '' },
  { name: 'other case', body: 'Data: {"email":"a"}\n\n', out: '' },
  { name: 'a comment without its text', body: ': jane@example.com\n\n', out: ':\n\n' },
  { name: 'a comment in an event', body: 'data: 1\n: jane\n\n', out: 'data: 1\n\n' },
  { name: 'empty lines', body: '\n\n\r\n', out: '' },
  { name: 'half an event', body: 'data: 1\n\ndata: {"email":"a"}\n', out: 'data: 1\n\n' },
  { name: 'half a line', body: 'data: 1\n\ndata: {"email":"a"}', out: 'data: 1\n\n' },
  {
    name: 'a line feed in a value is an escape',
    body: 'data: {"a":"x\\ny"}\n\n',
    out: 'data: {"a":"x\\ny"}\n\n',
  },
]

test('what leaves of a stream, whole, byte by byte and in threes', (t) => {
  for (const { name, body, out, refused } of CASES) {
    for (const sizes of [[100_000], [1], [3]]) {
      const run = runFormat(PROGRAM, EVENTS, body, { sizes })
      t.same([run.bytes, run.refused], [out, refused], name)
    }
  }
  t.end()
})

test('an event leaves as soon as its empty line has come, also where that ends by CR', (t) => {
  const run = runFormat(PROGRAM, EVENTS, 'data: {"id":7,"email":"a"}\r\r')
  t.equal(run.bytes, 'data: {"id":7,"email":"***"}\n\n')
  t.same(run.exposures.subjects, [{ scope: 0, id: '7', counters: [1, 0] }])
  t.end()
})

test('what is not UTF-8 is refused, in data and in names', (t) => {
  for (const field of ['data', 'event', 'id', 'x']) {
    const body = Buffer.concat([
      Buffer.from(`${field}: `),
      Buffer.from([0xff]),
      Buffer.from('\n\n'),
    ])
    t.equal(runFormat(PROGRAM, EVENTS, body).refused, 'ERR_FORMAT_SYNTAX', field)
  }
  t.end()
})

test('an event longer than the limit is refused, in one line or in many', (t) => {
  const one = `data: "${'x'.repeat(200)}"\n\n`
  const many = `data: "x"\n${'data:\n'.repeat(50)}\n`
  const endless = 'x'.repeat(200)
  for (const body of [one, many, endless]) {
    for (const sizes of [[10_000], [1]]) {
      t.equal(
        runFormat(PROGRAM, EVENTS, body, { sizes, recordBytesMax: 100 }).refused,
        'ERR_FORMAT_LIMIT',
      )
    }
  }
  t.end()
})

test('a reader of the standard sees the same events, with their data masked', (t) => {
  const capitals = programOf({ lines: [], unlisted: CAPITALS })
  const event = fc.record({
    data: fc.json({ maxDepth: 2 }),
    name: fc.option(fc.constantFrom('ticket', 'user.changed', 'other'), { nil: undefined }),
    id: fc.option(fc.nat().map(String), { nil: undefined }),
    comment: fc.option(
      fc.string({ maxLength: 5 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
      { nil: undefined },
    ),
  })
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 })
  const end = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(fc.array(event, { maxLength: 6 }), sizes, end, (events, cuts, lineEnd) => {
      const body = events
        .map(({ data, name, id, comment }) =>
          [
            ...(comment === undefined ? [] : [`:${comment}`]),
            ...(name === undefined ? [] : [`event: ${name}`]),
            ...(id === undefined ? [] : [`id:${id}`]),
            `data: ${data}`,
            '',
            '',
          ].join(lineEnd),
        )
        .join('')
      const run = runFormat(capitals, EVENTS, body, { sizes: cuts })
      const expected = events.flatMap(({ data, name, id }) =>
        name === 'other'
          ? []
          : [{ name, id, data: runFormat(capitals, { kind: 'json' }, data).bytes }],
      )
      t.same(run.refused, undefined)
      return JSON.stringify(readEvents(run.bytes)) === JSON.stringify(expected)
    }),
  )
  t.end()
})

/** The events of a stream that only has line feeds: a second reading of the standard, short and slow. */
function readEvents(stream: string): readonly object[] {
  return stream.split('\n\n').flatMap((block) => {
    const fields = block.split('\n').map((line) => /^([a-z]*):? ?(.*)$/s.exec(line) ?? [])
    const of = (name: string) =>
      fields.filter((field) => field[1] === name).map((field) => field[2])
    const data = of('data')
    return data.length === 0
      ? []
      : [{ name: of('event').at(-1), id: of('id').at(-1), data: data.join('\n') }]
  })
}
