/** Lines of JSON and JSON sequences: each record is a document of its own, and no half of one ever leaves. */
import * as fc from 'fast-check'
import { test } from 'tap'
import type { BodyFormat } from '../../../src/json/formats/formats.ts'
import { CAPITALS, programOf, REDACT } from '../../helpers/json-reference/program-of.ts'
import { runFormat } from '../../helpers/run-format.ts'

const NDJSON: BodyFormat = { kind: 'ndjson' }
const SEQUENCE: BodyFormat = { kind: 'json-seq' }
const PROGRAM = programOf({
  lines: [{ query: '$..email', edit: REDACT, counters: [0] }],
  scopes: [{ at: '$', id: '@.id' }],
})
const RS = '\x1e'

interface Case {
  readonly name: string
  readonly body: string
  readonly out: string
  readonly refused?: string
}

const LINES: readonly Case[] = [
  { name: 'nothing', body: '', out: '' },
  { name: 'one line', body: '{"email":"a"}\n', out: '{"email":"***"}\n' },
  { name: 'the last line feed may be missing', body: '{"email":"a"}', out: '{"email":"***"}' },
  { name: 'CR LF', body: '{"email":"a"}\r\n[1]\r\n', out: '{"email":"***"}\r\n[1]\r\n' },
  { name: 'empty lines', body: '\n\r\n \t\n{"a":1}\n\n', out: '\n\r\n \t\n{"a":1}\n\n' },
  { name: 'blanks stay', body: ' { "email" : "a" } \t\n', out: ' { "email" : "***" } \t\n' },
  { name: 'scalars', body: '1\n"x"\nnull\ntrue\n', out: '1\n"x"\nnull\ntrue\n' },
  { name: 'a string at the end', body: '1\n"x"', out: '1\n"x"' },
  { name: 'a line feed in a string is an escape', body: '{"a":"x\\ny"}\n', out: '{"a":"x\\ny"}\n' },
  {
    name: 'a number at the end may be half a number',
    body: '1\n23',
    out: '',
    refused: 'ERR_FORMAT_SYNTAX',
  },
  { name: 'null at the end', body: 'null', out: '', refused: 'ERR_FORMAT_SYNTAX' },
  {
    name: 'half a record at the end',
    body: '{"a":1}\n{"email":"a',
    out: '',
    refused: 'ERR_FORMAT_SYNTAX',
  },
  {
    name: 'half a record that ends like a whole one',
    body: '{"a":{"email":"a"}',
    out: '',
    refused: 'ERR_JSON_SYNTAX',
  },
  {
    name: 'two documents in a line',
    body: '{"a":1}{"b":2}\n',
    out: '',
    refused: 'ERR_JSON_SYNTAX',
  },
  { name: 'a document over two lines', body: '{"a":\n1}\n', out: '', refused: 'ERR_JSON_SYNTAX' },
  { name: 'no JSON', body: 'id,email\n', out: '', refused: 'ERR_JSON_SYNTAX' },
  { name: 'a byte order mark', body: '\ufeff{"a":1}\n', out: '', refused: 'ERR_JSON_SYNTAX' },
  {
    name: 'lines end by CR alone',
    body: '{"a":1}\r{"b":1}\r',
    out: '',
    refused: 'ERR_JSON_SYNTAX',
  },
  {
    name: 'a separator of a sequence',
    body: `${RS}{"a":1}\n`,
    out: '',
    refused: 'ERR_JSON_SYNTAX',
  },
]

const SEQUENCES: readonly Case[] = [
  { name: 'nothing', body: '', out: '' },
  { name: 'one', body: `${RS}{"email":"a"}\n`, out: `${RS}{"email":"***"}\n` },
  { name: 'two', body: `${RS}1\n${RS}{"email":"a"}\n`, out: `${RS}1\n${RS}{"email":"***"}\n` },
  { name: 'separators without records', body: `${RS}${RS}${RS}1\n`, out: `${RS}${RS}${RS}1\n` },
  {
    name: 'line feeds within',
    body: `${RS}{\n"email":\n"a"}\n\n`,
    out: `${RS}{\n"email":\n"***"}\n\n`,
  },
  {
    name: 'something before the first',
    body: `{"a":1}\n${RS}1\n`,
    out: '',
    refused: 'ERR_FORMAT_SYNTAX',
  },
  { name: 'no separator at all', body: '{"a":1}\n', out: '', refused: 'ERR_FORMAT_SYNTAX' },
  { name: 'no line feed at the end', body: `${RS}{"a":1}`, out: '', refused: 'ERR_FORMAT_SYNTAX' },
  { name: 'no line feed between', body: `${RS}12${RS}3\n`, out: '', refused: 'ERR_FORMAT_SYNTAX' },
  { name: 'an empty line', body: `${RS}\n`, out: '', refused: 'ERR_JSON_SYNTAX' },
  { name: 'half a record', body: `${RS}{"email":"a\n`, out: '', refused: 'ERR_JSON_SYNTAX' },
]

