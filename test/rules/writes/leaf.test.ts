/** When two values are the same, and when a form may have made one of the other. */
import { test } from 'tap'
import type { Leaf } from '../../../src/json/program-source.ts'
import { leafOfJson, mayBeReturned, sameLeaf } from '../../../src/rules/writes/leaf.ts'

function leaf(json: string): Leaf {
  const found = leafOfJson(json)
  if (found === undefined) throw new TypeError(`no leaf: ${json}`)
  return found
}

test('values are the same by type and value', (t) => {
  for (const [a, b, same] of [
    ['1', '1.0', true],
    ['1', '10e-1', true],
    ['12345678901234567890', '12345678901234567891', false],
    ['0', '-0', true],
    ['1', '"1"', false],
    ['"a"', '"\\u0061"', true],
    ['"a"', '"a "', false],
    ['null', '""', false],
    ['true', 'false', false],
  ] as const) {
    t.equal(sameLeaf(leaf(a), leaf(b)), same, `${a} ${b}`)
  }
  t.equal(leafOfJson('{}'), undefined)
  t.equal(leafOfJson('[1]'), undefined)
  t.end()
})

test('a form trims, changes line ends, normalises and writes numbers as text', (t) => {
  for (const [returned, shown, may] of [
    ['"a***@x.example "', '"a***@x.example"', true],
    ['"one\\r\\ntwo"', '"one\\ntwo"', true],
    ['"one\\rtwo"', '"one\\ntwo"', true],
    ['"e\\u0301***"', '"\\u00e9***"', true],
    ['"0"', '0', true],
    ['" 0.0 "', '0', true],
    ['0', '"0"', true],
    ['"false"', 'false', true],
    ['false', '"false"', true],
    ['""', 'null', true],
    ['" "', 'null', true],
    ['"A***@x.example"', '"a***@x.example"', false],
    ['"a*** @x.example"', '"a***@x.example"', false],
    ['"00"', '0', false],
    ['"+0"', '0', false],
    ['"0x0"', '0', false],
    ['"False"', 'false', false],
    ['0', 'false', false],
    ['"null"', 'null', false],
  ] as const) {
    t.equal(mayBeReturned(leaf(returned), leaf(shown)), may, `${returned} ${shown}`)
  }
  const long = `"0${'.0'.padEnd(2_000, '0')}"`
  t.equal(mayBeReturned(leaf(long), leaf('0')), false, 'no number of a document is as long')
  t.end()
})
