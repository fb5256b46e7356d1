/** The parser: trees, faults with their positions and hints, limits. The grammar as a whole is in test/conformance. */
import { test } from 'tap'
import { QueryLimitError, QuerySyntaxError } from '../../../src/json/query/errors.ts'
import { parseQuery, parseRelativeQuery } from '../../../src/json/query/parse.ts'
import { QUERY_LIMITS } from '../../../src/json/query/reader.ts'

const name = (text: string) => ({ kind: 'name', name: text })
const child = (...selectors: readonly object[]) => ({ kind: 'child', selectors })
const candidate = (...segments: readonly object[]) => ({ from: 'candidate', segments })

const TREES: readonly (readonly [string, readonly object[]])[] = [
  ['$', []],
  ['$.a.b_1', [child(name('a')), child(name('b_1'))]],
  ['$ .a\n["b"]', [child(name('a')), child(name('b'))]],
  ["$['it\\'s']", [child(name("it's"))]],
  ['$["\\u0065mail"]', [child(name('email'))]],
  ['$["\\uD83D\\ude00"]', [child(name('😀'))]],
  ['$.naïve😀', [child(name('naïve😀'))]],
  ['$..*', [{ kind: 'descendant', selectors: [{ kind: 'wildcard' }] }]],
  ['$..["a"]', [{ kind: 'descendant', selectors: [name('a')] }]],
  ['$[ 0 , -1 ]', [child({ kind: 'index', index: 0 }, { kind: 'index', index: -1 })]],
  ['$[1 : : -2]', [child({ kind: 'slice', start: 1, end: undefined, step: -2 })]],
  ['$[:5]', [child({ kind: 'slice', start: undefined, end: 5, step: 1 })]],
  [
    '$[?@.a]',
    [child({ kind: 'filter', test: { kind: 'exists', query: candidate(child(name('a'))) } })],
  ],
  [
    '$[?@.id==9007199254740993]',
    [
      child({
        kind: 'filter',
        test: {
          kind: 'compare',
          operator: '==',
          left: { kind: 'query', query: candidate(child(name('id'))) },
          right: { kind: 'literal', value: { number: '9007199254740993' } },
        },
      }),
    ],
  ],
]

test('parseQuery builds the tree of the query', (t) => {
  for (const [text, segments] of TREES) t.strictSame(parseQuery(text), { text, segments }, text)
  t.end()
})

test('parseQuery joins && before ||, and keeps parentheses as a level of their own', (t) => {
  const [segment] = parseQuery('$[?@.a || @.b && !(@.c || null == $.d)]').segments
  const [selector] = segment?.selectors ?? []
  t.match(selector, {
    test: {
      kind: 'or',
      operands: [
        { kind: 'exists' },
        {
          kind: 'and',
          operands: [{ kind: 'exists' }, { kind: 'not', operand: { kind: 'or' } }],
        },
      ],
    },
  })
  t.end()
})

