/** What comes out: every edit in every place, and that nothing else changes. */
import { test } from 'tap'
import { compileProgram, maskDocument } from '../../../src/json/program.ts'
import { JsonOperatorError } from '../../../src/json/errors.ts'
import type { Leaf, Transformed } from '../../../src/json/program-source.ts'
import {
  CAPITALS,
  programOf,
  REDACT,
  sourceOf,
  SUPPRESS,
  type TestProgram,
} from '../../helpers/json-reference/program-of.ts'
import { runProgram } from '../../helpers/json-reference/run-case.ts'

/** The document, a query, and what is left when its locations are removed. */
const SUPPRESSED: readonly (readonly [string, string, string])[] = [
  ['{"a":1}', '$.a', '{}'],
  ['{"a":1,"b":2}', '$.a', '{"b":2}'],
  ['{"a":1,"b":2}', '$.b', '{"a":1}'],
  ['{"a":1,"b":2,"c":3}', '$.b', '{"a":1,"c":3}'],
  ['{"a":1,"b":2,"c":3}', "$['a','b']", '{"c":3}'],
  ['{"a":1,"b":2,"c":3}', "$['b','c']", '{"a":1}'],
  ['{"a":1,"b":2,"c":3}', "$['a','c']", '{"b":2}'],
  ['{"a":1,"b":2,"c":3}', '$.*', '{}'],
  ['[1,2,3]', '$[0]', '[2,3]'],
  ['[1,2,3]', '$[1]', '[1,3]'],
  ['[1,2,3]', '$[-1]', '[1,2]'],
  ['[1,2,3,4]', '$[::2]', '[2,4]'],
  ['[1,2,3,4]', '$[1::2]', '[1,3]'],
  ['[{"a":[1]},[2]]', '$[0]', '[[2]]'],
  ['[{"a":[1]},[2]]', '$[1]', '[{"a":[1]}]'],
  ['[[],{}]', '$[*]', '[]'],
  ['{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}', '$.a', '{\n  "b": 2,\n  "c": 3\n}'],
  ['{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}', '$.b', '{\n  "a": 1,\n  "c": 3\n}'],
  ['{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}', '$.c', '{\n  "a": 1,\n  "b": 2\n}'],
  ['{ "a" : 1 }', '$.a', '{  }'],
  ['[ 1 , 2 , 3 ]', '$[0,1]', '[   3 ]'],
  [' {"a":1} ', '$', ' null '],
  ['"text"', '$', 'null'],
  ['[]', '$', 'null'],
  ['{"a":1,"a":2,"b":3}', '$.a', '{"b":3}'],
  ['{"b":{"a":1,"c":[{"a":2}]},"a":3}', '$..a', '{"b":{"c":[{}]}}'],
]

test('suppress removes the item and one comma, so that the rest is JSON', (t) => {
  for (const [document, query, wanted] of SUPPRESSED) {
    const program = { lines: [{ query, edit: SUPPRESS }] }
    t.equal(everyWay(program, document), wanted, `${query} of ${document}`)
  }
  t.end()
})

test('a constant stands for whatever there was, containers too', (t) => {
  const program = { lines: [{ query: '$.a', edit: REDACT }] }
  for (const value of ['1', '"x"', 'null', '[1,{"b":[]}]', '{"a":"\\""}', '-0.5e+3', '""']) {
    t.equal(everyWay(program, `{"a": ${value} ,"b":1}`), '{"a": "***" ,"b":1}', value)
  }
  t.end()
})

test('what no query names leaves byte for byte', (t) => {
  const documents = [
    '{"id":9007199254740993,"f":1.0,"e":1E2,"n":-0,"big":1e400,"esc":"\\u00e9\\/","a":1,"a":2}',
    '[ ]',
    '{"__proto__":{"x":1},"":0}',
    '"\\ud800"',
    '"é🙂\u2028"',
  ]
  for (const document of documents) {
    t.equal(everyWay({ lines: [{ query: '$..nothing', edit: REDACT }] }, document), document)
  }
  t.end()
})

