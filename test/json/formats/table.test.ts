/** Tables: columns are masked by the names of the header, and what does not change stays byte for byte. */
import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { test } from 'tap'
import type { BodyFormat } from '../../../src/json/formats/formats.ts'
import type { Edit } from '../../../src/json/program-source.ts'
import { CAPITALS, programOf, REDACT, SUPPRESS } from '../../helpers/json-reference/program-of.ts'
import { runFormat } from '../../helpers/run-format.ts'

const NAMES = ['id', 'name', 'e-mail', 'note', '__proto__', 'a b', 'x;y']
const CSV: BodyFormat = { kind: 'csv', separator: ',', columns: new Set(NAMES) }
const SEMICOLONS: BodyFormat = { kind: 'csv', separator: ';', columns: new Set(NAMES) }
const TSV: BodyFormat = { kind: 'tsv', columns: new Set(NAMES) }
const PROGRAM = programOf({
  lines: [{ query: "$['e-mail']", edit: REDACT, counters: [0] }],
  scopes: [{ at: '$', id: '@.id' }],
})
const SYNTAX = 'ERR_FORMAT_SYNTAX'

interface Case {
  readonly name: string
  readonly body: string
  readonly out?: string
  readonly format?: BodyFormat
}

const TAKEN: readonly Case[] = [
  {
    name: 'a column is masked',
    body: 'id,e-mail\n7,jane\n8,joe\n',
    out: 'id,e-mail\n7,***\n8,***\n',
  },
  { name: 'no rows', body: 'id,e-mail\n', out: 'id,e-mail\n' },
  { name: 'a header without its end', body: 'id,e-mail', out: 'id,e-mail' },
  { name: 'the last row without its end', body: 'id,e-mail\n7,jane', out: 'id,e-mail\n7,***' },
  { name: 'CR LF', body: 'id,e-mail\r\n7,jane\r\n', out: 'id,e-mail\r\n7,***\r\n' },
  { name: 'a byte order mark', body: '\ufeffid,e-mail\n7,jane\n', out: '\ufeffid,e-mail\n7,***\n' },
  {
    name: 'quotes stay where they were',
    body: '"id",e-mail\n"7","jane"\n8,joe\n',
    out: '"id",e-mail\n"7","***"\n8,***\n',
  },
  {
    name: 'a separator in quotes',
    body: 'id,e-mail,note\n"7,8",jane,"a ""b"", c"\n',
    out: 'id,e-mail,note\n"7,8",***,"a ""b"", c"\n',
  },
  {
    name: 'ends of lines in quotes',
    body: 'id,e-mail,note\n7,"ja\nne","a\r\nb\rc"\n',
    out: 'id,e-mail,note\n7,"***","a\r\nb\rc"\n',
  },
  { name: 'an empty cell', body: 'id,e-mail\n7,\n,""\n', out: 'id,e-mail\n7,***\n,"***"\n' },
  {
    name: 'blanks belong to the cell',
    body: 'id,e-mail, \n'.replace(', \n', ',a b\n') + ' 7 ,x, y \n',
    out: 'id,e-mail,a b\n 7 ,***, y \n',
  },
  {
    name: 'what looks like a formula stays',
    body: 'id,note,e-mail\n7,=1+1,=cmd()\n',
    out: 'id,note,e-mail\n7,=1+1,***\n',
  },
  { name: 'columns in another order', body: 'e-mail,id\njane,7\n', out: 'e-mail,id\n***,7\n' },
  { name: 'one column', body: 'e-mail\njane\n\njoe\n', out: 'e-mail\n***\n***\n***\n' },
  {
    name: 'names that are dangerous to objects',
    body: '__proto__,e-mail\n7,jane\n',
    out: '__proto__,e-mail\n7,***\n',
  },
  {
    name: 'semicolons',
    body: 'id;e-mail\n7,8;jane\n',
    out: 'id;e-mail\n7,8;***\n',
    format: SEMICOLONS,
  },
  {
    name: 'the separator in a name',
    body: '"x;y";e-mail\n7;jane\n',
    out: '"x;y";e-mail\n7;***\n',
    format: SEMICOLONS,
  },
  { name: 'tabs', body: 'id\te-mail\n7,8\tjane\n', out: 'id\te-mail\n7,8\t***\n', format: TSV },
  {
    name: 'tabs and quotes that are none',
    body: 'id\te-mail\n"7\t"jane\n',
    out: 'id\te-mail\n"7\t***\n',
    format: TSV,
  },
]

