/** How well the recognizers do on the corpus that is held back: no worse than they did. `npm run eval:text` prints the figures. */
import { test } from 'tap'
import { precisionOf, recallOf } from '../../src/redaction/evaluation/score.ts'
import { evaluate } from '../helpers/text-corpus/evaluate.ts'
import { GOALS } from '../helpers/text-corpus/goals.ts'

/** Precision and recall as they were measured, rounded down. */
const FLOORS: Readonly<Record<string, readonly [precision: number, recall: number]>> = {
  address: [0.97, 0.89],
  birthdate: [0.998, 1],
  card: [0.995, 1],
  dni: [1, 1],
  email: [1, 1],
  iban: [1, 1],
  ip: [1, 0.995],
  national: [0.998, 0.998],
  phone: [0.994, 0.994],
  secret: [1, 1],
  ssn: [1, 1],
  url: [1, 1],
}
/** Of 5,000 lines without personal data. */
const ALTERED_MAX = 10

const { scores, altered } = evaluate('held-back')

test('every kind with enough values keeps its precision and its recall', (t) => {
  const frozen = scores.filter(({ labelled }) => labelled >= GOALS.floorSpansMin)
  t.same(frozen.map(({ kind }) => kind).toSorted(), Object.keys(FLOORS).toSorted())
  for (const score of frozen) {
    const [precision = 1, recall = 1] = FLOORS[score.kind] ?? []
    t.ok(precisionOf(score) >= precision, `${score.kind}: precision ${precisionOf(score)}`)
    t.ok(recallOf(score) >= recall, `${score.kind}: recall ${recallOf(score)}`)
  }
  t.ok(altered.length <= ALTERED_MAX, `${altered.length} lines altered`)
  t.end()
})

test('the goals are reached', (t) => {
  for (const { kind, precision, recall } of GOALS.kinds) {
    const score = scores.find((entry) => entry.kind === kind)
    t.ok(score !== undefined && precisionOf(score) >= precision, `${kind}: precision`)
    t.ok(score !== undefined && recallOf(score) >= recall, `${kind}: recall`)
  }
  t.ok(altered.length <= GOALS.decoys.alteredMax)
  t.end()
})