test('names are matched as they read, not as they are written, and every time they stand', (t) => {
  const program = { lines: [{ query: '$.email', edit: REDACT }] }
  t.equal(everyWay(program, '{"em\\u0061il":1}'), '{"em\\u0061il":"***"}')
  t.equal(everyWay(program, '{"email":1,"email":2}'), '{"email":"***","email":"***"}')
  t.equal(everyWay(program, '{"emai":1,"emaill":2}'), '{"emai":1,"emaill":2}')
  const odd = { lines: [{ query: "$['🙂','a\\\\b','\\u0000']", edit: REDACT }] }
  const written = '{"\\ud83d\\ude42":1,"🙂":2,"a\\\\b":3,"a\\u005cb":4,"\\u0000":5}'
  t.equal(everyWay(odd, written), written.replaceAll(/\d(?=[,}])/g, '"***"'))
  const raw = { lines: [{ query: "$['a\\\\nb']", edit: REDACT }] }
  t.equal(everyWay(raw, '{"a\\nb":1}'), '{"a\\nb":1}', 'a name with a line feed is another one')
  t.end()
})

test('locations are found on the original document, so an edit above covers what is below', (t) => {
  const lines = [
    { query: '$.a', edit: REDACT },
    { query: '$.a.b', edit: SUPPRESS },
  ]
  t.equal(everyWay({ lines }, '{"a":{"b":1},"b":2}'), '{"a":"***","b":2}')
  t.equal(everyWay({ lines: [...lines].reverse() }, '{"a":{"b":1}}'), '{"a":"***"}')
  t.end()
})

test('reach: a leaf only where it is no container, names without values, a sub-tree with all', (t) => {
  const leaf = { lines: [{ query: '$.a', reach: 'leaf' as const, edit: REDACT }] }
  t.equal(everyWay(leaf, '{"a":1,"a":[2]}'), '{"a":"***","a":[2]}')
  const rename = (name: string) => `${name}!`
  const names = { lines: [{ query: '$.a', reach: 'names' as const, rename }] }
  t.equal(everyWay(names, '{"a":{ "x" :{"y":1}, "é":"x" }}'), '{"a":{ "x!" :{"y":1}, "é!":"x" }}')
  t.equal(everyWay(names, '{"a":["x"]}'), '{"a":["x"]}')
  const all = { lines: [{ query: '$.a', edit: CAPITALS }] }
  t.equal(everyWay(all, '{"a":{"b":["x",1,true,null]}}'), '{"a":{"b":["X","1","TRUE","NULL"]}}')
  t.end()
})

test('a transform sees the decoded value and its answer is encoded', (t) => {
  const seen: Leaf[] = []
  const answers: Record<string, Transformed> = {
    'a"\n': { kind: 'string', text: 'b"\n\u2028\ud800' },
    '12.50': { kind: 'json', json: '[12]' },
    true: { kind: 'json', json: Buffer.from('0') },
    null: { kind: 'keep' },
  }
  const apply = (leaf: Leaf): Transformed => {
    seen.push(leaf)
    return answers[leaf.text] ?? { kind: 'keep' }
  }
  const program = programOf({ lines: [{ query: '$[*]', edit: { kind: 'transform', apply } }] })
  const { bytes } = maskDocument(program, Buffer.from('["a\\u0022\\n",12.50,true,null]'))
  t.equal(bytes.toString(), '["b\\"\\n\u2028\ufffd",[12],0,null]')
  t.same(seen, [
    { type: 'string', text: 'a"\n' },
    { type: 'number', text: '12.50' },
    { type: 'boolean', text: 'true' },
    { type: 'null', text: 'null' },
  ])
  t.end()
})

test('an operator that fails or answers with no JSON refuses the document', (t) => {
  const failing = (): never => {
    throw new TypeError('of its own')
  }
  const lines = [{ query: '$.a', edit: { kind: 'transform', apply: failing } as const }]
  t.throws(() => maskDocument(programOf({ lines }), Buffer.from('{"a":"secret"}')), {
    code: 'ERR_JSON_OPERATOR',
    cause: { message: 'of its own' },
    offset: 5,
  })
  const json = {
    kind: 'transform',
    apply: (): Transformed => ({ kind: 'json', json: '{' }),
  } as const
  const broken = programOf({ lines: [{ query: '$.a', edit: json }] })
  t.throws(() => maskDocument(broken, Buffer.from('{"a":1}')), JsonOperatorError)
  const names = programOf({ lines: [{ query: '$', reach: 'names', rename: failing }] })
  t.throws(() => maskDocument(names, Buffer.from('{"a":1}')), JsonOperatorError)
  t.end()
})