const REFUSED: readonly Case[] = [
  { name: 'nothing', body: '' },
  { name: 'a byte order mark alone', body: '\ufeff' },
  { name: 'no header: the first row is data', body: '7,jane@example.com\n8,joe@example.com\n' },
  { name: 'a name that is not declared', body: 'id,email\n7,jane\n' },
  { name: 'a name in other case', body: 'ID,e-mail\n7,jane\n' },
  { name: 'a name with a blank', body: 'id, e-mail\n7,jane\n' },
  { name: 'a name twice', body: 'id,e-mail,e-mail\n7,a,b\n' },
  { name: 'an empty name', body: 'id,,e-mail\n7,a,b\n' },
  { name: 'a cell too many', body: 'id,e-mail\n7,jane,x\n' },
  { name: 'a cell too few', body: 'id,e-mail\n7\n' },
  { name: 'an empty line', body: 'id,e-mail\n\n7,jane\n' },
  { name: 'an empty line at the end', body: 'id,e-mail\n7,jane\n\n' },
  { name: 'a quote in a bare cell', body: 'id,e-mail\n7,ja"ne"\n' },
  { name: 'text behind a quote', body: 'id,e-mail\n"7"8,jane\n' },
  { name: 'a blank before a quote', body: 'id,e-mail\n7, "jane"\n' },
  { name: 'a blank behind a quote', body: 'id,e-mail\n"7" ,jane\n' },
  { name: 'a quote without end', body: 'id,e-mail\n7,"jane\n' },
  { name: 'a quote escaped by a backslash', body: 'id,e-mail\n7,"ja\\"ne"\n' },
  { name: 'rows that end in two ways, LF first', body: 'id,e-mail\n7,jane\r\n' },
  { name: 'rows that end in two ways, CR LF first', body: 'id,e-mail\r\n7,jane\n8,joe\r\n' },
  { name: 'rows that end by CR', body: 'id,e-mail\r7,jane\r' },
  { name: 'CR in a bare cell', body: 'id,e-mail\n7\r8,jane\n' },
  { name: 'NUL', body: 'id,e-mail\n"7"\0,jane\n' },
  { name: 'another separator', body: 'id;e-mail\n7;jane\n' },
  { name: 'a line that tells the separator', body: 'sep=,\nid,e-mail\n7,jane\n' },
  { name: 'a comment', body: '# export\nid,e-mail\n7,jane\n' },
  { name: 'JSON', body: '[{"id":7}]' },
  { name: 'tabs with CR', body: 'id\te-mail\n7\rx\tjane\n', format: TSV },
]

test('what leaves of a table, whole and in pieces', (t) => {
  for (const { name, body, out, format = CSV } of TAKEN) {
    for (const sizes of [[100_000], [1], [2, 5]]) {
      const run = runFormat(PROGRAM, format, body, { sizes })
      t.same([run.bytes, run.refused], [out, undefined], name)
    }
  }
  t.end()
})

test('what is not plainly one table with a known header is refused', (t) => {
  for (const { name, body, format = CSV } of REFUSED) {
    for (const sizes of [[100_000], [1]]) {
      const run = runFormat(PROGRAM, format, body, { sizes })
      t.equal(run.refused, SYNTAX, name)
      t.notMatch(run.bytes, /ja|jane@/, 'nothing of it has left')
    }
  }
  const broken = Buffer.concat([
    Buffer.from('id,e-mail\n7,'),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('\n'),
  ])
  t.equal(runFormat(PROGRAM, CSV, broken).refused, SYNTAX, 'not UTF-8')
  const utf16 = Buffer.from('\ufeffid,e-mail\n7,jane\n', 'utf16le')
  t.equal(runFormat(PROGRAM, CSV, utf16).refused, SYNTAX, 'UTF-16')
  t.end()
})

test('rows are counted and joined to their data subjects', (t) => {
  const { exposures } = runFormat(PROGRAM, CSV, 'id,e-mail\n7,a\n8,b\n7,c\n9,\n')
  t.same(exposures.counters, [3, 0])
  t.same(
    exposures.subjects.map(({ id, counters }) => [id, counters[0]]),
    [
      ['7', 2],
      ['8', 1],
      ['9', 0],
    ],
  )
  t.end()
})

