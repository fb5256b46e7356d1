/** Writes random pieces of queries by the grammar of RFC 9535, a little wider than it: types are not kept. */
import type { Random } from '../json-reference/random.ts'

/** What each part can be; the first ones end soonest. `<part>` stands for another part. */
const GRAMMAR: Readonly<Record<string, readonly string[]>> = {
  query: ['$<segments>', '@<segments>'],
  segments: ['<segment>', '', '<segment><segments>', '<segment><segments>', ' <segment><segments>'],
  segment: [
    '.a',
    '[<selector>]',
    '.*',
    '..<name>',
    '..[<selectors>]',
    '[<selectors>]',
    '.<name>',
    '[*]',
    '.b',
  ],
  selectors: ['<selector>', '<selector>,<selectors>', ' <selector> , <selectors> '],
  selector: ['"a"', '*', '<integer>', '<string>', '<slice>', '?<test>', '? <test> '],
  slice: [':', '<integer>:', ':<integer>', '<integer>:<integer>:<integer>', '::<integer>', ' : : '],
  test: [
    '<query>',
    '<compare>',
    '<test>||<test>',
    '<test> && <test>',
    '(<test>)',
    '!(<test>)',
    '! <query>',
    '<call>',
    '( <test> || <test> )',
  ],
  compare: ['<value>==<value>', '<value> <operator> <value>'],
  operator: ['==', '!=', '<', '<=', '>', '>='],
  value: ['@.a', '<literal>', '<query>', '<call>'],
  call: [
    'length(<value>)',
    'count(<query>)',
    'value(<query>)',
    'match(<value>,<string>)',
    'search(<value>, <pattern>)',
    '<name>(<value>)',
  ],
  literal: ['1', '<string>', '<number>', 'true', 'false', 'null'],
  number: ['0', '-1', '1.50', '-0', '2e3', '1E-400', '9007199254740993', '0.1e+1'],
  integer: [
    '0',
    '-1',
    '1',
    '0',
    '2',
    '-3',
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '00',
  ],
  string: ['"a"', "'<characters>'", '"<characters>"'],
  characters: ['', '<character>', '<character><characters>'],
  character: ['a', '"', "'", "\\'", '\\"', '\\\\', '\\n', '\\u0000', '\\ud83d\\ude00', '😀', '\\/'],
  name: ['a', 'b', 'a', 'b', '_1', 'é', '😀', 'null', 'length', 'constructor', '__proto__'],
  pattern: ['"a"', "'<piece>'", "'<piece><piece>'"],
  piece: [
    'a',
    '.',
    '[a-c]',
    '[^<piece>]',
    '(<piece>|<piece>)',
    '<piece>{1,3}',
    '<piece>*',
    '\\\\p{L}',
  ],
}

const PARTS = Object.keys(GRAMMAR)
const DEPTH_MAX = 7
const PART = /<([a-z]+)>/g

/** A piece of a query: any part of the grammar. */
export function randomPiece(random: Random): string {
  return expanded(random.pick(PARTS), random, 0)
}

/** A query, as far as the grammar without its types goes. */
export function randomQuery(random: Random): string {
  return `$${expanded('segments', random, 0)}`
}

function expanded(part: string, random: Random, depth: number): string {
  const choices = GRAMMAR[part] ?? []
  const choice = depth < DEPTH_MAX ? random.pick(choices) : (choices[0] ?? '')
  return choice.replaceAll(PART, (_text, inner: string) => expanded(inner, random, depth + 1))
}
