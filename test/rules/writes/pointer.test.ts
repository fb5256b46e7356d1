/** JSON Pointers by RFC 6901: its examples, what it does not allow, and that every name has one. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { indexOf, parsePointer } from '../../../src/rules/writes/json-patch/pointer.ts'

test('the examples of RFC 6901', (t) => {
  for (const [pointer, tokens] of [
    ['', []],
    ['/foo', ['foo']],
    ['/foo/0', ['foo', '0']],
    ['/', ['']],
    ['/a~1b', ['a/b']],
    ['/c%d', ['c%d']],
    ['/e^f', ['e^f']],
    ['/g|h', ['g|h']],
    ['/i\\j', ['i\\j']],
    ['/k"l', ['k"l']],
    ['/ ', [' ']],
    ['/m~0n', ['m~n']],
    ['/~01', ['~1']],
  ] as const) {
    t.same(parsePointer(pointer), tokens, pointer)
  }
  t.end()
})

test('what is no pointer', (t) => {
  for (const text of ['foo', '#/foo', '/a~', '/a~2b', '/~/', '0', '/a'.repeat(257)]) {
    t.equal(parsePointer(text), undefined, text.slice(0, 20))
  }
  t.equal(parsePointer('/a'.repeat(256))?.length, 256)
  t.end()
})

test('names at random have a pointer', (t) => {
  const names = fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 })
  fc.assert(
    fc.property(names, (tokens) => {
      const escaped = tokens.map((token) => token.replaceAll('~', '~0').replaceAll('/', '~1'))
      return isDeepStrictEqual(parsePointer(escaped.map((one) => `/${one}`).join('')), tokens)
    }),
  )
  t.end()
})

test('indices have one spelling', (t) => {
  t.equal(indexOf('0', 3), 0)
  t.equal(indexOf('2', 3), 2)
  t.equal(indexOf('3', 3), 3, 'behind the last')
  for (const token of ['4', '00', '01', '-1', '-', '1e0', '1.0', ' 1', '', '٣', '4294967296']) {
    t.equal(indexOf(token, 3), undefined, token)
  }
  t.end()
})
