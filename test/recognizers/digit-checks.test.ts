/** Checks that share their work over many stretches of digits say of each what it says by itself. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { DeclaredPlans } from '../../src/recognizers/checks/declared-plans.ts'
import { LuhnSums, passesLuhn } from '../../src/recognizers/checks/luhn.ts'
import {
  phoneCountries,
  phonePlan,
  validLengths,
} from '../../src/recognizers/checks/phone-plans.ts'
import type { PhonePlan } from '../../src/recognizers/checks/phone-plans.ts'
import { DEFAULT_COUNTRIES } from '../../src/recognizers/registry.ts'

const RUNS = 300

const digitsOf = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength })
    .map((values) => Uint8Array.from(values))

test('sums over all digits tell of any stretch whether its check digit is right', (t) => {
  const sums = new LuhnSums(40)
  const law = fc.property(digitsOf(1, 40), (values) => {
    sums.load(values, values.length)
    for (let from = 0; from < values.length; from += 1) {
      for (let to = from + 1; to <= values.length; to += 1) {
        if (sums.passes(from, to) !== passesLuhn(values, from, to)) return false
      }
    }
    return true
  })
  fc.assert(law, { numRuns: RUNS })
  t.ok(passesLuhn(Uint8Array.from('4111111111111111', Number), 0, 16))
  t.end()
})

const countries = [...DEFAULT_COUNTRIES, 'HU', 'RU', 'IT']
const plans = countries.flatMap((country) => phonePlan(country) ?? [])

/** One plan after the other, with its trunk prefix first: the first that has all of the digits decides. */
function expected(digits: string): string {
  let best = 'impossible'
  for (const plan of plans) {
    const { trunk, trunkNeeded, lengths } = plan
    if (trunk !== '' && digits.startsWith(trunk)) {
      const rest = digits.slice(trunk.length)
      if (isValid(plan, rest)) return 'with trunk'
      if ((lengths & (1 << rest.length)) !== 0) best = 'possible'
    }
    if (trunkNeeded) continue
    if (isValid(plan, digits)) return 'valid'
    if ((lengths & (1 << digits.length)) !== 0) best = 'possible'
  }
  return best
}

function isValid(plan: PhonePlan, digits: string): boolean {
  const values = Uint8Array.from(digits, Number)
  return (validLengths(plan, values, 0, values.length) & (1 << values.length)) !== 0
}

test('declared plans, chosen by the first digits, say what each says by itself', (t) => {
  const declared = new DeclaredPlans(plans)
  const counts = new Map<string, number>()
  const law = fc.property(
    fc.constantFrom('', '0', '06', '08', '8', '612', '0171', '20', '1', '415'),
    digitsOf(6, 10),
    (start, values) => {
      const digits = start + values.join('')
      const all = Uint8Array.from(digits, Number)
      declared.look(all, 0, all.length)
      for (let length = 7; length <= digits.length; length += 1) {
        const bit = 1 << length
        const found =
          (declared.withTrunk & bit) !== 0
            ? 'with trunk'
            : (declared.valid & bit) !== 0
              ? 'valid'
              : (declared.possible & bit) !== 0
                ? 'possible'
                : 'impossible'
        if (found !== expected(digits.slice(0, length))) return false
        counts.set(found, (counts.get(found) ?? 0) + 1)
      }
      return true
    },
  )
  fc.assert(law, { numRuns: RUNS })
  t.equal(counts.size, 4, [...counts].join(' '))
  t.end()
})

test('all countries can be declared together', (t) => {
  const declared = new DeclaredPlans(
    phoneCountries().flatMap((country) => phonePlan(country) ?? []),
  )
  t.ok(declared.isValid(Uint8Array.from('612345678', Number), 0, 9))
  t.end()
})
