/** Where things stand in the memory of the scanner. The scanner's own side of it is assembly/layout.ts. */

/** Memory of 64 KiB pages, fixed. */
export const MEMORY_BYTES = 16_777_216
/** Numbers that both sides read and write. */
export const REGISTERS_AT = 4_096
export const REGISTERS = 64
/** Open containers: `LEVEL_NUMBERS` numbers each. */
export const STACK_AT = 8_192
export const LEVEL_NUMBERS = 4
/** Containers that may be open, one in the other. */
export const LEVELS_MAX = 12_000
/** Brackets that are awaited while a value is looked over. */
export const BRACKETS_AT = 212_992
/** What was noted: `EVENT_NUMBERS` numbers each. */
export const EVENTS_AT = 262_144
export const EVENTS_MAX = 4_096
export const EVENT_NUMBERS = 4
/** The bytes at hand, and zeros behind them. */
export const INPUT_AT = 393_216
export const INPUT_BYTES_MAX = 524_288
export const PADDING_BYTES = 64
/** Tables of programs. */
export const TABLES_AT = 1_048_576

/** The registers. */
export const REGISTER = {
  at: 0,
  length: 1,
  depth: 2,
  state: 3,
  flags: 4,
  index: 5,
  eventCount: 6,
  rows: 7,
  stride: 8,
  slots: 9,
  slotMask: 10,
  names: 11,
  depthMax: 12,
  keyBytesMax: 13,
  numberBytesMax: 14,
  heldBytesMax: 15,
  choices: 16,
  askedColumn: 17,
  askedAtoms: 18,
  lookedTo: 19,
  lookedToInside: 20,
} as const

/** Numbers of one name: its first and last four bytes, its length, and where it stands. */
export const NAME_NUMBERS = 4

/** Numbers of a row before its links: lengths of names, where the atoms of filters stand, first bytes of names. */
export const ROW_HEAD = 3
/** Numbers of an atom: its column, kind, where its literal stands, its length; two numbers before the first. */
export const ATOM_NUMBERS = 4
export const ATOMS_HEAD = 2
/** Numbers of a choice: state, column, atoms, link; a power of two of them, of which some stay free. */
export const CHOICE_NUMBERS = 4
export const CHOICES = 512
export const CHOICES_MAX = 384

/** What an event is: the lowest bits of its first number; the state stands above them. */
export const EVENT_LEAF = 0
export const EVENT_OPEN = 1
/** A leaf that is not the first of its container goes; the last number is where the comma before it stands. */
export const EVENT_REMOVED = 3
export const EVENT_BITS = 2
/** {@link EVENT_LEAF} or another. */
export const EVENT_KIND = 3
