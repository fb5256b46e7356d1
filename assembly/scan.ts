/**
 * Passes over the items of a document that need nothing but to be checked, and notes down those at which something is to
 * be done that does not change the way. Comes back in front of any other item, and of all that it is not sure of: the other
 * side looks at it from its beginning, and says what is wrong with it. It writes nothing but numbers.
 */
import {
  ABOVE_ROOT,
  ARRAY_SCOPE,
  ASK,
  ASKED_ATOMS,
  ASKED_COLUMN,
  AT,
  CHECKS_NAMES,
  CLOSE_WORK,
  COLUMN_ELEMENT,
  COLUMN_OTHER,
  COUNTS_ELEMENTS,
  DEPTH,
  DEPTH_MAX,
  EVENT_BITS,
  EVENT_BYTES,
  EVENT_CLOSE,
  EVENT_COUNT,
  EVENT_LEAF,
  EVENT_OPEN,
  EVENT_REMOVED,
  EVENTS,
  EVENTS_FULL,
  EVENTS_MAX,
  FIRST,
  FLAGS,
  INDEX,
  INPUT,
  ITEM,
  ITEM_WORK,
  KEY_BYTES_MAX,
  LEAF_ALONE,
  LEAF_GOES,
  LEAF_WORK,
  LENGTH,
  LEVEL_BYTES,
  LINK_BITS,
  LOOKED_TO,
  LOOKED_TO_INSIDE,
  NUMBER_BYTES_MAX,
  OBJECT,
  OBJECT_SCOPE,
  OPEN_ARRAY,
  OPEN_OBJECT,
  register,
  ROW_ATOMS,
  ROW_INITIALS,
  ROWS,
  setRegister,
  HELD_BYTES_MAX,
  STACK,
  STATE,
  STRIDE,
} from './layout'
import { atomsOf, candidateEnd, choice } from './atoms'
import { isForeign } from './foreign'
import { columnOf } from './names'
import { scalarEnd } from './scalar'
import { valueAfter } from './skip'
import { plainEnd, QUOTE, skipSpace, SPACE, stringEnd } from './text'

const COMMA: i32 = 0x2c
const ARRAY_CLOSE: i32 = 0x5d
const OBJECT_OPEN: i32 = 0x7b
const OBJECT_CLOSE: i32 = 0x7d
/** Set in `{` and not in `[`, which differ in nothing else. */
const OPEN_FOLD: i32 = 0x20
/** What lies between the code of an opening bracket and its closing one. */
const OPEN_TO_CLOSE: i32 = 2

function note(events: i32, kind: i32, from: usize, to: usize, depth: i32): void {
  const event = EVENTS + <usize>events * EVENT_BYTES
  store<i32>(event, kind)
  store<i32>(event, <i32>(from - INPUT), 4)
  store<i32>(event, <i32>(to - INPUT), 8)
  store<i32>(event, depth, 12)
}

/** The link for the child at `value` that filters decide; negative where that is for the other side. */
function asked(row: usize, state: i32, column: usize, value: usize, depth: i32): i32 {
  const atoms: usize = load<i32>(row, ROW_ATOMS)
  if (atoms == 0) return -1
  const at = <i32>(value - INPUT)
  // What lies within two values that were looked over is not looked over once more, lest deep documents take long.
  if (at < register(LOOKED_TO_INSIDE)) return -1
  const isInside = at < register(LOOKED_TO)
  const holding = atomsOf(value, register(DEPTH_MAX) - depth, atoms)
  if (holding < 0 || candidateEnd - value > <usize>register(HELD_BYTES_MAX)) return -1
  setRegister(isInside ? LOOKED_TO_INSIDE : LOOKED_TO, <i32>(candidateEnd - INPUT))
  const link = choice(state, column, holding)
  if (link < 0) {
    setRegister(ASKED_COLUMN, <i32>column)
    setRegister(ASKED_ATOMS, holding)
  }
  return link
}

