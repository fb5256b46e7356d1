/** The tape: nodes in document order, decoded text, locations, and what it refuses. */
import { AssertionError } from 'node:assert'
import * as fc from 'fast-check'
import { test } from 'tap'
import { JsonDepthError } from '../../../src/json/errors.ts'
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import { locationOf } from '../../../src/json/tape/location.ts'
import {
  buildTape,
  decodeString,
  FLAG_ESCAPED_NAME,
  FLAG_ESCAPED_STRING,
  KIND_ARRAY,
  KIND_NULL,
  KIND_OBJECT,
  KIND_STRING,
  TapeBuilder,
  type Tape,
} from '../../../src/json/tape/tape.ts'

function tapeOf(json: string): Tape {
  const bytes = Buffer.from(json)
  return buildTape(bytes, 0, bytes.length, DEFAULT_LIMITS)
}

/** The value that the tape holds, built from nothing but the tape. */
function valueOf(tape: Tape, node: number): unknown {
  const { bytes, kind, start, end, next } = tape
  const from = start[node] ?? 0
  const to = end[node] ?? 0
  if (kind[node] === KIND_STRING) return decodeString(bytes, from + 1, to - 1)
  if (kind[node] !== KIND_ARRAY && kind[node] !== KIND_OBJECT) {
    return JSON.parse(Buffer.from(bytes.subarray(from, to)).toString('latin1'))
  }
  const entries: [string, unknown][] = []
  const after = next[node] ?? 0
  for (let child = node + 1; child < after; child = next[child] ?? after) {
    const name = decodeString(bytes, tape.nameStart[child] ?? 0, tape.nameEnd[child] ?? 0)
    entries.push([tape.nameStart[child] === -1 ? '' : name, valueOf(tape, child)])
  }
  if (kind[node] === KIND_ARRAY) return entries.map(([, value]) => value)
  return Object.fromEntries(entries)
}

