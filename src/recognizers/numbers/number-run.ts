/**
 * A run of digits with what people write between them: groups, and where each digit stands. One object is filled again for each
 * run of a text.
 */

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
const SEPARATOR = new Uint8Array(ASCII)
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
  /** How many digits there are. */
  count = 0
  /** How many groups. */
  groups = 0
  /** Bit n: there is a group of n digits; of 31 or more digits bit 31. */
  sizes = 0
  /** Whether an ASCII letter stands before the first group, with at most one blank between. */
  lettered = false
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

  /**
   * Reads the run that begins with the digit at `from`. Answers where to go on: behind it, or for a longer run at the start of
   * its next window.
   */
  read(text: string, from: number): number {
    this.text = text
    this.count = 0
    this.groups = 0
    this.sizes = 0
    this.lettered = false
    let at = from
    this.mixed = false
    for (;;) {
      const end = this.#group(text, at)
      if (end < 0) return this.#nextWindow(text, at)
      const next = this.#nextGroup(text, end)
      if (next < 0) {
        this.first[this.groups] = this.count
        this.mixed = isLikeDigit(text.charCodeAt(end)) && !isLikeDigit(text.charCodeAt(from - 1))
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
  #group(text: string, from: number): number {
    const before = this.count
    let at = from
    while (at < text.length && isDigit(text.charCodeAt(at))) {
      if (this.count === RUN_DIGITS_MAX) {
        this.count = before
        return -1
      }
      this.values[this.count] = text.charCodeAt(at) - ZERO
      this.at[this.count] = at
      this.count += 1
      at += 1
    }
    this.first[this.groups] = before
    this.#taken[this.groups] = 0
    this.groups += 1
    this.sizes |= 1 << Math.min(this.count - before, 31)
    if (this.groups === 1) this.lettered = isLetterBefore(text, from)
    return at
  }

  /** Where the next group begins, or -1 where the run ends. */
  #nextGroup(text: string, end: number): number {
    const last = Math.min(end + GAP_UNITS_MAX, text.length - 1)
    let gap = 0
    let breaks = 0
    for (let at = end; at <= last; at += 1) {
      const unit = text.charCodeAt(at)
      if (isDigit(unit)) {
        if (at === end) return -1
        this.#gaps[this.groups - 1] = gap
        this.#breaks[this.groups - 1] = breaks
        return at
      }
      if (unit >= ASCII || SEPARATOR[unit] === 0) return -1
      gap = gap * ASCII + unit
      if (unit === LINE_FEED) breaks = 1
    }
    return -1
  }

  /** Where a window goes on that is full. */
  #nextWindow(text: string, at: number): number {
    this.first[this.groups] = this.count
    if (this.groups === 0) return digitsEnd(text, at)
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
function isLetterBefore(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  return isLetter(before) || (before === BLANK && isLetter(text.charCodeAt(at - 2)))
}

const isLetter = (unit: number): boolean =>
  (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)

function digitsEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1
  return at
}
