/** Data subjects are found again by scope and id, and by nothing else. */
import fc from 'fast-check'
import { test } from 'tap'
import { SubjectTable } from '../../../src/json/rewriter/subject-table.ts'
import { Subjects } from '../../../src/json/rewriter/subjects.ts'
import { toldExposures, type ToldExposures } from '../../helpers/told-exposures.ts'

const ids = fc.oneof(
  fc.nat({ max: 40 }),
  fc.nat({ max: 600 }).map((id) => 360_000_000_000 + id),
  fc.maxSafeNat(),
  fc.constantFrom('', 'a', '0 a', '-1', 'user-7'),
)
const pairs = fc.array(fc.tuple(fc.nat({ max: 3 }), ids), { maxLength: 400 })

test('a table says of each pair what a Map says, and after it was emptied, too', (t) => {
  const table = new SubjectTable()
  fc.assert(
    fc.property(pairs, (asked) => {
      table.clear()
      const known = new Map<string, number>()
      for (const [scope, id] of asked) {
        const key = JSON.stringify([scope, id])
        if (table.find(scope, id) !== (known.get(key) ?? -1)) return false
        if (known.has(key)) continue
        table.add(scope, id, known.size)
        known.set(key, known.size)
      }
      return asked.every(
        ([scope, id]) => table.find(scope, id) === known.get(JSON.stringify([scope, id])),
      )
    }),
  )
  t.end()
})

test('subjects count as a Map of arrays counts, up to their limit, in order of first appearance', (t) => {
  const subjects = new Subjects(200)
  const counts = fc.array(
    fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 260 }), fc.nat({ max: 2 }), fc.nat({ max: 50 })),
    { maxLength: 500 },
  )
  fc.assert(
    fc.property(counts, (told) => {
      subjects.clear()
      const known = new Map<
        string,
        { scope: number; id: string; order: number; counters: number[] }
      >()
      for (const [scope, id, counter, order] of told) {
        const key = `${scope} ${id}`
        let place = subjects.find(scope, id)
        if (place < 0) place = subjects.add(scope, id, order)
        else subjects.opened(place, order)
        if (place < 0) {
          if (known.size < 200 || known.has(key)) return false
          continue
        }
        subjects.tally(place, counter, 1)
        const one = known.get(key) ?? { scope, id: String(id), order, counters: [0, 0, 0] }
        one.order = Math.min(one.order, order)
        one.counters[counter] = (one.counters[counter] ?? 0) + 1
        known.set(key, one)
      }
      const expected: ToldExposures['subjects'] = [...known.values()]
        .toSorted((a, b) => a.order - b.order)
        .map(({ scope, id, counters }) => ({ scope, id, counters }))
      const copy = subjects.copy()
      const asText = JSON.stringify(expected)
      return [subjects, copy].every((one) => JSON.stringify(toldOf(one)) === asText)
    }),
  )
  t.end()
})

function toldOf(subjects: Subjects): ToldExposures['subjects'] {
  const unscoped = [0, 0, 0]
  const exposures = { counters: [], subjects: subjects.exposures(), unscoped }
  return toldExposures({ ...exposures, scopesOverflowed: false }).subjects
}
