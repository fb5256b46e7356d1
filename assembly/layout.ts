/**
 * Where things stand in the memory of the scanner: one fixed memory that never grows. src/json/scanner/layout.ts has the same
 * numbers for the other side, and a test holds the two against each other.
 */

/** Numbers of 4 bytes that both sides read and write, in the order of the functions below. */
export const REGISTERS: usize = 4_096
/** Open containers, innermost last. */
export const STACK: usize = 8_192
/** Bytes kept of each: state, flags, children seen, and a number of the other side. */
export const LEVEL_BYTES: usize = 16
/** Brackets that are awaited while a value is looked over: a byte each. */
export const BRACKETS: usize = 212_992
/** What is to be done at the items that were passed over. */
export const EVENTS: usize = 262_144
export const EVENTS_MAX: i32 = 4_096
export const EVENT_BYTES: usize = 16
/** The bytes at hand, and zeros behind them, which no JSON has. */
export const INPUT: usize = 393_216
/** Tables of programs, placed by the other side. */
export const TABLES: usize = 1_048_576

/** Bits of flags. */
export const OBJECT: i32 = 1
export const FIRST: i32 = 2
export const ITEM_WORK: i32 = 524
export const CLOSE_WORK: i32 = 64
export const ABOVE_ROOT: i32 = 128

/** Bits of links. */
export const LEAF_WORK: i32 = 1
export const OPEN_ARRAY: i32 = 4
export const OPEN_OBJECT: i32 = 8
export const LEAF_GOES: i32 = 16
export const COUNTS_ELEMENTS: i32 = 32
export const ARRAY_SCOPE: i32 = 64
export const OBJECT_SCOPE: i32 = 128
/** The same bit in flags. */
export const CHECKS_NAMES: i32 = 256
export const LEAF_ALONE: i32 = 512
export const LINK_BITS: i32 = 10

/** A row of the table: the lengths of names that lead on, where the atoms of filters stand or 0, their first bytes, then links by column. */
export const ROW_ATOMS: usize = 4
export const ROW_INITIALS: usize = 8
export const ROW_LINKS: usize = 12
export const COLUMN_ELEMENT: usize = 12
export const COLUMN_OTHER: usize = 16
/** A link that filters decide. */
export const ASK: i32 = -2

/** Atoms of a state: how many, the lengths of their names, then each: column, kind, where its literal stands, its length. */
export const ATOM_BYTES: usize = 16
export const ATOM_EXISTS: i32 = 0
export const ATOM_STRING: i32 = 1
export const ATOM_NUMBER: i32 = 2
export const ATOM_LITERAL: i32 = 3

/** Links that filters decided: state, column, atoms, link. A link of 0 is a free place. */
export const CHOICE_BYTES: usize = 16
export const CHOICES_MASK: i32 = 511

/** Kinds of events. */
export const EVENT_LEAF: i32 = 0
export const EVENT_OPEN: i32 = 1
export const EVENT_CLOSE: i32 = 2
export const EVENT_REMOVED: i32 = 3
export const EVENT_BITS: i32 = 2

/** Why the scanner came back: the item at hand is for the other side, or there is no room for events. */
export const ITEM: i32 = 0
export const EVENTS_FULL: i32 = 1

export function register(number: i32): i32 {
  return load<i32>(REGISTERS + ((<usize>number) << 2))
}

export function setRegister(number: i32, value: i32): void {
  store<i32>(REGISTERS + ((<usize>number) << 2), value)
}

/** Registers: where to go on, how many bytes are at hand, and what holds for the innermost open container. */
export const AT: i32 = 0
export const LENGTH: i32 = 1
export const DEPTH: i32 = 2
export const STATE: i32 = 3
export const FLAGS: i32 = 4
export const INDEX: i32 = 5
export const EVENT_COUNT: i32 = 6
/** The table of the program: its rows, the bytes of one, and its names. */
export const ROWS: i32 = 7
export const STRIDE: i32 = 8
export const SLOTS: i32 = 9
export const SLOT_MASK: i32 = 10
export const NAMES: i32 = 11
/** Limits. */
export const DEPTH_MAX: i32 = 12
export const KEY_BYTES_MAX: i32 = 13
export const NUMBER_BYTES_MAX: i32 = 14
export const HELD_BYTES_MAX: i32 = 15
/** Where choices stand, and which one was looked for in vain: its column (0: none was) and its atoms. */
export const CHOICES: i32 = 16
export const ASKED_COLUMN: i32 = 17
export const ASKED_ATOMS: i32 = 18
/** Where the last two values end that were looked over. */
export const LOOKED_TO: i32 = 19
export const LOOKED_TO_INSIDE: i32 = 20