test('a transform that needs keys is asked again at the same byte', (t) => {
  const asked: string[] = []
  let isThere = false
  const apply = ({ text }: Leaf): Transformed => {
    asked.push(text)
    return isThere ? { kind: 'string', text: `<${text}>` } : { kind: 'need', keyIds: ['k1'] }
  }
  const program = programOf({ lines: [{ query: '$..a', edit: { kind: 'transform', apply } }] })
  const document = Buffer.from('{"x":1,"a":"one","b":{"a":"two"}}')
  const rewriter = program.start()
  t.same(rewriter.push(document, true), { kind: 'need', keyIds: ['k1'] })
  isThere = true
  const pushed = rewriter.push(Buffer.alloc(0), true)
  t.equal(
    pushed.kind === 'bytes' && pushed.bytes.toString(),
    '{"x":1,"a":"<one>","b":{"a":"<two>"}}',
  )
  t.same(asked, ['one', 'one', 'two'])
  isThere = false
  t.throws(() => maskDocument(program, document), { code: 'ERR_JSON_OPERATOR' })
  const fetched: (readonly string[])[] = []
  const masked = maskDocument(program, document, (keyIds) => {
    fetched.push(keyIds)
    isThere = true
  })
  t.same(fetched, [['k1']])
  t.equal(masked.bytes.toString(), '{"x":1,"a":"<one>","b":{"a":"<two>"}}')
  t.end()
})

test('what was returned does not change later', (t) => {
  const program = programOf({ lines: [{ query: '$..a', edit: REDACT }] })
  const document = Buffer.from(JSON.stringify(Array.from({ length: 300 }, (_, b) => ({ a: 1, b }))))
  const returned: Buffer[] = []
  const then: string[] = []
  for (let round = 0; round < 20; round += 1) {
    const rewriter = program.start()
    for (let at = 0; at < document.length; at += 700) {
      const piece = Buffer.from(document.subarray(at, at + 700))
      const pushed = rewriter.push(piece, at + 700 >= document.length)
      if (pushed.kind !== 'bytes') continue
      returned.push(pushed.bytes)
      then.push(pushed.bytes.toString())
    }
  }
  t.ok(returned.length > 100)
  t.same(
    returned.map((bytes) => bytes.toString()),
    then,
  )
  t.end()
})

test('an output that grows far beyond its input is whole, wherever it grows', (t) => {
  for (let times = 1; times < 3_000; times += 97) {
    const apply = (): Transformed => ({ kind: 'string', text: 'é'.repeat(times) })
    const lines = [{ query: '$.a', edit: { kind: 'transform', apply } as const }]
    for (const rest of ['', '1'.repeat(200), '1'.repeat(700), '1'.repeat(20_000)]) {
      const document = `{"a":0,"b":"${rest}"}`
      const { bytes } = maskDocument(programOf({ lines }), Buffer.from(document))
      const wanted = `{"a":"${'é'.repeat(times)}","b":"${rest}"}`
      if (bytes.toString() !== wanted) t.fail(`${times} characters before ${rest.length}`)
    }
  }
  t.end()
})

test('a program whose treatments cannot be done is not compiled', (t) => {
  const document = Buffer.from('{"a":1}')
  const wrong = [
    { leaf: { kind: 'constant', json: Buffer.from('{') } as const, counters: [] },
    { leaf: undefined, counters: [7] },
  ]
  for (const part of wrong) {
    const resolve = () => ({ container: undefined, memberName: undefined, ...part })
    t.throws(() => maskDocument(compileProgram({ ...sourceOf({ lines: [] }), resolve }), document))
  }
  t.end()
})

/** The document whole, byte by byte and in odd pieces: always the same. */
function everyWay(program: TestProgram, document: string): string {
  const compiled = programOf(program)
  const bytes = Buffer.from(document)
  const outputs = [[bytes.length], [1], [2], [3], [7], [1, 5]].map((sizes) =>
    runProgram(compiled, bytes, { sizes, keys: new Set() }),
  )
  const distinct = new Set(outputs.map((ran) => ran.refused ?? ran.bytes))
  return Buffer.from([...distinct].join('\n'), 'latin1').toString()
}
