/** Makes new texts of old ones: by pieces of the grammar, by characters, and by crossing two of them. */
import type { Random } from '../json-reference/random.ts'
import { randomPiece, randomQuery } from './grammar.ts'

/** Where the corpus begins: each part of the grammar once. */
export const SEEDS: readonly string[] = [
  '$',
  '$.a.b',
  '$["a"]..b[*]',
  '$[0,-1,1:2,::-1]',
  "$..['it\\'s', \"\\u0061\\ud83d\\ude00\\n\"]",
  '$[?@.a]',
  '$[?@.a == 1 && (@.b < 2.5e-3 || !@.c)]',
  '$[?!(@["a"] != \'x\') && $.b[0] >= null]',
  '$.a[?length(@.b) > 2 && count(@.*) == 1]',
  '$[?match(@.a, "[a-c]+.\\\\d{2,3}") || search(@.b, $.c)]',
  '$[?value(@..a) == true, ?@[?@.b == false]]',
]

const TOKENS: readonly string[] = [
  ...'$@.*[](),?:!\'"\\ \t\n\r0123456789-+eE=<>&|_/~^`é😀\u0000\ud800'.split(''),
  ...`.. [*] [? [?@ == != <= >= && || [:: .a ["a"] ['b']`.split(' '),
  ...'null true false -0 1.0 1e400 007 9007199254740991 9007199254740992'.split(' '),
  ...'length( count( match( search( value( foo( @.a) @.*) ,"a") "a.*"'.split(' '),
  ...String.raw`\u \u0041 \ud800 \udc00 \\ \' \"`.split(' '),
  ...String.raw`[a-z] {1,3} {999999} \\p{Lu} (a|b)* [^\\]]`.split(' '),
]

/** What encloses a piece: the nesting of the grammar. */
const FRAMES: readonly (readonly [before: string, after: string])[] = [
  ['(', ')'],
  ['!(', ')'],
  ['[?', ']'],
  ['[?@', ' == 1]'],
  ['length(', ') > 1'],
  ['count(', ') == 0'],
  ['match(', ', "a")'],
  ['search(@, ', ')'],
  ['"', '"'],
  ["['", "']"],
  [' ', ' '],
]

/** Longer texts are refused for their length alone. */
const CHARS_MAX = 4_200
const STEPS_MAX = 3
const REPEATS_MAX = 300
/** A few more than the parser goes deep. */
const FRAMES_MAX = 70

type Mutation = (text: string, random: Random, other: string) => string

const MUTATIONS: readonly Mutation[] = [
  (text, random) => insert(text, random, random.pick(TOKENS)),
  (text, random) => insert(text, random, randomPiece(random)),
  (text, random) => replace(text, random, randomPiece(random)),
  (_text, random) => randomQuery(random),
  (text, random) => replace(text, random, random.pick(TOKENS)),
  (text, random) => replace(text, random, ''),
  (text, random) => {
    const [from, to] = range(text, random)
    const [before, after] = random.pick(FRAMES)
    const times = random.oneIn(6) ? random.integer(FRAMES_MAX) : 1
    const framed = before.repeat(times) + text.slice(from, to) + after.repeat(times)
    return text.slice(0, from) + framed + text.slice(to)
  },
  (text, random, other) => {
    const [from, to] = range(other, random)
    return replace(text, random, other.slice(from, to))
  },
  (text, random, other) =>
    text.slice(0, random.integer(text.length + 1)) + other.slice(random.integer(other.length + 1)),
  (text, random) => {
    const [from, to] = range(text, random)
    const times = random.oneIn(8) ? random.integer(REPEATS_MAX) : random.integer(4)
    return text.slice(0, to) + text.slice(from, to).repeat(times) + text.slice(to)
  },
  (text, random) => {
    const at = random.integer(text.length + 1)
    const unit = text.charCodeAt(at) || 0
    const changed = random.oneIn(2) ? unit ^ (1 << random.integer(8)) : random.integer(0x10000)
    return text.slice(0, at) + String.fromCharCode(changed) + text.slice(at + 1)
  },
]

/** A text made of `text` by a few changes; `other` is another one of the corpus. */
export function mutate(text: string, other: string, random: Random): string {
  let mutated = text
  for (let step = random.integer(STEPS_MAX); step >= 0; step -= 1) {
    mutated = random.pick(MUTATIONS)(mutated, random, other).slice(0, CHARS_MAX)
  }
  // Most texts that do not begin so are refused at once, and nothing new is learnt.
  return mutated.startsWith('$') || random.oneIn(20) ? mutated : `$${mutated}`
}

function insert(text: string, random: Random, piece: string): string {
  const at = random.integer(text.length + 1)
  return text.slice(0, at) + piece + text.slice(at)
}

function replace(text: string, random: Random, piece: string): string {
  const [from, to] = range(text, random)
  return text.slice(0, from) + piece + text.slice(to)
}

/** Mostly short: long ones take a text apart. */
function range(text: string, random: Random): readonly [from: number, to: number] {
  const from = random.integer(text.length + 1)
  const length = random.oneIn(4) ? random.integer(text.length + 1) : random.integer(8)
  return [from, Math.min(text.length, from + length)]
}
