/** I-Regexp (RFC 9485): what is one, what it matches, agreement with JavaScript, and that no pattern takes long. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { matchesPart, matchesWhole } from '../../../src/json/regexp/matcher.ts'
import { compileRegexp, type RegexpProgram } from '../../../src/json/regexp/program.ts'

const UNCOUNTED = { spend: (): void => {} }

function compiled(pattern: string): RegexpProgram {
  const { program, fault } = compileRegexp(pattern)
  if (program === undefined) throw new Error(`${pattern}: ${fault.message}`)
  return program
}

/** Pattern, texts that match whole, texts that do not. */
const MATCHES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['', [''], ['a']],
  ['a|b|', ['', 'a', 'b'], ['ab']],
  ['a.c', ['abc', 'a😀c', 'a\u2028c'], ['ac', 'a\nc', 'a\rc', 'abbc']],
  ['a*b+c?', ['b', 'aabbc'], ['a', 'ac']],
  ['a{2}', ['aa'], ['a', 'aaa']],
  ['a{2,}', ['aa', 'aaaa'], ['a']],
  ['a{0,2}b', ['b', 'ab', 'aab'], ['aaab']],
  ['a{0}', [''], ['a']],
  ['(ab|cd)+e', ['abe', 'cdabe'], ['e', 'abde']],
  ['(a*)*', ['', 'aaa'], ['b']],
  ['(a|)+', ['', 'aa'], ['b']],
  ['[a-c]', ['a', 'b', 'c'], ['d', '-', '']],
  ['[^a-c]', ['d', '\n', '😀'], ['a']],
  ['[-a]', ['-', 'a'], ['b']],
  ['[a-]', ['-', 'a'], ['b']],
  ['[a^]', ['a', '^'], ['b']],
  ['[.*+?(){}|$]', ['.', '*', '$', '|'], ['a']],
  ['[\\]\\[\\\\\\^\\-]', [']', '[', '\\', '^', '-'], ['a']],
  ['[\\n\\r\\t]', ['\n', '\r', '\t'], ['n']],
  ['[\\p{Lu}0-9]', ['A', 'É', '5'], ['a']],
  ['[^\\P{L}]', ['a'], ['1']],
  ['\\p{L}', ['a', 'é', '中', '𝒜'], ['1', 'ab']],
  ['\\P{L}', ['1', '😀'], ['a']],
  ['\\p{Nd}{3}', ['123', '٣٣٣'], ['12']],
  ['\\(\\)\\*\\+\\-\\.\\?\\[\\\\\\]\\^\\{\\|\\}', ['()*+-.?[\\]^{|}'], ['']],
  ['^ab$', ['ab'], ['^ab$', 'xab']],
  ['(^a|b)c', ['ac', 'bc'], ['c']],
  ['a^b', [], ['ab', 'a^b']],
  ['[\u{10000}-\u{10ffff}]', ['😀'], ['a', '\ud83d']],
  ['a,b-c/d:e@f"g\'h&i~j', ['a,b-c/d:e@f"g\'h&i~j'], ['a']],
]

test('match() is true of the whole text only', (t) => {
  for (const [pattern, right, wrong] of MATCHES) {
    const program = compiled(pattern)
    const matched = (text: string): boolean => matchesWhole(program, text, UNCOUNTED)
    t.strictSame(right.filter(matched), right, `${pattern} matches`)
    t.strictSame(wrong.filter(matched), [], `${pattern} does not match`)
  }
  t.end()
})

test('search() is true of any part of the text', (t) => {
  const found: readonly (readonly [string, string, boolean])[] = [
    ['', '', true],
    ['b+', 'abbc', true],
    ['^b', 'ab', false],
    ['b$', 'ab', true],
    ['b$', 'abc', false],
    ['^$', '', true],
    ['^$', 'a', false],
    ['a.c', 'a\nc abc', true],
    ['😀', 'a😀b', true],
    ['x', 'abc', false],
  ]
  for (const [pattern, text, result] of found) {
    t.equal(
      matchesPart(compiled(pattern), text, UNCOUNTED),
      result,
      `${pattern} in ${JSON.stringify(text)}`,
    )
  }
  t.end()
})

