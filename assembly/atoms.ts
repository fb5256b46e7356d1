/**
 * Looks over a filter's candidate for the atoms of filters: whether it has a member, and whether that equals a literal. A bit
 * for each atom that holds; the other side finds out once what a set of bits leads to.
 */
import {
  ATOM_BYTES,
  ATOM_EXISTS,
  ATOM_NUMBER,
  ATOM_STRING,
  CHOICE_BYTES,
  CHOICES,
  CHOICES_MASK,
  INPUT,
  LENGTH,
  register,
} from './layout'
import { columnOf } from './names'
import { valueAfter, valueEnd } from './skip'
import { plainEnd, QUOTE, skipSpace, SPACE } from './text'

const COMMA: i32 = 0x2c
const MINUS: i32 = 0x2d
const POINT: i32 = 0x2e
const ZERO: i32 = 0x30
const NINE: i32 = 0x39
const BACKSLASH: i32 = 0x5c
const LETTER_E: i32 = 0x65
const OBJECT_OPEN: i32 = 0x7b
const OBJECT_CLOSE: i32 = 0x7d

/** Where the candidate ends that was looked over last. */
export let candidateEnd: usize = 0

/** The bits of the atoms that hold for the value at `value`; -1 where that is for the other side to say. */
export function atomsOf(value: usize, depthMax: i32, atoms: usize): i32 {
  const limit = INPUT + <usize>register(LENGTH)
  candidateEnd = value
  if (<i32>load<u8>(value) != OBJECT_OPEN) return 0
  if (depthMax < 1) return -1
  const lengths = load<i32>(atoms, 4)
  let holding = 0
  let seen = 0
  let at = skipSpace(value + 1)
  if (<i32>load<u8>(at) == OBJECT_CLOSE) return 0
  while (true) {
    if (<i32>load<u8>(at) != QUOTE) return -1
    const name = at + 1
    const quote = plainEnd(name)
    if (<i32>load<u8>(quote) != QUOTE) return -1
    const start = valueAfter(quote)
    if (start == 0) return -1
    const end = valueEnd(start, limit, depthMax - 1)
    if (end == 0) return -1
    const length = <i32>(quote - name)
    if ((lengths >>> (length & 31)) & 1) {
      const bits = bitsOf(columnOf(name, length), start, end, atoms)
      if (bits == -1 || (bits & seen) != 0) return -1
      seen |= bits & SEEN
      holding |= (bits >>> 15) & SEEN
    }
    at = end
    let byte: i32 = load<u8>(at)
    if (byte <= SPACE) {
      at = skipSpace(at)
      byte = load<u8>(at)
    }
    if (byte == OBJECT_CLOSE) {
      candidateEnd = at + 1
      return holding
    }
    if (byte != COMMA) return -1
    at = skipSpace(at + 1)
  }
}

/** Atoms are at most so many, as bits. */
const SEEN: i32 = 0x7fff

/** The atoms of this column in the lower bits, and those of them that hold fifteen bits above; -1 where it is not sure. */
function bitsOf(column: usize, start: usize, end: usize, atoms: usize): i32 {
  const count = load<i32>(atoms)
  let bits = 0
  for (let number = 0; number < count; number++) {
    const atom = atoms + 8 + <usize>number * ATOM_BYTES
    if (<usize>load<i32>(atom) != column) continue
    bits |= 1 << number
    const kind = load<i32>(atom, 4)
    if (kind == ATOM_EXISTS) {
      bits |= 1 << (number + 15)
      continue
    }
    const first: i32 = load<u8>(start)
    if (kind == ATOM_STRING) {
      if (first != QUOTE) continue
      for (let at = start + 1; at < end; at++) if (<i32>load<u8>(at) == BACKSLASH) return -1
      if (isSame(start + 1, end - 1, atom)) bits |= 1 << (number + 15)
    } else if (kind == ATOM_NUMBER) {
      if (first != MINUS && (first < ZERO || first > NINE)) continue
      if (!isCanonical(start, end)) return -1
      if (isSame(start, end, atom)) bits |= 1 << (number + 15)
    } else if (isSame(start, end, atom)) bits |= 1 << (number + 15)
  }
  return bits
}

/** True where the bytes are those of the atom's literal. */
function isSame(start: usize, end: usize, atom: usize): bool {
  const length: usize = load<i32>(atom, 12)
  if (end - start != length) return false
  const literal: usize = load<i32>(atom, 8)
  for (let at: usize = 0; at < length; at++) {
    if (load<u8>(start + at) != load<u8>(literal + at)) return false
  }
  return true
}

/** False for a number that may be written in other ways. */
function isCanonical(start: usize, end: usize): bool {
  if (<i32>load<u8>(start) == MINUS && <i32>load<u8>(start + 1) == ZERO) return false
  for (let at = start; at < end; at++) {
    const byte: i32 = load<u8>(at)
    if (byte == POINT || (byte | 0x20) == LETTER_E) return false
  }
  return true
}

/** The link that was decided for this state, column and atoms; -1 where none was. */
export function choice(state: i32, column: usize, holding: i32): i32 {
  const choices: usize = register(CHOICES)
  let slot = ((state * 0x9e3779b1) ^ (<i32>column * 0x85ebca6b) ^ (holding * 0xc2b2ae35)) >>> 16
  while (true) {
    slot &= CHOICES_MASK
    const entry = choices + <usize>slot * CHOICE_BYTES
    const link = load<i32>(entry, 12)
    if (link == 0) return -1
    if (
      load<i32>(entry) == state &&
      load<i32>(entry, 4) == <i32>column &&
      load<i32>(entry, 8) == holding
    ) {
      return link
    }
    slot++
  }
}
