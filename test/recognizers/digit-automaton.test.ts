/** The automaton of an expression of digits says what the expression says, for every number of digits at once. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { compileRegexp } from '../../src/json/regexp/program.ts'
import { DigitAutomaton } from '../../src/recognizers/checks/digit-automaton.ts'

const RUNS = 300
const STATES_MAX = 1_024

const automatonOf = (pattern: string): DigitAutomaton => {
  const { program } = compileRegexp(pattern)
  if (program === undefined) throw new Error(pattern)
  return new DigitAutomaton(program)
}

const valuesOf = (digits: string): Uint8Array => Uint8Array.from(digits, Number)

/** Bit n: the first n digits match as a whole. */
function expected(pattern: string, digits: string): number {
  const whole = new RegExp(`^(?:${pattern})$`)
  let lengths = 0
  for (let length = 1; length <= digits.length; length += 1) {
    if (whole.test(digits.slice(0, length))) lengths |= 1 << length
  }
  return lengths
}

const digit = fc.integer({ min: 0, max: 9 }).map(String)
const { pattern: patterns } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((branches) => branches.join('|')),
  part: fc
    .tuple(
      fc.oneof(
        { maxDepth: 3 },
        digit,
        fc.constant('[0-9]'),
        fc.constant('[24-6]'),
        tie('pattern').map((inner) => `(${inner})`),
      ),
      fc.constantFrom('', '?', '{2}', '{1,3}'),
    )
    .map((both) => both.join('')),
}))

test('of any expression, of any digits, it says what the expression says', (t) => {
  fc.assert(
    fc.property(
      patterns,
      fc.array(fc.array(digit, { maxLength: 17 }), { minLength: 1, maxLength: 8 }),
      (pattern, tries) => {
        const automaton = automatonOf(pattern)
        for (const digits of tries.map((each) => each.join(''))) {
          const matches = automaton.matches(valuesOf(digits), 0, digits.length)
          if (matches !== expected(pattern, digits)) return false
        }
        return true
      },
    ),
    { numRuns: RUNS },
  )
  t.end()
})

test('with more states than it keeps it begins anew, and says the same', (t) => {
  const pattern = '[01]*1[01]{11}'
  const automaton = automatonOf(pattern)
  let largest = 0
  for (let number = 0; number < 4_000; number += 1) {
    const digits = ((number * 48_271) % 2 ** 24).toString(2).padStart(24, '0')
    const matches = automaton.matches(valuesOf(digits), 0, digits.length)
    if (matches !== expected(pattern, digits)) t.equal(matches, expected(pattern, digits), digits)
    largest = Math.max(largest, automaton.states)
  }
  t.equal(largest, STATES_MAX)
  t.end()
})

test('it looks at the digits from the first to the last that it is given only', (t) => {
  const automaton = automatonOf('12{1,3}')
  t.equal(automaton.matches(valuesOf('91222'), 1, 4), (1 << 2) | (1 << 3))
  t.equal(automaton.matches(valuesOf('91222'), 0, 5), 0)
  t.end()
})