test('what is no I-Regexp is refused with its position', (t) => {
  const faults: readonly (readonly [string, number])[] = [
    ['(', 1],
    [')', 0],
    ['a)', 1],
    ['*a', 0],
    ['a**', 2],
    ['a*?', 2],
    ['a{', 2],
    ['a{,2}', 2],
    ['a{2', 3],
    ['a{2,1}', 5],
    ['}', 0],
    [']', 0],
    ['[', 1],
    ['[]', 1],
    ['[a', 2],
    ['[a-c-e]', 4],
    ['[c-a]', 4],
    ['[a[b]', 2],
    ['\\d', 1],
    ['\\w', 1],
    ['\\1', 1],
    ['\\$', 1],
    ['\\', 1],
    ['\\pL', 2],
    ['\\p{Xx}', 6],
    ['\\p{Script=Greek}', 16],
    ['\\p{L', 3],
    ['(?:a)', 1],
    ['(?=a)', 1],
    ['\ud800', 0],
  ]
  for (const [pattern, position] of faults) {
    const { fault } = compileRegexp(pattern)
    t.match(fault, { kind: 'syntax', position, message: /^expected / }, pattern)
  }
  t.end()
})

test('what is an I-Regexp but too large is told apart', (t) => {
  const large = [
    'a{5000}',
    'a{1,99999999999999999999}',
    '(a{99}){99}',
    '(((){4000}){4000}){4000}',
    '((((|){64}){64}){64}){64}',
    '('.repeat(65) + ')'.repeat(65),
    'a'.repeat(4_097),
  ]
  for (const pattern of large) t.match(compileRegexp(pattern).fault, { kind: 'size' })
  t.ok(compileRegexp('a{4000}').program)
  t.ok(compileRegexp('('.repeat(64) + ')'.repeat(64)).program)
  t.end()
})

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '[b-d]', '\\.', 'c')
const { pattern: arbitraryPattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { depthSize: 'small' },
    atom,
    fc
      .tuple(
        fc.oneof(
          atom,
          tie('pattern').map((inner) => `(${inner})`),
        ),
        quantifier(),
      )
      .map((parts) => parts.join('')),
  ),
  pattern: fc
    .array(fc.array(tie('piece'), { maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((branches) => branches.map((pieces) => pieces.join('')).join('|')),
}))

function quantifier(): fc.Arbitrary<string> {
  return fc.constantFrom('', '*', '+', '?', '{2}', '{1,}', '{0,2}', '{2,3}')
}

test('where both dialects mean the same, the matcher agrees with JavaScript', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '\n'), maxLength: 7 })
  fc.assert(
    fc.property(
      arbitraryPattern,
      fc.array(text, { minLength: 4, maxLength: 4 }),
      (pattern, texts) => {
        const program = compiled(pattern)
        const whole = new RegExp(`^(?:${pattern})$`, 'u')
        const part = new RegExp(pattern, 'u')
        return texts.every(
          (value) =>
            matchesWhole(program, value, UNCOUNTED) === whole.test(value) &&
            matchesPart(program, value, UNCOUNTED) === part.test(value),
        )
      },
    ),
    { numRuns: 3_000, seed: 9_485 },
  )
  t.end()
})

function stepsOf(program: RegexpProgram, text: string, matches: typeof matchesWhole): number {
  let steps = 0
  matches(program, text, { spend: (more) => (steps += more) })
  return steps
}

test('the work is at most proportional to text length times program size', (t) => {
  const hostile = [
    '(a*)*b',
    '(a|a)*b',
    '(a|aa)+b',
    '((a+)+)+b',
    '(.*)(.*)(.*)(.*)[0-9]x',
    '(a?){20}a{20}b',
    '(a{0,20}){0,20}b',
    '([a-z]|\\p{Ll}|.)*b',
  ]
  for (const pattern of hostile) {
    const program = compiled(pattern)
    for (const matches of [matchesWhole, matchesPart]) {
      const length = pattern.includes('20') ? 5_000 : 50_000
      const once = stepsOf(program, 'a'.repeat(length), matches)
      const twice = stepsOf(program, 'a'.repeat(length * 2), matches)
      t.ok(once <= 2 * length * program.operations.length, `${pattern}: ${once} steps`)
      t.ok(twice <= once * 2.1 + 10, `${pattern}: twice the text, ${twice} steps`)
    }
  }
  t.end()
})

test('a counter that has enough ends the matching', (t) => {
  const stop = new Error('enough')
  const counter = {
    left: 100,
    spend(steps: number): void {
      this.left -= steps
      if (this.left < 0) throw stop
    },
  }
  t.throws(() => matchesPart(compiled('(a*)*b'), 'a'.repeat(100_000), counter), stop)
  t.end()
})
