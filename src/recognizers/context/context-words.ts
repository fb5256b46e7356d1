/**
 * Words around a candidate that speak for it or against it. All words of all recognizers are one automaton; each word has the
 * topics that it stands for, as bits.
 */
import { LETTER_VALUES, LETTERS } from './letters.ts'

/** How far before a candidate words are looked for, UTF-16 units. */
const BEFORE_UNITS = 72
/** How far behind it; the end of a sentence ends it. */
const AFTER_UNITS = 48

const PARAGRAPH_SEPARATOR = 0x2029
const LETTER_A = 0x61
const AT = 0x40
const ZERO = 0x30
const NINE = 0x39
const LINE_FEED = 0x0a
const BLANK = 0x20
const EXCLAMATION = 0x21
const FULL_STOP = 0x2e
const QUESTION = 0x3f

/** Digits of a number that a word before it may have been about. */
const SPENT_DIGITS = 5

/** Words of one topic: letters a to z; one with `*` at its end stands for all words that begin so; `@` for an at sign. */
export interface TopicWords {
  readonly bit: number
  readonly words: readonly string[]
}

/** See the file. Not shared between threads: it keeps what it found last. */
export class ContextWords {
  readonly #next: Int16Array
  readonly #words: Int32Array
  readonly #stems: Int32Array
  /** Topics of an at sign. */
  readonly #atSign: number
  #units: Uint16Array = new Uint16Array(0)
  #length = 0
  /** What was found before the last candidate that was asked for: where, its topics, where its word ends, and digits between. */
  #at = 0
  #atNear = 0
  #atEnd = 0
  #atDigits = 0
  /** A stretch in which no listed word begins and no sentence ends. */
  #quietFrom = 0
  #quietTo = 0
  /** Topics of the nearest listed word; 0 where there is none. */
  near = 0
  /** Characters between that word and the candidate. */
  distance = 0
  /** Whether a number stands between that word and the candidate: the word may have been about that one. */
  spent = false

  constructor(topics: readonly TopicWords[]) {
    const states = [new Int16Array(LETTER_VALUES)]
    const words: number[] = [0]
    const stems: number[] = [0]
    let atSign = 0
    for (const { bit, words: listed } of topics) {
      for (const entry of listed) {
        if (entry === '@') {
          atSign |= bit
          continue
        }
        const stem = entry.endsWith('*')
        let state = 0
        for (const letter of stem ? entry.slice(0, -1) : entry) {
          const row = states[state] as Int16Array
          const value = letter.charCodeAt(0) - LETTER_A + 1
          if (row[value] === 0) {
            row[value] = states.push(new Int16Array(LETTER_VALUES)) - 1
            words.push(0)
            stems.push(0)
          }
          state = row[value] as number
        }
        const target = stem ? stems : words
        target[state] = (target[state] ?? 0) | bit
      }
    }
    this.#atSign = atSign
    this.#next = new Int16Array(states.length * LETTER_VALUES)
    for (const [index, row] of states.entries()) this.#next.set(row, index * LETTER_VALUES)
    this.#words = Int32Array.from(words)
    this.#stems = Int32Array.from(stems)
  }

  /** To be called for each text, with its units, before its candidates. */
  begin(text: string, units: Uint16Array): void {
    this.#units = units
    this.#length = text.length
    this.#at = -1
    this.#quietFrom = -1
    this.#quietTo = -1
  }

  /** Finds the listed word nearest before `at`; `near`, `distance` and `spent` then tell of it. */
  before(at: number): void {
    const units = this.#units
    const letters = LETTERS
    const last = Math.max(0, at - BEFORE_UNITS)
    let near = 0
    let digits = 0
    let end = at
    while (end > last) {
      // From here on it is known.
      if (end === this.#at) {
        near = this.#atNear
        digits += this.#atDigits
        end = this.#atEnd
        break
      }
      const unit = units[end - 1] as number
      if (letters[unit] === 0) {
        if (unit >= ZERO && unit <= NINE) digits += 1
        else if (unit === AT && this.#atSign !== 0) {
          near = this.#atSign
          break
        } else if (unit === PARAGRAPH_SEPARATOR) break
        end -= 1
        continue
      }
      const start = wordStart(units, end, last)
      // A word that the limit may have cut off is none.
      if (start === last && last > 0) break
      near = this.#topics(units, start, end)
      if (near !== 0) break
      end = start
    }
    this.#at = at
    this.#atNear = near
    this.#atEnd = end
    this.#atDigits = digits
    this.distance = at - end
    this.near = this.distance > BEFORE_UNITS ? 0 : near
    this.spent = digits >= SPENT_DIGITS
  }

  /** Topics of the first listed word close behind `end`, in the same sentence. */
  after(end: number): number {
    const units = this.#units
    const letters = LETTERS
    const last = Math.min(this.#length, end + AFTER_UNITS)
    const known = end >= this.#quietFrom && end <= this.#quietTo
    if (!known) this.#quietFrom = end
    let at = known ? this.#quietTo : end
    let topics = 0
    while (at < last) {
      const unit = units[at] as number
      if (letters[unit] === 0) {
        if (endsSentence(units, at, unit)) break
        at += 1
        continue
      }
      const stop = wordEnd(units, at, last)
      topics = this.#topics(units, at, stop)
      // A word that the limit cuts off may be another one for the next candidate.
      if (topics !== 0 || stop === last) break
      at = stop
    }
    this.#quietTo = Math.max(at, end)
    return topics
  }

  #topics(units: Uint16Array, start: number, end: number): number {
    const next = this.#next
    const letters = LETTERS
    let state = 0
    let topics = 0
    for (let at = start; at < end; at += 1) {
      const letter = letters[units[at] as number] as number
      state = next[state * LETTER_VALUES + letter] as number
      if (state === 0) return topics
      topics |= this.#stems[state] as number
    }
    return topics | (this.#words[state] as number)
  }
}

function wordStart(units: Uint16Array, end: number, last: number): number {
  const letters = LETTERS
  let start = end - 1
  while (start > last && letters[units[start - 1] as number] !== 0) start -= 1
  return start
}

function wordEnd(units: Uint16Array, start: number, last: number): number {
  const letters = LETTERS
  let end = start + 1
  while (end < last && letters[units[end] as number] !== 0) end += 1
  return end
}

/** True at a line break, and at a full stop, question or exclamation mark with a blank behind it. */
function endsSentence(units: Uint16Array, at: number, unit: number): boolean {
  if (unit === LINE_FEED) return true
  if (unit !== FULL_STOP && unit !== QUESTION && unit !== EXCLAMATION) return false
  return (units[at + 1] as number) <= BLANK
}
