/** The scanner's bounds: what has no room in it is done by the walk, and comes out the same. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import { compileProgram } from '../../../src/json/program.ts'
import type { Program } from '../../../src/json/program-source.ts'
import * as layout from '../../../src/json/scanner/layout.ts'
import { scanner } from '../../../src/json/scanner/scanner.ts'
import { CAPITALS, programOf, REDACT, sourceOf } from '../../helpers/json-reference/program-of.ts'
import { runProgram, withoutScanner } from '../../helpers/json-reference/run-case.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** What comes out with the scanner, which must be what comes out without it. */
function bothWays(program: Program, document: Buffer, size = document.length): string {
  const how = { sizes: [size], keys: new Set<string>() }
  const wanted = withoutScanner(() => runProgram(program, document, how))
  const got = runProgram(program, document, how)
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error('another result')
  if (got.refused !== undefined) throw new Error(got.refused)
  return got.bytes
}

test('both sides agree on where things stand', (t) => {
  const assembly = readFileSync(join(ROOT, 'assembly/layout.ts'), 'utf8')
  const there = new Map(
    [...assembly.matchAll(/^export const (\w+): \w+ = (\d[\d_]*)$/gm)].map(([, name, value]) => [
      name ?? '',
      Number(value?.replaceAll('_', '')),
    ]),
  )
  const pairs: readonly (readonly [string, number])[] = [
    ['REGISTERS', layout.REGISTERS_AT],
    ['STACK', layout.STACK_AT],
    ['LEVEL_BYTES', layout.LEVEL_NUMBERS * 4],
    ['BRACKETS', layout.BRACKETS_AT],
    ['EVENTS', layout.EVENTS_AT],
    ['EVENTS_MAX', layout.EVENTS_MAX],
    ['EVENT_BYTES', layout.EVENT_NUMBERS * 4],
    ['INPUT', layout.INPUT_AT],
    ['TABLES', layout.TABLES_AT],
    ['ROW_LINKS', layout.ROW_HEAD * 4],
    ['ATOM_BYTES', layout.ATOM_NUMBERS * 4],
    ['CHOICE_BYTES', layout.CHOICE_NUMBERS * 4],
    ['CHOICES_MASK', layout.CHOICES - 1],
    ['EVENT_LEAF', layout.EVENT_LEAF],
    ['EVENT_OPEN', layout.EVENT_OPEN],
    ['EVENT_REMOVED', layout.EVENT_REMOVED],
    ['EVENT_BITS', layout.EVENT_BITS],
  ]
  for (const [name, value] of pairs) t.equal(there.get(name), value, name)
  for (const [name, number] of Object.entries(layout.REGISTER)) {
    const constant = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
    t.equal(there.get(constant), number, constant)
  }
  t.end()
})

test('no two parts of the memory overlap', (t) => {
  const parts: readonly (readonly [number, number])[] = [
    [layout.REGISTERS_AT, layout.REGISTERS * 4],
    [layout.STACK_AT, layout.LEVELS_MAX * layout.LEVEL_NUMBERS * 4],
    [layout.BRACKETS_AT, layout.LEVELS_MAX],
    [layout.EVENTS_AT, layout.EVENTS_MAX * layout.EVENT_NUMBERS * 4],
    [layout.INPUT_AT, layout.INPUT_BYTES_MAX + layout.PADDING_BYTES],
    [layout.TABLES_AT, 1],
  ]
  for (const [index, [at, bytes]] of parts.entries()) {
    const next = parts[index + 1]?.[0] ?? layout.MEMORY_BYTES
    t.ok(at + bytes <= next, `part ${index} ends before ${next}`)
  }
  t.end()
})

test('more locations in one piece than there is room to note', (t) => {
  const program = programOf({
    lines: [{ query: '$[*].a', edit: CAPITALS, counters: [0] }],
    scopes: [{ at: '$[*]', id: '@.id' }],
  })
  const count = layout.EVENTS_MAX * 2 + 7
  const document = Buffer.from(JSON.stringify(Array.from({ length: count }, () => ({ a: 'x' }))))
  t.ok(document.length < layout.INPUT_BYTES_MAX)
  t.equal(bothWays(program, document).match(/X/g)?.length, count)
  t.end()
})

test('a piece larger than the scanner takes', (t) => {
  const program = programOf({ lines: [{ query: '$[*].a', edit: REDACT }] })
  const document = Buffer.from(
    JSON.stringify(Array.from({ length: 30_000 }, (_, at) => ({ id: at, a: 'secret' }))),
  )
  t.ok(document.length > layout.INPUT_BYTES_MAX)
  t.notMatch(bothWays(program, document), 'secret')
  t.notMatch(bothWays(program, document, 100_000), 'secret')
  t.end()
})

