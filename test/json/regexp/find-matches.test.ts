/** Matches inside a text: held against JavaScript's own matcher, which finds the same where every branch is as long as it can be. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { findMatches, MATCH_UNITS_MAX } from '../../../src/json/regexp/find-matches.ts'
import { compileRegexp } from '../../../src/json/regexp/program.ts'

const ANYWHERE = { mayStart: () => true, mayEnd: () => true }

function matches(pattern: string, text: string): readonly string[] {
  const { program, fault } = compileRegexp(pattern)
  if (program === undefined) throw new Error(fault.message)
  const list: string[] = []
  findMatches(program, text, ANYWHERE, (start, end) =>
    list.push(`${start} ${text.slice(start, end)}`),
  )
  return list
}

test('of the matches that begin first the longest is taken, and the next begins behind it', (t) => {
  t.same(matches('a|ab|abc', 'abcab'), ['0 abc', '3 ab'])
  t.same(matches('a(b*c)?', 'abbbabbc'), ['0 a', '4 abbc'])
  t.same(matches('[0-9]+', 'a12b345'), ['1 12', '4 345'])
  t.same(matches('a*', 'baab'), ['1 aa'], 'the empty text is no match')
  t.same(matches('\u{1f600}+', 'x\u{1f600}\u{1f600}'), ['1 \u{1f600}\u{1f600}'])
  t.same(matches('', 'abc'), [])
  t.end()
})

test('a match is at most so long', (t) => {
  t.same(matches('a+', 'a'.repeat(MATCH_UNITS_MAX)).length, 1)
  t.end()
})

test('it agrees with JavaScript where alternatives are of one length', (t) => {
  const part = fc.constantFrom('a', 'b', '[ab]', '(a|b)', 'c', 'ab', '[bc]')
  const repeated = fc
    .tuple(part, fc.constantFrom('', '+', '*', '?', '{2}', '{1,3}'))
    .map((parts) =>
      parts[0].length > 1 && !/^[[(]/.test(parts[0]) ? `(${parts[0]})${parts[1]}` : parts.join(''),
    )
  const patterns = fc.array(repeated, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
  const law = fc.property(patterns, text, (pattern, subject) => {
    const own = matches(pattern, subject)
    const first = longestFirst(pattern, subject)
    return own[0] === first
  })
  fc.assert(law, { numRuns: 2_000 })
  t.end()
})

/** By trying every range. */
function longestFirst(pattern: string, text: string): string | undefined {
  const whole = new RegExp(`^(?:${pattern})$`, 'u')
  for (let start = 0; start < text.length; start += 1) {
    for (let end = text.length; end > start; end -= 1) {
      if (whole.test(text.slice(start, end))) return `${start} ${text.slice(start, end)}`
    }
  }
  return undefined
}
