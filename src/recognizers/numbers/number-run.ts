/**
 * A run of digits with what people write between them: groups, and where each digit stands. One object is filled again for each
 * run of a text.
 */
import { isTiedBefore, isTiedBehind, isWordUnit, TIES, TIES_BEHIND } from '../checks/edges.ts'
import type { Signs } from '../checks/edges.ts'

/** Digits of one run. Longer ones are read in windows that overlap by more than any number that is looked for. */
export const RUN_DIGITS_MAX = 160
/** Digits that two windows share. */
const OVERLAP_DIGITS = 20
/** Characters that may stand between two groups. */
const GAP_UNITS_MAX = 3

const ZERO = 0x30
const NINE = 0x39
const BLANK = 0x20
const LINE_FEED = 0x0a
const ASCII = 128

const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE

// Blank, line breaks, tab, and what separates groups.
const SEPARATOR = new Uint8Array(0x1_0000)
for (const character of ' \t\r\n-./()') SEPARATOR[character.charCodeAt(0)] = 1

/** A gap of one to three ASCII characters as a number, for comparing. */
export function gapOf(gap: string): number {
  let value = 0
  for (let at = 0; at < gap.length; at += 1) value = value * ASCII + gap.charCodeAt(at)
  return value
}

/** See the file. */
export class NumberRun {
  text = ''
  /** Of the text, with a zero behind it. */
  units: Uint16Array = new Uint16Array(0)
  /** How many digits there are. */
  count = 0
  /** How many groups. */
  groups = 0
  /** Bit n: there is a group of n digits; of 31 or more digits bit 31. */
  sizes = 0
  /** Whether an ASCII letter stands before the first group, with at most one blank between. */
  lettered = false
  /** Whether no word goes on before the first group, and behind the last: between them stand separators. */
  #startsWord = false
  #endsWord = false
  /** Whether a letter that looks like a digit stands right behind, and none right before. */
  mixed = false
  /** The value of each digit. */
  readonly values = new Uint8Array(RUN_DIGITS_MAX)
  /** Where each digit stands in the text. */
  readonly at = new Int32Array(RUN_DIGITS_MAX)
  /** The first digit of each group, by number; behind the last, `count`. */
  readonly first = new Uint8Array(RUN_DIGITS_MAX + 1)
  /** Whether a recognizer is so sure of each group that others need not look at it. */
  readonly #taken = new Uint8Array(RUN_DIGITS_MAX)
  readonly #gaps = new Int32Array(RUN_DIGITS_MAX)
  readonly #breaks = new Uint8Array(RUN_DIGITS_MAX)

  /** To be called for each text, with its units, before its runs. */
  begin(text: string, units: Uint16Array): void {
    this.text = text
    this.units = units
  }

  /**
   * Reads the run that begins with the digit at `from`. Answers where to go on: behind it, or for a longer run at the start of
   * its next window.
   */
  read(from: number): number {
    const units = this.units
    this.count = 0
    this.groups = 0
    this.sizes = 0
    this.mixed = false
    this.lettered = isLetterBefore(units, from)
    this.#startsWord = from === 0 || !isWordUnit(units[from - 1] as number)
    this.#endsWord = true
    let at = from
    for (;;) {
      const end = this.#group(at)
      if (end < 0) {
        this.lettered &&= this.groups > 0
        return this.#nextWindow(at)
      }
      const next = this.#nextGroup(end)
      if (next < 0) {
        this.first[this.groups] = this.count
        this.#endsWord = end >= this.text.length || !isWordUnit(units[end] as number)
        this.mixed =
          isLikeDigit(units[end] as number) && !(from > 0 && isLikeDigit(units[from - 1] as number))
        return end
      }
      at = next
    }
  }

  /** Where in the text the group begins. */
  start(group: number): number {
    return this.at[this.first[group] as number] as number
  }

  /** Where in the text the group ends, its last digit included. */
  end(group: number): number {
    return (this.at[(this.first[group + 1] as number) - 1] as number) + 1
  }

  /** Digits of one group. */
  size(group: number): number {
    return (this.first[group + 1] as number) - (this.first[group] as number)
  }

  /** True where no word goes on before the group. */
  startsWord(group: number): boolean {
    return group > 0 || this.#startsWord
  }

