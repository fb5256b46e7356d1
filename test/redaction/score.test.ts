/** How found spans are held against labelled ones. */
import { test } from 'tap'
import {
  lowerBound,
  precisionOf,
  recallOf,
  ScoreBoard,
} from '../../src/redaction/evaluation/score.ts'

const TEXT = 'card 4111 1111, mail jane@example.com'

function scored(labels: readonly [number, number][], found: readonly [number, number][]) {
  const board = new ScoreBoard()
  const spans = (list: readonly [number, number][]) =>
    list.map(([start, end]) => ({ kind: 'card', start, end }))
  board.add(TEXT, spans(labels), spans(found))
  return board.scores()[0]
}

test('a value is covered where no letter and no digit of it is left', (t) => {
  t.match(scored([[5, 14]], [[5, 14]]), { labelled: 1, covered: 1, found: 1, right: 1 })
  t.match(scored([[5, 14]], [[5, 13]]), { covered: 0, right: 1 })
  t.match(scored([[5, 15]], [[5, 14]]), { covered: 1, right: 1 }, 'signs do not count')
  t.match(scored([[5, 14]], []), { labelled: 1, covered: 0, found: 0 })
  t.end()
})

test('a span is right where it is a value and hardly anything else', (t) => {
  t.match(scored([[5, 14]], [[2, 14]]), { covered: 1, found: 1, right: 1 })
  t.match(scored([[5, 14]], [[0, 20]]), { covered: 1, found: 1, right: 0 })
  t.match(scored([], [[5, 14]]), { labelled: 0, found: 1, right: 0 })
  t.end()
})

test('precision and recall are parts of what was found and labelled, and the bound lies below', (t) => {
  const score = { kind: 'card', labelled: 200, covered: 190, found: 100, right: 98 }
  t.equal(precisionOf(score), 0.98)
  t.equal(recallOf(score), 0.95)
  t.equal(lowerBound(0, 0), 0)
  t.ok(lowerBound(200, 200) > 0.98 && lowerBound(200, 200) < 1)
  t.ok(lowerBound(190, 200) < 0.95 && lowerBound(190, 200) > 0.9)
  t.ok(lowerBound(19, 20) < lowerBound(190, 200), 'fewer trials say less')
  t.end()
})
