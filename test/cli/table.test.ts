/** Tables for terminals, also those that go on, and JSON that no terminal takes for a command. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { jsonText, plainText, TableRows } from '../../src/cli/table.ts'

test('a table that goes on keeps the widths that it began with, and has one header', (t) => {
  const table = new TableRows(['time', 'who'])
  t.same(table.take(), [], 'nothing before there is something')
  table.add(['10:00', undefined])
  table.add(['9:00', 'agent-1'])
  t.same(table.take(), ['time   who', '10:00  -', '9:00   agent-1'])
  table.add(['10:00:30', 7])
  t.equal(table.waiting, 1)
  t.same(table.take(), ['10:00:30  7'])
  t.same(table.take(), [])
  t.end()
})

test('JSON says the same with its control and format characters escaped', (t) => {
  const texts = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(fc.dictionary(texts, texts, { noNullPrototype: true }), (value) => {
      const text = jsonText(value)
      t.same(JSON.parse(text), value)
      t.equal(plainText(text), text)
    }),
  )
  t.equal(jsonText('\u009b\u{e0041}'), '"\\u009b\\udb40\\udc41"')
  t.end()
})
