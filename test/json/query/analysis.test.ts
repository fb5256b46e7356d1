/** What is known of a query beforehand: simple filters, need of the document, names, warnings, canonical text. */
import { test } from 'tap'
import { isSimpleTest, namesIn, needsDocument } from '../../../src/json/query/analysis.ts'
import type { LogicalExpression } from '../../../src/json/query/ast.ts'
import { formatQuery } from '../../../src/json/query/format.ts'
import { parseQuery } from '../../../src/json/query/parse.ts'
import { queryWarnings } from '../../../src/json/query/warnings.ts'

function filterOf(text: string): LogicalExpression {
  const selector = parseQuery(`$[?${text}]`).segments[0]?.selectors[0]
  if (selector?.kind !== 'filter') throw new Error('not a filter')
  return selector.test
}

test('isSimpleTest is true where one look at the members decides', (t) => {
  const simple = [
    '@.a',
    '@["a b"]',
    '!@.a',
    "@.a == 'x'",
    '1 < @.a',
    '@.a == 1 || (@.b != null && !(@.c >= 2))',
  ]
  const others = [
    '@',
    '@[0]',
    '@.a.b',
    '@..a',
    '@.*',
    "@['a','b']",
    '$.a',
    '@.a == @.b',
    '@.a == $.b',
    '1 == 1',
    '@ == 1',
    'length(@.a) == 1',
    'match(@.a, "x")',
    '@.a && @.b.c',
    '!(@.a == @.b)',
  ]
  for (const text of simple) t.ok(isSimpleTest(filterOf(text)), text)
  for (const text of others) t.notOk(isSimpleTest(filterOf(text)), text)
  t.end()
})

test('needsDocument finds "$" wherever it stands in a filter', (t) => {
  const needing = [
    '$',
    '@.a == $.b',
    '!$.a',
    '@.a && ($.b || @.c)',
    'match(@.a, $.b)',
    'count($..a) > length(@)',
    '@[?@.x == $.y]',
    '@.a[?length(value($.b)) == 1]',
  ]
  for (const text of needing) t.ok(needsDocument(filterOf(text)), text)
  for (const text of ['@', '@.a == "$"', '@[?@.x == @.y]']) {
    t.notOk(needsDocument(filterOf(text)), text)
  }
  t.end()
})

test('namesIn lists each name once, those of filters too', (t) => {
  const query = parseQuery('$.a["b","a"]..c[?@.d == $.e && match(@["f"].d, "x")].*[0]')
  t.strictSame(namesIn(query), ['a', 'b', 'c', 'd', 'e', 'f'])
  t.strictSame(namesIn(filterOf('@.x == 1 || @[?@.y]')), ['x', 'y'])
  t.end()
})

test('queryWarnings names patterns that are no I-Regexp', (t) => {
  t.strictSame(queryWarnings(parseQuery('$[?match(@.a, "[a-z]+") && search(@, $.p)]')), [])
  const warnings = queryWarnings(parseQuery('$[?match(@.a, "a\\\\d") || @[?search(@, "(")]]'))
  t.equal(warnings.length, 2)
  t.match(warnings[0], /^match can match nothing: 'a\\\\d' is no I-Regexp \(at 2 of the pattern/)
  t.match(warnings[1], /^search can match nothing: '\('/)
  t.end()
})

test('formatQuery writes one form for all spellings', (t) => {
  const forms: readonly (readonly [string, string])[] = [
    ['$.a["b"]', "$['a']['b']"],
    ['$..a[ 0 , 1:2 , ::-1, *]', "$..['a'][0, 1:2:1, ::-1, *]"],
    ['$["it\'s\\u0007\\n\\/"]', "$['it\\'s\\u0007\\n/']"],
    ['$[?(((@.a)))]', "$[?@['a']]"],
    ['$[?!(!(@.a))]', "$[?!(!@['a'])]"],
    ['$[?(@.a||@.b)&&@.c==1.0]', "$[?(@['a'] || @['b']) && @['c'] == 1.0]"],
    ['$[?@.a&&@.b||$.c]', "$[?@['a'] && @['b'] || $['c']]"],
    ['$[?match( @.a , "x" )&&length(@)>=-1e3]', "$[?match(@['a'], 'x') && length(@) >= -1e3]"],
    ['$[?@==true||@!=null]', '$[?@ == true || @ != null]'],
  ]
  for (const [text, formatted] of forms) t.equal(formatQuery(parseQuery(text)), formatted)
  t.end()
})