/** See the file. Begins and ends with the registers; the reason for coming back is returned. */
export function scan(): i32 {
  const limit = INPUT + <usize>register(LENGTH)
  const rows: usize = register(ROWS)
  const stride: usize = register(STRIDE)
  const depthMax = register(DEPTH_MAX)
  const keyBytesMax: usize = register(KEY_BYTES_MAX)
  const numberBytesMax: usize = register(NUMBER_BYTES_MAX)
  const heldBytesMax: usize = register(HELD_BYTES_MAX)
  let state = register(STATE)
  let flags = register(FLAGS)
  let depth = register(DEPTH)
  let index = register(INDEX)
  let events = register(EVENT_COUNT)
  let reason = ITEM
  let level = STACK + <usize>depth * LEVEL_BYTES
  let row = rows + <usize>state * stride
  let lengths = load<i32>(row)
  let initials = load<i32>(row, ROW_INITIALS)
  let unnamed = load<i32>(row + (flags & OBJECT ? COLUMN_OTHER : COLUMN_ELEMENT))
  let begin = INPUT + <usize>register(AT)
  while (true) {
    if (events == EVENTS_MAX) {
      reason = EVENTS_FULL
      break
    }
    let at = begin
    let byte: i32 = load<u8>(at)
    if (byte <= SPACE) {
      at = skipSpace(at)
      byte = load<u8>(at)
    }
    const lead = at
    if (byte == COMMA && !(flags & FIRST)) {
      byte = load<u8>(++at)
      if (byte <= SPACE) {
        const space = skipSpace(at)
        if (space - at > heldBytesMax) break
        at = space
        byte = load<u8>(at)
      }
    } else if (byte == (flags & OBJECT ? OBJECT_CLOSE : ARRAY_CLOSE)) {
      begin = at + 1
      if (flags & CLOSE_WORK) note(events++, EVENT_CLOSE, begin, begin, depth - 1)
      depth--
      level -= LEVEL_BYTES
      state = load<i32>(level)
      flags = load<i32>(level, 4)
      index = load<i32>(level, 8)
      if (flags & (ABOVE_ROOT | ITEM_WORK)) break
      row = rows + <usize>state * stride
      lengths = load<i32>(row)
      initials = load<i32>(row, ROW_INITIALS)
      unnamed = load<i32>(row + (flags & OBJECT ? COLUMN_OTHER : COLUMN_ELEMENT))
      continue
    } else if (!(flags & FIRST)) break
    let link = unnamed
    let column = flags & OBJECT ? COLUMN_OTHER : COLUMN_ELEMENT
    if (flags & OBJECT) {
      if (byte != QUOTE) break
      const name = at + 1
      const quote = plainEnd(name)
      if (<i32>load<u8>(quote) != QUOTE || quote - name > keyBytesMax) break
      at = valueAfter(quote)
      if (at == 0 || at - quote > heldBytesMax) break
      byte = load<u8>(at)
      const length = <i32>(quote - name)
      if ((lengths >>> (length & 31)) & (initials >>> (load<u8>(name) & 31)) & 1) {
        column = columnOf(name, length)
        link = load<i32>(row + column)
      }
      if (flags & CHECKS_NAMES && isForeign(name, length)) {
        if (columnOf(name, length) == COLUMN_OTHER) break
      }
    }
    const value = at
    if (link < 0) {
      link = link == ASK ? asked(row, state, column, value, depth) : link
      if (link < 0) break
    }
    let end: usize
    if (byte == QUOTE) {
      end = plainEnd(value + 1)
      if (<i32>load<u8>(end) != QUOTE) {
        end = stringEnd(end, limit)
        if (end == 0) break
      }
      end += 1
    } else if ((byte | OPEN_FOLD) == OBJECT_OPEN) {
      const isObject = byte == OBJECT_OPEN
      if (depth >= depthMax) break
      let kind = isObject ? FIRST | OBJECT : FIRST
      if (link & (isObject ? OPEN_OBJECT : OPEN_ARRAY)) {
        if (!(link & (isObject ? OBJECT_SCOPE : ARRAY_SCOPE))) break
        note(events++, ((link >> LINK_BITS) << EVENT_BITS) | EVENT_OPEN, value, value, depth)
        kind |= CLOSE_WORK
      } else if (<i32>load<u8>(value + 1) == byte + OPEN_TO_CLOSE) {
        begin = value + 2
        flags &= ~FIRST
        index++
        continue
      }
      store<i32>(level, state)
      store<i32>(level, flags & ~FIRST, 4)
      store<i32>(level, index + 1, 8)
      depth++
      level += LEVEL_BYTES
      state = link >> LINK_BITS
      flags = kind | (link & (COUNTS_ELEMENTS | CHECKS_NAMES))
      index = 0
      row = rows + <usize>state * stride
      lengths = load<i32>(row)
      initials = load<i32>(row, ROW_INITIALS)
      unnamed = load<i32>(row + (isObject ? COLUMN_OTHER : COLUMN_ELEMENT))
      begin = value + 1
      continue
    } else {
      end = scalarEnd(value)
      if (end == 0 || end >= limit || end - value > numberBytesMax) break
    }
    if (link & LEAF_WORK) {
      if (link & LEAF_ALONE) break
      const what = (link >> LINK_BITS) << EVENT_BITS
      if (link & LEAF_GOES) {
        // The first one takes the comma behind it along, which is more than a place to note.
        if (flags & FIRST) break
        note(events++, what | EVENT_REMOVED, value, end, <i32>(lead - INPUT))
      } else note(events++, what | EVENT_LEAF, value, end, depth)
    }
    flags &= ~FIRST
    index++
    begin = end
  }
  setRegister(AT, <i32>(begin - INPUT))
  setRegister(DEPTH, depth)
  setRegister(STATE, state)
  setRegister(FLAGS, flags)
  setRegister(INDEX, index)
  setRegister(EVENT_COUNT, events)
  return reason
}
