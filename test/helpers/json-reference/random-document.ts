/** Random documents: odd white space, escapes, duplicate names, deep and wide, and broken ones. */
import type { Random } from './random.ts'

/** Names that the random queries ask for, written in several ways, and others. */
const NAMES = [
  'a',
  'b',
  'id',
  'email',
  'kind',
  'é',
  'long name of more than eight bytes',
  '',
  '🙂',
  'n\\/o',
  '@type',
  '012345',
  'jo@b.example',
]
const STRINGS = [
  'x',
  'y',
  '',
  'a@b.example',
  '\\u0061',
  '\\u0037',
  '7',
  '\\n\\t\\"\\\\',
  'é🙂\\ud83d\\ude42',
  '\\ud800',
  'some text that is a good deal longer than a word of the processor, with ü',
]
const NUMBERS = [
  '0',
  '1',
  '2',
  '-0',
  '1.0',
  '1e0',
  '10E-1',
  '9007199254740993',
  '-12.50',
  '7',
  '1e-7',
]
const SPACES = ['', '', '', '', ' ', '\n  ', '\t\r\n']
const DEPTH_MAX = 7

/** A valid document. */
export function randomDocument(random: Random): string {
  const size = random.pick([3, 8, 20, 60])
  const budget = { left: size }
  const text = value(random, 0, budget)
  return space(random) + text + space(random)
}

/** The same bytes with one to three faults, which may happen to leave it valid. */
export function mutated(random: Random, document: Buffer): Buffer {
  let bytes = document
  for (let count = random.integer(3) + 1; count > 0; count -= 1) bytes = mutate(random, bytes)
  return bytes
}

function value(random: Random, depth: number, budget: { left: number }): string {
  budget.left -= 1
  const kind = depth === 0 ? random.integer(24) : random.integer(12)
  if (budget.left <= 0 || depth >= DEPTH_MAX || kind < 6) {
    if (depth === 0 && kind > 1) return container(random, depth, budget)
    return leaf(random)
  }
  return container(random, depth, budget)
}

function leaf(random: Random): string {
  switch (random.integer(5)) {
    case 0:
      return random.pick(NUMBERS)
    case 1:
      return random.pick(['true', 'false', 'null'])
    default:
      return `"${random.pick(STRINGS)}"`
  }
}

function container(random: Random, depth: number, budget: { left: number }): string {
  const isObject = random.integer(5) < 3
  const items: string[] = []
  const count = random.pick([0, 1, 2, 3, 3, 4, 9])
  for (let at = 0; at < count; at += 1) {
    const item = value(random, depth + 1, budget)
    const name = isObject ? `"${written(random, random.pick(NAMES))}"${space(random)}:` : ''
    items.push(space(random) + name + space(random) + item + space(random))
  }
  const inner = count === 0 ? space(random) : items.join(',')
  return isObject ? `{${inner}}` : `[${inner}]`
}

/** A name as it is or with some of its characters escaped. */
function written(random: Random, name: string): string {
  if (name.includes('\\') || !random.oneIn(6)) return name
  return [...name].map((character) => (random.oneIn(2) ? escaped(character) : character)).join('')
}

function escaped(character: string): string {
  return Array.from(
    character.split(''),
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ).join('')
}

function space(random: Random): string {
  return random.pick(SPACES)
}

const INSERTS = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '0',
  '-',
  '.',
  'e',
  'u',
  'nul',
  '\u0000',
  '\u001f',
]

function mutate(random: Random, bytes: Buffer): Buffer {
  const at = random.integer(bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + random.integer(4))
  const cut = (middle: Uint8Array, end: number) =>
    Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(end)])
  switch (random.integer(6)) {
    case 0:
      return cut(Buffer.alloc(0), to)
    case 1:
      return cut(Buffer.from(random.pick(INSERTS)), at)
    case 2:
      return cut(Buffer.from([random.integer(256)]), Math.min(at + 1, bytes.length))
    case 3:
      return bytes.subarray(0, at)
    case 4:
      return cut(bytes.subarray(Math.min(at, 3), to), at)
    default:
      return cut(Buffer.from(random.pick(['\u00c0', '\ufeff', '\ud800', 'é'])), at)
  }
}