test('more programs than there is room for, in turn', (t) => {
  const names = Array.from({ length: 40 }, (_, group) =>
    Array.from({ length: 100 }, (__, at) => `'name-${group}-${at}'`).join(),
  )
  const programs = Array.from({ length: 60 }, (_, at) =>
    programOf({
      lines: [
        { query: `$..secret_${at}`, edit: REDACT },
        ...names.map((group) => ({ query: `$.none[${group}]`, edit: REDACT })),
      ],
    }),
  )
  const document = Buffer.from(
    JSON.stringify({ list: programs.map((_, at) => ({ [`secret_${at}`]: `value-${at}.` })) }),
  )
  for (let round = 0; round < 2; round += 1) {
    for (const [at, program] of programs.entries()) {
      const masked = bothWays(program, document)
      if (masked.includes(`value-${at}.`) || !masked.includes(`value-${(at + 1) % 60}.`)) {
        t.fail(`program ${at} in round ${round}`)
      }
    }
  }
  t.pass('each masked its own')
  t.end()
})

test('more outcomes of filters than are kept', (t) => {
  const names = Array.from('abcdefghij')
  const test = names.map((name) => `@.${name}==1`).join(' || ')
  const program = programOf({ lines: [{ query: `$[?${test}].secret`, edit: REDACT }] })
  const document = Buffer.from(
    JSON.stringify(
      Array.from({ length: 1_024 }, (_, bits) => ({
        ...Object.fromEntries(names.map((name, at) => [name, (bits >> at) & 1])),
        secret: 'hidden',
      })),
    ),
  )
  t.equal(bothWays(program, document).match(/hidden/g)?.length, 1)
  t.equal(bothWays(program, document, 1_000).match(/hidden/g)?.length, 1)
  t.end()
})

test('filters see every spelling of what they compare', (t) => {
  const cases: readonly (readonly [filter: string, candidate: string, selects: boolean])[] = [
    ['@.k==7', '{"k":7,"s":"x"}', true],
    ['@.k==7', '{"k":7.0,"s":"x"}', true],
    ['@.k==7', '{"k":70e-1,"s":"x"}', true],
    ['@.k==7', '{"k":"7","s":"x"}', false],
    ['@.k==7', '{"s":"x","k":[7]}', false],
    ['@.k==0', '{"k":-0,"s":"x"}', true],
    ['@.k==0', '{"k":-0.0,"s":"x"}', true],
    ['@.k==-7', '{"k":-7,"s":"x"}', true],
    ['@.k==-7', '{"k":-70E-1,"s":"x"}', true],
    ["@.k=='é'", '{"k":"é","s":"x"}', true],
    ["@.k=='é'", '{"k":"\\u00e9","s":"x"}', true],
    ["@.k=='a'", '{"\\u006b":"a","s":"x"}', true],
    ["@.k=='a'", '{ "s" : "x" , "k" : "a" }', true],
    ["@.k==''", '{"k":"","s":"x"}', true],
    ['@.k==null', '{"k":null,"s":"x"}', true],
    ['@.k==null', '{"s":"x"}', false],
    ['@.k!=null', '{"s":"x"}', true],
    ['@.k==true', '{"k":true,"s":"x"}', true],
    ['@.k==true', '{"k":false,"s":"x"}', false],
    ['@.k', '{"k":null,"s":"x"}', true],
    ['!@.k', '{"k":null,"s":"x"}', false],
    ['!@.k', '{"s":"x","n":{"k":1,"s":"y"}}', true],
    ['@.k==1 && @.l==2', '{"k":1,"l":2,"s":"x"}', true],
    ['@.k==1 && @.l==2', '{"k":1,"l":3,"s":"x"}', false],
    ['@.k==1 && !(@.l==2)', '{"k":1,"l":3,"s":"x"}', true],
  ]
  for (const [filter, candidate, selects] of cases) {
    const program = programOf({ lines: [{ query: `$[?${filter}].s`, edit: REDACT }] })
    const document = Buffer.from(`[${candidate},${candidate},{}]`)
    for (const size of [document.length, 5]) {
      const masked = bothWays(program, document, size)
      t.equal(!masked.includes('"x"'), selects, `${filter} over ${candidate}`)
    }
  }
  t.end()
})

test('two members of the name that a filter asks for are refused', (t) => {
  const program = programOf({ lines: [{ query: '$[?@.k==1].s', edit: REDACT }] })
  for (const candidate of ['{"k":1,"k":2,"s":"x"}', '{"k":2,"\\u006b":1,"s":"x"}']) {
    const { refused } = runProgram(program, Buffer.from(`[{"k":1,"s":"x"},${candidate}]`), {
      sizes: [1_000],
      keys: new Set(),
    })
    t.equal(refused, 'ERR_JSON_AMBIGUOUS', candidate)
  }
  t.end()
})