  /** True where no word goes on behind the group. */
  endsWord(group: number): boolean {
    return group < this.groups - 1 || this.#endsWord
  }

  /** True where one of the signs ties the group to a word before it, or to another group. */
  isTiedBefore(group: number, signs: Signs = TIES): boolean {
    if (group === 0) return isTiedBefore(this.text, this.start(0), signs)
    const gap = this.gap(group - 1)
    return gap < ASCII && signs[gap] === 1
  }

  /** True where one of the signs ties the group to a word behind it, or to another group. */
  isTiedBehind(group: number, signs: Signs = TIES_BEHIND): boolean {
    if (group === this.groups - 1) return isTiedBehind(this.text, this.end(group), signs)
    const gap = this.gap(group)
    return gap < ASCII && signs[gap] === 1
  }

  /** Says of the groups from `from` to `to`, that one not included, that nothing else can be in them. */
  take(from: number, to: number): void {
    this.#taken.fill(1, from, to)
  }

  isTaken(group: number): boolean {
    return this.#taken[group] === 1
  }

  /** The digits of the groups from `from` to `to`, that one not included. */
  digits(from: number, to: number): string {
    let digits = ''
    const end = this.first[to] as number
    for (let index = this.first[from] as number; index < end; index += 1) {
      digits += String.fromCharCode(ZERO + (this.values[index] as number))
    }
    return digits
  }

  /** What stands between a group and the next, as {@link gapOf} has it. */
  gap(group: number): number {
    return this.#gaps[group] as number
  }

  /** Whether a line ends between a group and the next. */
  breaksLine(group: number): boolean {
    return this.#breaks[group] === 1
  }

  /** Takes one group; answers its end, or -1 where it does not fit any more. */
  #group(from: number): number {
    const { values, at: places } = this
    const units = this.units
    const before = this.count
    let count = before
    let at = from
    // Behind the text stands a zero, which is no digit.
    for (let unit = units[at] as number; isDigit(unit); unit = units[at] as number) {
      if (count === RUN_DIGITS_MAX) return -1
      values[count] = unit - ZERO
      places[count] = at
      count += 1
      at += 1
    }
    this.count = count
    this.first[this.groups] = before
    this.#taken[this.groups] = 0
    this.groups += 1
    this.sizes |= 1 << Math.min(count - before, 31)
    return at
  }

  /** Where the next group begins, or -1 where the run ends. */
  #nextGroup(end: number): number {
    const units = this.units
    let gap = 0
    let breaks = 0
    for (let at = end; at <= end + GAP_UNITS_MAX; at += 1) {
      const unit = units[at] as number
      if (isDigit(unit)) {
        if (at === end) return -1
        this.#gaps[this.groups - 1] = gap
        this.#breaks[this.groups - 1] = breaks
        return at
      }
      if (SEPARATOR[unit] === 0) return -1
      gap = gap * ASCII + unit
      if (unit === LINE_FEED) breaks = 1
    }
    return -1
  }

  /** Where a window goes on that is full. */
  #nextWindow(at: number): number {
    this.first[this.groups] = this.count
    if (this.groups === 0) return digitsEnd(this.units, at)
    if (this.groups === 1) return at
    let group = this.groups - 1
    while (group > 1 && this.count - (this.first[group] as number) < OVERLAP_DIGITS) group -= 1
    // At least one group further, so that it ends.
    return this.start(group)
  }
}

/** O, o, l, I and the vertical bar, which are written for 0 and 1. */
export function isLikeDigit(unit: number): boolean {
  return unit === 0x4f || unit === 0x6f || unit === 0x6c || unit === 0x49 || unit === 0x7c
}

/** In a run groups stand behind digits and separators, so only the first can have a letter before it. */
function isLetterBefore(units: Uint16Array, at: number): boolean {
  if (at === 0) return false
  const before = units[at - 1] as number
  return isLetter(before) || (before === BLANK && at > 1 && isLetter(units[at - 2] as number))
}

const isLetter = (unit: number): boolean =>
  (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)

function digitsEnd(units: Uint16Array, from: number): number {
  let at = from
  while (isDigit(units[at] as number)) at += 1
  return at
}
