/** Policies that are no YAML, or YAML that could be read in two ways. */
import { test } from 'tap'
import { POLICY_BYTES_MAX } from '../../../src/rules/policy/yaml-source.ts'
import { faultsOf } from '../policy-text.ts'
import { checkFaults } from './table.ts'

test('a policy that says nothing is refused', (t) => {
  checkFaults(t, [
    { name: 'an empty file', whole: '▸', says: [/is empty/], hints: [/config\/policies\.yaml/] },
    { name: 'white space', whole: '▸\n \n\n', says: [/is empty/] },
    { name: 'comments only', whole: '▸# nothing\n# at all\n', says: [/is empty/] },
    { name: 'a document marker only', whole: '---▸\n', says: [/must be a map/] },
    { name: 'null', whole: '▸null\n', says: [/must be a map/] },
    { name: 'text', whole: '▸hello\n', says: [/must be a map/] },
    { name: 'a list', whole: '▸- version: 1\n', says: [/must be a map/] },
  ])
  t.end()
})

test('YAML in which rules could vanish without an error is refused', (t) => {
  checkFaults(t, [
    {
      name: 'a merge key',
      whole: 'a: { ▸<<: { b: 1 } }\n',
      says: [/merge key \(<<\)/],
      hints: [/write the values out/],
    },
    { name: 'a quoted merge key', whole: 'a:\n  ▸"<<": { b: 1 }\n', says: [/merge key/] },
    {
      name: 'an anchor and aliases of it',
      whole: 'a: &x ▸1\nb: ▸*x\nc: [▸*x]\n',
      says: [/anchor \(&\)/, /alias \(\*\)/, /alias/],
    },
    {
      name: 'a merge of an alias',
      whole: 'a: &x ▸{ b: 1 }\nc:\n  ▸<<: ▸*x\n',
      says: [/anchor/, /merge key/, /alias/],
    },
    {
      name: 'a billion laughs',
      whole: 'a: &a ▸[ha, ha]\nb: &b ▸[▸*a, ▸*a]\nc: &c ▸[▸*b, ▸*b]\nd: [▸*c, ▸*c]\n',
      says: Array.from({ length: 9 }, () => /anchor|alias/),
    },
    { name: 'a tag of YAML', whole: 'a: !!str ▸1\n', says: [/tag \(!\)/] },
    { name: 'a binary', whole: 'a: !!binary ▸aGVsbG8=\n', says: [/tag/] },
    { name: 'directives', whole: '▸%YAML 1.1\n---\nversion: 1\n', says: [/directive \(%\)/] },
    {
      name: 'a directive after a comment',
      whole: '# a comment\n\n▸%TAG ! tag:example.com,2000:\n---\nversion: 1\n',
      says: [/directive/],
    },
    {
      name: 'two documents',
      whole: 'version: 1\n▸---\nversion: 1\n',
      says: [/second YAML document/],
    },
    { name: 'an empty second document', whole: 'version: 1\n...\n▸---\n', says: [/second YAML/] },
    {
      name: 'a member twice',
      whole: 'version: 1\nroles: {}\n▸version: 1\n',
      says: [/`version` stands twice/],
      hints: [/would replace the earlier/],
    },
    {
      name: 'members twice, deep, quoted and three times',
      whole: 'a:\n  - { b: 1, ▸"b": 2, ▸\'b\': 3 }\n  - { b: 1 }\n',
      says: [/`b` stands twice/, /`b` stands twice/],
    },
    { name: 'a number that is a name twice', whole: '1: a\n▸"1": b\n', says: [/`1` stands twice/] },
    {
      name: 'a list as a name',
      whole: 'version: 1\n? ▸[a]\n: 1\n',
      says: [/keys must be strings/],
    },
  ])
  t.end()
})

test('YAML that is broken is refused with its place', (t) => {
  checkFaults(t, [
    {
      name: 'a tab as indentation',
      whole: 'version: 1\nroles:\n▸\tagent: {}\n',
      says: [/[Tt]abs/],
      hints: [/spaces/],
    },
    {
      name: 'cut off in a key',
      whole: 'version: 1\nroutes:\n  - match: GET /x\n    ▸upst',
      says: [/map values/],
    },
    { name: 'wrong indentation', whole: 'roles:\n  a: {}\n▸ b: {}\n', says: [/same column/] },
    {
      name: 'a byte order mark inside',
      whole: 'roles:\n  ▸\uFEFFagent: {}\n',
      says: [/byte order mark/],
    },
  ])
  const cut = faultsOf('version: 1\nroutes: [{ match: "GET /x')
  t.match(cut[0], { line: 2, message: /[Mm]issing closing/ }, 'cut off in a text')
  const bare = faultsOf('fields: { a: $.users[*].email }\n')
  t.match(bare[0], { line: 1, column: 21, hint: /in quotes/ }, 'a query without quotes')
  t.end()
})

test('bytes that are no policy are refused before they are read', (t) => {
  const one = { line: 1, column: 1 }
  const big = faultsOf(Buffer.alloc(10_000_000, 'version: 1\n'))
  t.match(big, [{ ...one, message: /larger than 1048576 bytes/ }], '10 MB')
  t.ok(faultsOf(Buffer.alloc(POLICY_BYTES_MAX, '#'))[0]?.message.includes('empty'), 'just 1 MiB')
  const notUtf8 = [
    [0x61, 0x3a, 0x20, 0xff],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
  ]
  for (const bytes of notUtf8) {
    t.match(faultsOf(Uint8Array.from(bytes)), [{ ...one, message: /not UTF-8/ }], bytes.join())
  }
  t.ok(faultsOf(Buffer.from('version: 1\n', 'utf16le')).length > 0, 'UTF-16')
  t.ok(faultsOf('version: 1\0\n').length > 0, 'NUL')
  t.match(
    faultsOf(Buffer.from('\uFEFFversion: 2\n')).at(-1),
    { line: 1, column: 10, message: /must be 1/ },
    'a byte order mark at the start is no part of the text',
  )
  t.match(faultsOf('version: 2\r\nroles: 3\r\n').at(-1), { line: 2, column: 8 }, 'CRLF')
  t.end()
})

test('text made to exhaust the reader is refused in bounded time', (t) => {
  const list = '['.repeat(5_000)
  t.match(faultsOf(list + ']'.repeat(5_000))[0], { line: 1, message: /nests deeper than 64/ })
  t.ok(faultsOf('['.repeat(100_000)).length > 0, 'lists that do not end')
  const steps = Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')
  t.match(faultsOf(steps)[0], { line: 65, message: /nests deeper than 64/ }, 'maps')
  const roles = Array.from({ length: 10_000 }, (_, index) => `  role${index}: {}\n`).join('')
  t.match(faultsOf(`roles:\n${roles}`).at(-1), { message: /more than 1000/ }, '10,000 members')
  const wrong = Array.from({ length: 2_000 }, (_, index) => `unknown${index}: 1\n`).join('')
  t.equal(faultsOf(wrong).length, 100, 'at most a hundred faults are told')
  t.end()
})
