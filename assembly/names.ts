/** Finds the column of a member's name, as src/json/automaton/key-table.ts does. */
import { COLUMN_OTHER, NAMES, register, ROW_LINKS, SLOT_MASK, SLOTS } from './layout'

/** Of each column: first four bytes, last four bytes, length, where the whole name stands. */
const NAME_BYTES: usize = 16

/** Where in a row the link for the name from `start` on stands, which is also the number of its column here. */
export function columnOf(start: usize, length: i32): usize {
  let first = 0
  let last = 0
  if (length >= 4) {
    first = load<i32>(start)
    last = load<i32>(start + length - 4)
  } else {
    for (let at = 0; at < length; at++) first = (first << 8) | load<u8>(start + at)
    last = first
  }
  const mixed = (first * 0x9e3779b1) ^ (last * 0x85ebca6b) ^ (length * 0xc2b2ae35)
  const mask = register(SLOT_MASK)
  const slots: usize = register(SLOTS)
  const names: usize = register(NAMES)
  let slot = (mixed ^ (<u32>mixed >>> 15)) & mask
  while (true) {
    const column = load<i32>(slots + ((<usize>slot) << 2))
    if (column == 0) return COLUMN_OTHER
    const name = names + <usize>column * NAME_BYTES
    if (
      load<i32>(name) == first &&
      load<i32>(name, 4) == last &&
      load<i32>(name, 8) == length &&
      (length <= 8 || sameMiddle(start, load<i32>(name, 12), length))
    ) {
      return ROW_LINKS + ((<usize>column) << 2)
    }
    slot = (slot + 1) & mask
  }
}

/** Compares what lies between the first and last four bytes. */
function sameMiddle(start: usize, name: usize, length: i32): bool {
  const end = length - 4
  for (let at = 4; at < end; at++) {
    if (load<u8>(start + at) != load<u8>(name + at)) return false
  }
  return true
}
