/** Tables for terminals, also those that go on, and JSON that no terminal takes for a command. */
import { Writable } from 'node:stream'
import * as fc from 'fast-check'
import { test } from 'tap'
import { jsonText, plainText, TableRows } from '../../src/cli/table.ts'
import { ROWS_WAITING_MAX, tableWriter } from '../../src/cli/table-writer.ts'

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

test('of a long table so many rows wait, and what comes after them is written at once', async (t) => {
  let lines = 0
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => {
      lines += 1
      done()
    },
  })
  const table = tableWriter(['who'], { stdout })
  for (let row = 1; row < ROWS_WAITING_MAX; row += 1) await table.add([row])
  t.equal(lines, 0)
  await table.add(['agent'])
  t.equal(lines, ROWS_WAITING_MAX + 1, 'with the header')
  await table.add(['another'])
  t.equal(lines, ROWS_WAITING_MAX + 2)
  await table.flush()
  t.equal(lines, ROWS_WAITING_MAX + 2, 'nothing was left')
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