test('an operator may run the program it is part of', (t) => {
  let depth = 0
  const program: Program = compileProgram({
    ...sourceOf({ lines: [{ query: '$.a' }] }),
    resolve: ([target]) => ({
      leaf:
        target === undefined
          ? undefined
          : {
              kind: 'transform',
              apply: ({ text }) => {
                depth += 1
                const inner = text.startsWith('{')
                  ? runProgram(program, Buffer.from(text), { sizes: [3], keys: new Set() }).bytes
                  : 'hidden'
                depth -= 1
                return { kind: 'string', text: inner }
              },
            },
      container: undefined,
      memberName: undefined,
      counters: [],
    }),
  })
  const nested = JSON.stringify({ a: JSON.stringify({ a: 'x', b: 1 }), b: [{}, { a: 'kept' }] })
  const { bytes } = runProgram(program, Buffer.from(nested), { sizes: [1_000], keys: new Set() })
  t.equal(bytes, nested.replace('\\"x\\"', '\\"hidden\\"'))
  t.equal(depth, 0)
  t.end()
})

test('an operator that waits for keys when the scanner has gone on leaves the rest as it is', (t) => {
  const keys = new Set<string>()
  const program = programOf({
    lines: [
      {
        query: '$.b.*',
        edit: {
          kind: 'transform',
          apply: () =>
            keys.has('k') ? { kind: 'string', text: 'hidden' } : { kind: 'need', keyIds: ['k'] },
        },
      },
      { query: '$', reach: 'names', rename: (name) => name },
    ],
  })
  const { bytes } = runProgram(program, Buffer.from('{"b":{"c":"x"},"q":"kept"}'), {
    sizes: [100],
    keys,
  })
  t.equal(bytes, '{"b":{"c":"hidden"},"q":"kept"}')
  t.end()
})

test('names that data was used for are told from words, however they come', (t) => {
  const program = compileProgram({
    ...sourceOf({ lines: [{ query: '$.known', edit: REDACT }] }),
    resolve: () => ({
      leaf: undefined,
      container: undefined,
      memberName: undefined,
      foreignName: () => '~',
      counters: [],
    }),
  })
  const words = ['', 'a', 'first_name', 'x-y.z', '@type', '#text', '$ref', 'v1234', 'a'.repeat(64)]
  const foreign = [
    'jo@b.example',
    'Jane Doe',
    'Zoë',
    '+34600',
    '600123456',
    'x12345',
    '1.2345e6/7',
    'a"b',
    'a\\b',
    'line\nline',
    'a'.repeat(65),
    `${'a'.repeat(20)}12345`,
    `@${'b'.repeat(17)} c`,
    'a@b',
  ]
  for (const name of [...words, ...foreign]) {
    const documentOf = (text: string) =>
      `[{"id":1,${JSON.stringify(text)}:{${JSON.stringify(text)}:[7],"known":"***"}}]`
    const document = Buffer.from(documentOf(name))
    const wanted = words.includes(name) ? name : '~'
    for (const size of [document.length, 4]) {
      t.equal(bothWays(program, document, size), documentOf(wanted), JSON.stringify(name))
    }
  }
  t.end()
})

test('what filters decide for one child is kept for that child only', (t) => {
  for (const statesMax of [2, 3, 4, 5, 6, 4_096]) {
    const program = programOf({
      lines: [
        { query: '$[?@.k==1].s', edit: CAPITALS },
        { query: "$['n'].t", edit: REDACT },
        { query: '$', reach: 'names', rename: (name) => name },
      ],
      limits: { statesMax },
    })
    const how = { sizes: [1_000], keys: new Set<string>() }
    for (let round = 0; round < 3; round += 1) {
      // Ends where a filter has been asked and nothing has been done yet.
      program.start().push(Buffer.from('[5'), false)
      const object = runProgram(program, Buffer.from('{"n":{"t":"u","k":2,"s":"x"}}'), how)
      t.equal(object.bytes, '{"n":{"t":"***","k":2,"s":"x"}}', `${statesMax} states`)
      const list = runProgram(program, Buffer.from('[{"k":2,"t":"y"},{"k":1,"s":"x"}]'), how)
      t.equal(list.bytes, '[{"k":2,"t":"y"},{"k":1,"s":"X"}]', `${statesMax} states`)
    }
  }
  t.end()
})

test('nothing of a document stays in the memory, whatever came of it', (t) => {
  if (scanner === undefined) throw new Error('this runtime has WebAssembly')
  const program = programOf({ lines: [{ query: '$.a', edit: CAPITALS }] })
  const memory = new Uint8Array(
    scanner.events.buffer,
    layout.INPUT_AT,
    layout.INPUT_BYTES_MAX + layout.PADDING_BYTES,
  )
  for (const document of ['{"a":"secret","b":"secret"}', '{"a":"secret","b":secret}', '{"a":"se']) {
    runProgram(program, Buffer.from(document), { sizes: [9], keys: new Set() })
    t.ok(
      memory.every((byte) => byte === 0),
      document,
    )
  }
  t.ok(scanner.begin(new Uint8Array(0), DEFAULT_LIMITS), 'it is free again')
  t.notOk(scanner.begin(new Uint8Array(0), DEFAULT_LIMITS), 'for one walk at a time')
  scanner.end()
  t.end()
})