test('the tape holds every value, whatever the white space and the escapes', (t) => {
  const documents = fc.tuple(fc.jsonValue(), fc.constantFrom(undefined, 2, '\r\n\t'), fc.boolean())
  const builder = new TapeBuilder(DEFAULT_LIMITS)
  fc.assert(
    fc.property(documents, ([value, indent, escaped]) => {
      const plain = JSON.stringify(value, undefined, indent)
      const json = escaped
        ? plain.replaceAll(/[a-z\u0080-\uffff](?=[^"]*")/g, unicodeEscape)
        : plain
      const readable = isSame(json, plain) ? json : plain
      const bytes = Buffer.from(`##${readable}##`)
      const tape = builder.build(bytes, 2, bytes.length - 2)
      return JSON.stringify(valueOf(tape, 0)) === JSON.stringify(JSON.parse(readable))
    }),
    { numRuns: 2_000, seed: 8_259 },
  )
  t.end()
})

/** Escaping characters of literals or escapes would change the document: then the plain one is used. */
function isSame(json: string, plain: string): boolean {
  try {
    return JSON.stringify(JSON.parse(json)) === JSON.stringify(JSON.parse(plain))
  } catch {
    return false
  }
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

test('no row is lost where the arrays grow', (t) => {
  for (const item of ['1', '"x"', '"\\n"', 'true', 'null', '[]', '{"a":1}']) {
    const json = `[${Array<string>(1_500).fill(item).join(', ')}]`
    t.strictSame(valueOf(tapeOf(json), 0), JSON.parse(json), item)
  }
  t.end()
})

test('the tape has one row for each node, with offsets, names and flags', (t) => {
  const tape = tapeOf(' {"a":[1, null],"\\u0062":"x\\n"} ')
  t.equal(tape.count, 5)
  t.strictSame([...tape.kind.subarray(0, 5)], [6, 5, 3, 0, 4])
  t.strictSame([...tape.next.subarray(0, 5)], [5, 4, 3, 4, 5])
  t.strictSame([...tape.start.subarray(0, 5)], [1, 6, 7, 10, 25])
  t.strictSame([...tape.end.subarray(0, 5)], [31, 15, 8, 14, 30])
  t.strictSame([...tape.nameStart.subarray(0, 5)], [-1, 3, -1, -1, 17])
  t.strictSame([...tape.nameEnd.subarray(0, 5)], [-1, 4, -1, -1, 23])
  t.strictSame(
    [...tape.flags.subarray(0, 5)],
    [0, 0, 0, 0, FLAG_ESCAPED_NAME | FLAG_ESCAPED_STRING],
  )
  t.end()
})

function decode(text: string): string {
  const bytes = Buffer.from(text)
  return decodeString(bytes, 0, bytes.length)
}

test('decodeString decodes every escape, and keeps half a surrogate pair', (t) => {
  t.equal(decode('plain é 😀'), 'plain é 😀')
  t.equal(decode('\\"\\\\\\/\\b\\f\\n\\r\\t'), '"\\/\b\f\n\r\t')
  t.equal(decode('\\u00e9\\uD83D\\ude00x'), 'é😀x')
  t.equal(decode('\\ud800'), '\ud800')
  t.equal(decode(''), '')
  for (const text of ['\\', '\\x', '\\u12', '\\u12g4', '\\u\u0010000']) {
    t.throws(() => decode(text), AssertionError, JSON.stringify(text))
  }
  const part = Buffer.from('xxabcxx').subarray(2, 5)
  t.equal(decodeString(part, 0, 3), 'abc', 'a view into a larger buffer')
  t.end()
})

test('locationOf writes normalized paths', (t) => {
  const tape = tapeOf('{"a":[{"it\'s":[]},{"x":[[1],[2,3]]}],"\\u0001\\n\\ud800":null}')
  const locations = Array.from({ length: tape.count }, (_, node) => locationOf(tape, node))
  t.strictSame(locations, [
    '$',
    "$['a']",
    "$['a'][0]",
    "$['a'][0]['it\\'s']",
    "$['a'][1]",
    "$['a'][1]['x']",
    "$['a'][1]['x'][0]",
    "$['a'][1]['x'][0][0]",
    "$['a'][1]['x'][1]",
    "$['a'][1]['x'][1][0]",
    "$['a'][1]['x'][1][1]",
    "$['\\u0001\\n\\ud800']",
  ])
  t.end()
})

test('the tape refuses depth beyond the limit, and bytes that are not one value', (t) => {
  const { depthMax } = DEFAULT_LIMITS
  t.equal(tapeOf('['.repeat(depthMax) + ']'.repeat(depthMax)).count, depthMax)
  t.throws(() => tapeOf('['.repeat(depthMax + 1)), JsonDepthError)
  const bad = [
    '',
    ' ',
    '[',
    ']',
    '[}',
    '{"a"}',
    '{"a" 1}',
    '{"a":}',
    '{1}',
    '1 2',
    '[] []',
    '"a',
    '"a\\"',
    '{"a',
    '#',
  ]
  for (const json of bad) t.throws(() => tapeOf(json), AssertionError, json)
  t.throws(() => buildTape(Buffer.from('[]'), 0, 3, DEFAULT_LIMITS), AssertionError)
  t.throws(() => buildTape(Buffer.from('nul'), 0, 3, DEFAULT_LIMITS), AssertionError)
  t.end()
})

test('a builder serves again after a refusal and after a large document', (t) => {
  const builder = new TapeBuilder(DEFAULT_LIMITS)
  const large = Buffer.from(`[${'1,'.repeat(100_000)}1]`)
  t.equal(builder.build(large, 0, large.length).count, 100_002)
  const small = Buffer.from('[null]')
  t.throws(() => builder.build(small, 0, 5), AssertionError)
  const tape = builder.build(small, 0, 6)
  t.equal(tape.count, 2)
  t.equal(tape.kind[1], KIND_NULL)
  t.ok(tape.kind.length < 100_000, 'the room for the large document is given back')
  t.end()
})