/** Text, position of the fault, what the message names as expected, and a part of the hint (or no hint). */
const FAULTS: readonly (readonly [string, number, RegExp, RegExp | undefined])[] = [
  ['', 0, /"\$"/, undefined],
  ['users', 0, /"\$"/, /begins with "\$"/],
  ['/users/1', 0, /"\$"/, /begins with "\$"/],
  ['@.a', 0, /"\$"/, /only known inside a filter/],
  [' $.a', 0, /"\$"/, /begins without white space/],
  ['$users', 1, /"\.\."/, /write "\$\."/],
  ['$.a ', 3, /end of the query/, /ends without white space/],
  ['$.a b', 3, /end of the query/, /has a blank in brackets/],
  ['$.a-b', 3, /end of the query/, /\["a-b"\]/],
  ['$.', 2, /a member name or "\*"/, undefined],
  ['$..', 3, /a member name, "\*" or "\["/, undefined],
  ['$.["a"]', 2, /a member name/, /no "\." before "\["/],
  ['$.a.0', 4, /a member name/, /index in brackets/],
  ["$.'a b'", 2, /a member name/, /quoted name in brackets/],
  ['$[a]', 2, /a quoted name/, /name in quotes/],
  ['$[$.a]', 2, /a quoted name/, /stands in a filter/],
  ['$["a"', 5, /"," or "\]"/, undefined],
  ['$["a', 4, /the closing "/, undefined],
  ['$["a\\x"]', 5, /hexadecimal/, undefined],
  ['$["\\uD800"]', 9, /second half/, undefined],
  ['$["\\uDC00"]', 5, /first half/, undefined],
  ['$["\\uD800\\u0041"]', 11, /second half/, undefined],
  ['$["\ud800"]', 3, /a character/, undefined],
  ['$["\u0001"]', 3, /control characters/, undefined],
  ['$.\ud800', 2, /a member name/, undefined],
  ['$[01]', 3, /end of the integer/, /no leading zeros/],
  ['$[-0]', 3, /other than -0/, /\[0\]/],
  ['$[9007199254740992]', 2, /9007199254740991/, undefined],
  ['$[-]', 3, /a digit/, undefined],
  ['$.a[(@.length-1)]', 4, /a quoted name/, /script/],
  ['$.a^', 3, /end of the query/, /parent/],
  ['$.a~', 3, /end of the query/, /"~"/],
  ['$.`a', 2, /a member name/, /backtick/],
  ['$[?@.a ==~ /x/]', 9, /a literal/, /match\(/],
  ['$[?@.a =~ "x"]', 7, /"\]"/, /match\(/],
  ['$[?@.a == /x/]', 10, /a literal/, /a pattern is a string/],
  ['$[?@.a === 1]', 9, /a literal/, /"=="/],
  ['$[?@.a = 1]', 7, /"\]"/, /write "=="/],
  ['$[?@.a and @.b]', 7, /"\]"/, /"&&"/],
  ['$[?@.a & @.b]', 7, /"\]"/, /"&&"/],
  ['$[?@.a or @.b]', 7, /"\]"/, /"\|\|"/],
  ['$[?@.a in [1]]', 7, /"\]"/, /joined by/],
  ['$[?(@.length-1)]', 12, /"\)"/, /length\(@\)/],
  ['$[?@.length() > 1]', 11, /"\]"/, /length\(@\)/],
  ['$[?!@.a==1]', 7, /parentheses/, undefined],
  ['$[?@[ "a" ]==1]', 5, /no white space/, undefined],
  ['$[?@["a" ]==1]', 8, /no white space/, undefined],
  ['$[?@..a==1]', 3, /at most one node/, undefined],
  ['$[?1==@[0,1]]', 6, /at most one node/, undefined],
  ['$[?@.a==01]', 9, /end of the number/, /no leading zeros/],
  ['$[?@.a==-]', 9, /a digit/, undefined],
  ['$[?1]', 4, /a comparison/, undefined],
  ['$[?True==@]', 3, /a literal/, undefined],
  ['$[?length(@)]', 12, /a comparison/, undefined],
  ['$[?length(@.*)>1]', 10, /at most one node/, undefined],
  ['$[?count(1)>1]', 9, /a query/, undefined],
  ['$[?match(@.a)]', 12, /another argument/, undefined],
  ['$[?match(@.a,"x","y")]', 16, /"\)"/, undefined],
  ['$[?match(@.a,"x")==true]', 3, /match is a test/, undefined],
  ['$[?1==match(@.a,"x")]', 6, /match is a test/, undefined],
  ['$[?length (@)>1]', 3, /a literal/, undefined],
  ['$[?foo(@)]', 3, /a function of RFC 9535/, undefined],
]

test('parseQuery says where a fault is, what was expected there, and what was probably meant', (t) => {
  for (const [text, position, expected, hint] of FAULTS) {
    try {
      parseQuery(text)
      t.fail(`refuses ${text}`)
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error
      t.match(error, { code: 'ERR_QUERY_SYNTAX', position, expected }, JSON.stringify(text))
      t.match(error.message, /^at \d+: expected /)
      if (hint === undefined) t.equal(error.hint, undefined, `no hint for ${text}`)
      else t.match(error.hint, hint, `hint for ${text}`)
    }
  }
  t.end()
})

test('parseQuery accepts white space inside brackets where the query is not compared', (t) => {
  const texts = [
    '$[ "a" ]',
    '$[?@[ "a" ]]',
    '$[?count(@[ "a" ]) == 1]',
    '$[?length( @[ "a" ] ) == 1]',
  ]
  for (const text of texts) t.ok(parseQuery(text), text)
  t.end()
})

const nested = (depth: number) => `$[?${'('.repeat(depth - 1)}@${')'.repeat(depth - 1)}]`

test('parseQuery keeps each limit, and takes what is just within it', (t) => {
  const { textCharsMax, segmentsMax, selectorsMax, depthMax } = QUERY_LIMITS
  const cases: readonly (readonly [string, (size: number) => string, number])[] = [
    ['characters', (size) => `$.${'a'.repeat(size - 2)}`, textCharsMax],
    ['segments', (size) => `$${'.a'.repeat(size)}`, segmentsMax],
    ['selectors', (size) => `$[0${',0'.repeat(size - 1)}]`, selectorsMax],
    ['depth', nested, depthMax],
    ['filters in filters', (size) => `$${'[?@'.repeat(size)}${']'.repeat(size)}`, depthMax],
  ]
  for (const [what, make, max] of cases) {
    t.ok(parseQuery(make(max)), `${what}: ${max}`)
    t.throws(() => parseQuery(make(max + 1)), QueryLimitError, `${what}: ${max + 1}`)
  }
  t.throws(() => parseQuery(`$[?match(@, "(a{99}){99}")]`), { code: 'ERR_QUERY_LIMIT' }, 'pattern')
  t.end()
})

test('parseRelativeQuery takes one node from the candidate and nothing else', (t) => {
  t.strictSame(parseRelativeQuery('@.id'), { text: '@.id', segments: [child(name('id'))] })
  t.strictSame(parseRelativeQuery('@').segments, [])
  t.strictSame(parseRelativeQuery('@["a"][0]').segments, [
    child(name('a')),
    child({ kind: 'index', index: 0 }),
  ])
  for (const text of ['$.id', 'id', '@..id', '@.*', '@[0,1]', '@[?@.a]', '@.id ', '']) {
    t.throws(() => parseRelativeQuery(text), QuerySyntaxError, JSON.stringify(text))
  }
  t.throws(() => parseRelativeQuery('id'), {
    message: 'at 0: expected "@" (the query is relative to a location, as in @.id)',
  })
  t.throws(() => parseRelativeQuery('@..id'), { message: /^at 0: expected a query of at most one/ })
  t.end()
})