for (const [format, cases] of [
  [NDJSON, LINES],
  [SEQUENCE, SEQUENCES],
] as const) {
  test(`${format.kind}: what leaves of a body, whole and byte by byte`, (t) => {
    for (const { name, body, out, refused } of cases) {
      const whole = runFormat(PROGRAM, format, body)
      t.same([whole.bytes, whole.refused], [out, refused], name)
      const pieces = runFormat(PROGRAM, format, body, { sizes: [1] })
      t.equal(pieces.refused, refused, `${name}, byte by byte`)
      if (refused === undefined) t.equal(pieces.bytes, out, name)
      else t.notMatch(pieces.bytes, /"a"?$|\*\*\*/, 'nothing of a refused record has left')
    }
    t.end()
  })

  test(`${format.kind}: the counts of all records add up, those of one data subject together`, (t) => {
    const record = (id: unknown, email = 'a') => JSON.stringify({ id, email })
    const records = [record(7), record('7'), record(8), record(null)]
    const body = records
      .map((text) => (format.kind === 'ndjson' ? `${text}\n` : `${RS}${text}\n`))
      .join('')
    for (const sizes of [[1_000], [3], [1, 50]]) {
      const { exposures } = runFormat(PROGRAM, format, body, { sizes })
      t.same(exposures, {
        counters: [4, 0],
        subjects: [
          { scope: 0, id: '7', counters: [2, 0] },
          { scope: 0, id: '8', counters: [1, 0] },
        ],
        unscoped: [1, 0],
        scopesOverflowed: false,
      })
    }
    const { exposures } = runFormat(PROGRAM, format, body, { subjectsMax: 1 })
    t.same(
      exposures.subjects.map(({ id }) => id),
      ['7'],
    )
    t.same([exposures.unscoped, exposures.scopesOverflowed], [[2, 0], true], 'the rest has no name')
    t.end()
  })

  test(`${format.kind}: a record longer than the limit is refused, however it comes`, (t) => {
    const record = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`
    const body = (bytes: number) =>
      format.kind === 'ndjson' ? `${record(bytes - 1)}\n` : `${RS}${record(bytes - 1)}\n`
    for (const sizes of [[10_000], [7], [1]]) {
      t.equal(
        runFormat(PROGRAM, format, body(100), { sizes, recordBytesMax: 100 }).refused,
        undefined,
      )
      t.equal(
        runFormat(PROGRAM, format, body(101), { sizes, recordBytesMax: 100 }).refused,
        'ERR_FORMAT_LIMIT',
      )
    }
    const endless = format.kind === 'ndjson' ? ' '.repeat(200) : `${RS}${' '.repeat(200)}`
    t.equal(
      runFormat(PROGRAM, format, endless, { sizes: [9], recordBytesMax: 100 }).refused,
      'ERR_FORMAT_LIMIT',
    )
    t.end()
  })

  test(`${format.kind}: each record leaves as a document of its own would, in whatever pieces`, (t) => {
    const records = fc.array(fc.json({ maxDepth: 3 }), { maxLength: 8 })
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 })
    const capitals = programOf({ lines: [], unlisted: CAPITALS })
    fc.assert(
      fc.property(records, sizes, (texts, cuts) => {
        const frame = (text: string) => (format.kind === 'ndjson' ? `${text}\n` : `${RS}${text}\n`)
        const expected = texts
          .map((text) => frame(runFormat(capitals, { kind: 'json' }, text).bytes))
          .join('')
        const run = runFormat(capitals, format, texts.map(frame).join(''), { sizes: cuts })
        return run.bytes === expected && run.refused === undefined
      }),
    )
    t.end()
  })
}

test('a record that needs keys is gone on with once they are there, in the midst of others', (t) => {
  const keys = new Set<string>()
  const program = programOf({
    lines: [
      {
        query: '$..sealed',
        edit: {
          kind: 'transform',
          apply: ({ text }) =>
            keys.has(text) ? { kind: 'string', text: 'open' } : { kind: 'need', keyIds: [text] },
        },
        counters: [0],
      },
    ],
  })
  const asked: string[] = []
  const fetchKeys = (ids: readonly string[]) => {
    asked.push(...ids)
    for (const id of ids) keys.add(id)
  }
  const body = '{"a":1}\n{"sealed":"k1"}\n{"x":[{"sealed":"k2"},{"sealed":"k1"}]}\n{"b":2}\n'
  const out = '{"a":1}\n{"sealed":"open"}\n{"x":[{"sealed":"open"},{"sealed":"open"}]}\n{"b":2}\n'
  for (const sizes of [[1_000], [1], [20]]) {
    keys.clear()
    asked.length = 0
    const run = runFormat(program, NDJSON, body, { sizes, fetchKeys })
    t.equal(run.bytes, out)
    t.same(asked, ['k1', 'k2'])
    t.same(run.exposures.counters, [3, 0])
  }
  t.end()
})
