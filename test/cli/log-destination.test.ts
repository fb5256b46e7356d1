/** Lines of the log: together, in their order, and none is lost. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'tap'
import { inTurns } from '../../src/cli/log-destination.ts'

test('lines of one turn are one write, those of the next another', async (t) => {
  const taken: string[] = []
  const { write } = inTurns((lines) => taken.push(lines))
  write('a\n')
  write('b\n')
  t.same(taken, [])
  await nextTurn()
  t.same(taken, ['a\nb\n'])
  write('c\n')
  await nextTurn()
  t.same(taken, ['a\nb\n', 'c\n'])
})

test('what is held at the end is handed on at once, and not again', async (t) => {
  const taken: string[] = []
  const { write, flush } = inTurns((lines) => taken.push(lines))
  write('a\n')
  flush()
  t.same(taken, ['a\n'])
  write('b\n')
  flush()
  flush()
  await nextTurn()
  t.same(taken, ['a\n', 'b\n'])
})
