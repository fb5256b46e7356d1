/** What is asked before the check of a national number never says no to one that the check accepts. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { NATIONAL_NUMBERS } from '../../src/recognizers/kinds/national-numbers.ts'

const quick = NATIONAL_NUMBERS.filter(({ mayBe }) => mayBe !== undefined)

test('a number that is valid may be one', (t) => {
  t.ok(quick.length >= 4)
  for (const { country, mayBe, isValid, digits } of quick) {
    const length = Math.max(
      ...digits.map(({ sizes }) => sizes.reduce((sum, size) => sum + size, 0)),
    )
    let valid = 0
    const base = fc.string({
      unit: fc.constantFrom(...'0123456789'),
      minLength: length - 2,
      maxLength: length - 2,
    })
    const law = fc.property(base, (head) => {
      // Sex, year and month of a French number must be some.
      const first = country === 'FR' ? `18507${head.slice(5)}` : head
      for (let check = 0; check < 100; check += 1) {
        const number = `${first}${String(check).padStart(2, '0')}`
        if (!isValid(number)) continue
        valid += 1
        if (mayBe?.(Uint8Array.from(number, Number), 0) !== true) return false
      }
      return true
    })
    fc.assert(law, { numRuns: 60 })
    t.ok(valid > 10, `${country}: ${valid} valid ones`)
  }
  t.end()
})
