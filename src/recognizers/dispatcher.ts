/** One pass over a text, which asks each finder only where a digit, a sign or a literal stands that its data cannot be without. */
import { NumberRun } from './numbers/number-run.ts'
import type { Finder, Report } from './recognizer.ts'

const UNITS = 0x1_0000
const ASCII = 128
const DIGIT = 1
const CHARACTER = 2
const LITERAL = 4

/** Numbers of fewer digits are nobody's, but for those with letters before them. */
const DIGITS_MIN = 4

/** Runs of as many digits, or more, are asked of all. */
const COUNTS = 17

/** How often letters and signs stand in text, from the most frequent on; what is not here is rare. */
const FREQUENT = ' etaoinsrhldcumfpgwybv,.k-xjqz'

type On<Kind> = Extract<Finder, { on: Kind }>['find']

interface Asked<Kind> {
  readonly find: On<Kind>
  readonly report: Report
}

interface Literal {
  readonly text: string
  /** Where in the literal its rarest character stands; the one before it is looked at, too. */
  readonly anchor: number
  readonly finder: LiteralFinder
}

interface LiteralFinder extends Asked<'literal'> {
  /** From where on it is asked again. */
  from: number
}

/** See the file. */
export class Dispatcher {
  readonly #kinds = new Uint8Array(UNITS)
  readonly #run = new NumberRun()
  readonly #numbers: Asked<'number'>[] = []
  /** Those that are asked about runs of so many digits, at the last place of as many or more. */
  readonly #byCount: Asked<'number'>[][] = Array.from({ length: COUNTS }, () => [])
  readonly #characters: Asked<'character'>[][] = Array.from({ length: ASCII }, () => [])
  readonly #texts: Asked<'text'>[] = []
  readonly #literalFinders: LiteralFinder[] = []
  readonly #literals: Literal[][] = []
  /** For each two characters the list of literals, counted from 1. */
  readonly #pairs = new Uint8Array(ASCII * ASCII)

  add(finder: Finder, report: Report): void {
    if (finder.on === 'number') {
      const asked = { find: finder.find, report }
      const digitsMin = finder.short === true ? 1 : Math.max(finder.digitsMin ?? 0, DIGITS_MIN)
      for (let count = digitsMin; count < COUNTS; count += 1) this.#byCount[count]?.push(asked)
      // With letters the number may begin before its digits, and have some that are none.
      this.#numbers.push(asked)
      for (let unit = 0x30; unit <= 0x39; unit += 1) this.#kinds[unit] = DIGIT
    } else if (finder.on === 'character') {
      for (const character of finder.characters) {
        this.#mark(character.charCodeAt(0), CHARACTER)
        this.#characters[character.charCodeAt(0)]?.push({ find: finder.find, report })
      }
    } else if (finder.on === 'text') {
      this.#texts.push({ find: finder.find, report })
    } else {
      const own: LiteralFinder = { find: finder.find, report, from: 0 }
      this.#literalFinders.push(own)
      for (const text of finder.literals) this.#addLiteral(text, own)
    }
  }

  /** Asks all finders about the text, whose units are given. */
  run(text: string, units: Uint16Array): void {
    for (const { find, report } of this.#texts) find(text, report)
    for (const finder of this.#literalFinders) finder.from = 0
    this.#run.begin(text, units)
    const kinds = this.#kinds
    const { length } = text
    let at = 0
    for (;;) {
      while (at < length && kinds[units[at] as number] === 0) at += 1
      if (at >= length) return
      const unit = units[at] as number
      const kind = kinds[unit] as number
      if (kind === DIGIT) at = this.#number(at)
      else {
        if ((kind & CHARACTER) !== 0) this.#character(text, at, unit)
        if ((kind & LITERAL) !== 0) {
          const list = this.#literalsAt(units, at)
          if (list > 0) this.#literal(text, at, list)
        }
        at += 1
      }
    }
  }

  #mark(unit: number, kind: number): void {
    this.#kinds[unit] = (this.#kinds[unit] as number) | kind
  }

  #addLiteral(text: string, finder: LiteralFinder): void {
    const anchor = anchorOf(text)
    const unit = text.charCodeAt(anchor)
    const pair = text.charCodeAt(anchor - 1) * ASCII + unit
    this.#mark(unit, LITERAL)
    if (this.#pairs[pair] === 0) this.#pairs[pair] = this.#literals.push([])
    this.#literals[(this.#pairs[pair] as number) - 1]?.push({ text, anchor, finder })
  }

  #number(at: number): number {
    const run = this.#run
    const next = run.read(at)
    const whole = run.lettered || run.mixed
    const numbers = whole ? this.#numbers : this.#askedOf(run.count)
    for (let index = 0; index < numbers.length; index += 1) {
      const { find, report } = numbers[index] as Asked<'number'>
      find(run, report)
    }
    return next
  }

  #askedOf(count: number): readonly Asked<'number'>[] {
    return this.#byCount[Math.min(count, COUNTS - 1)] as Asked<'number'>[]
  }

  #character(text: string, at: number, unit: number): void {
    for (const { find, report } of this.#characters[unit] as Asked<'character'>[]) {
      find(text, at, report)
    }
  }

  /** The list of literals that may stand around a place, counted from 1; 0 where none may. */
  #literalsAt(units: Uint16Array, at: number): number {
    const before = at > 0 ? (units[at - 1] as number) : ASCII
    return before < ASCII ? (this.#pairs[before * ASCII + (units[at] as number)] as number) : 0
  }

  #literal(text: string, at: number, list: number): void {
    for (const { text: literal, anchor, finder } of this.#literals[list - 1] as Literal[]) {
      const start = at - anchor
      if (start < finder.from || !text.startsWith(literal, start)) continue
      finder.from = finder.find(text, start, finder.report)
    }
  }
}

/** The place of the rarest character but the first that is no digit: runs of digits are read as one. */
function anchorOf(text: string): number {
  let anchor = 1
  for (let at = 1; at < text.length; at += 1) {
    if (rarity(text.charAt(at)) > rarity(text.charAt(anchor))) anchor = at
  }
  return anchor
}

function rarity(character: string): number {
  if (/\d/.test(character)) return -1
  const place = FREQUENT.indexOf(character)
  return place < 0 ? FREQUENT.length : place
}