test('every operator leaves a table: removed, number, null, object, the row as a whole', (t) => {
  const json = (text: string): Edit => ({ kind: 'constant', json: Buffer.from(text) })
  const cases: readonly (readonly [query: string, edit: Edit, row: string])[] = [
    ['$.note', SUPPRESS, '7,,z'],
    ['$.note', json('0'), '7,0,z'],
    ['$.note', json('null'), '7,,z'],
    ['$.note', json('"a,b"'), '7,"a,b",z'],
    ['$.note', json('"a\\nb"'), '7,"a\nb",z'],
    ['$.note', json('"say \\"x\\""'), '7,"say ""x""",z'],
    ['$.note', json('{"a":1}'), '7,"{""a"":1}",z'],
    ['$', json('"***"'), '***,***,***'],
    ['$', SUPPRESS, ',,'],
    ['$', json('[1,"x"]'), '"[1,""x""]","[1,""x""]","[1,""x""]"'],
  ]
  for (const [query, edit, row] of cases) {
    const program = programOf({ lines: [{ query, edit }] })
    const run = runFormat(program, CSV, 'id,note,a b\n7,y,z\n')
    t.same([run.bytes, run.refused], [`id,note,a b\n${row}\n`, undefined], query)
  }
  const program = programOf({ lines: [{ query: '$.note', edit: json('"a\\tb\\nc"') }] })
  t.equal(runFormat(program, TSV, 'id\tnote\n7\ty\n').bytes, 'id\tnote\n7\ta b c\n')
  t.end()
})

test('a row or a header longer than the limit is refused', (t) => {
  const row = `7,${'x'.repeat(200)}`
  const quoted = `7,"${'x'.repeat(200)}`
  for (const body of [
    `id,note\n${row}\n`,
    `id,note\n${row}`,
    `id,note\n${quoted}`,
    `id,note\n${'7'.repeat(200)}`,
  ]) {
    for (const sizes of [[10_000], [10]]) {
      const { refused } = runFormat(PROGRAM, CSV, body, { sizes, recordBytesMax: 100 })
      t.equal(refused, SYNTAX)
    }
  }
  t.equal(
    runFormat(PROGRAM, CSV, 'x'.repeat(80_000), { sizes: [1_000] }).refused,
    'ERR_FORMAT_LIMIT',
  )
  t.end()
})

const cellText = fc.string({
  unit: fc.constantFrom('a', 'é', '🙂', ' ', ',', ';', '\t', '"', '\n', '\r', '=', '\\'),
  maxLength: 6,
})
const quotedCell = cellText.map((text) => `"${text.replaceAll('"', '""')}"`)
const bareCell = cellText.map((text) => text.replaceAll(/[,;\t"\r\n]/g, '-'))
const cell = fc.oneof(quotedCell, bareCell)
const pieces = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 })
const table = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom('id', 'name', 'e-mail', 'note'), { minLength: 2 }),
    rows: fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 5 }),
    end: fc.constantFrom('\n', '\r\n'),
    ended: fc.boolean(),
    mark: fc.boolean(),
  })
  .map(({ names, rows, end, ended, mark }) => {
    const lines = [names, ...rows.map((row) => row.slice(0, names.length))]
    const text = lines.map((line) => line.join(',')).join(end)
    return `${mark ? '\ufeff' : ''}${text}${ended ? end : ''}`
  })

test('a table that no rule touches leaves byte for byte', (t) => {
  const nothing = programOf({ lines: [] })
  fc.assert(
    fc.property(table, pieces, (body, sizes) => {
      const run = runFormat(nothing, CSV, body, { sizes })
      return run.refused === undefined && run.bytes === body
    }),
    { numRuns: 500 },
  )
  t.end()
})

test('only the cells of masked columns change, as another reader sees it', (t) => {
  const capitals = programOf({ lines: [{ query: "$['e-mail','note']", edit: CAPITALS }] })
  const read = (text: string) => parse<Record<string, string>>(text, { columns: true, bom: true })
  fc.assert(
    fc.property(table, pieces, (body, sizes) => {
      const run = runFormat(capitals, CSV, body, { sizes })
      const expected = read(body).map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, text]) => [
            name,
            name === 'e-mail' || name === 'note' ? text.toUpperCase() : text,
          ]),
        ),
      )
      return JSON.stringify(read(run.bytes)) === JSON.stringify(expected)
    }),
    { numRuns: 300 },
  )
  t.end()
})
