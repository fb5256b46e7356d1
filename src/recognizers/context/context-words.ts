/**
 * Words around a candidate that speak for it or against it. All words of all recognizers are one automaton; each word has the
 * topics that it stands for, as bits.
 */
import { LETTER_VALUES, letterOf } from './letters.ts'

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
  #text = ''
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

  /** To be called for each text before its candidates. */
  begin(text: string): void {
    this.#text = text
    this.#at = -1
    this.#quietFrom = -1
    this.#quietTo = -1
  }

  /** Finds the listed word nearest before `at`; `near`, `distance` and `spent` then tell of it. */
  before(at: number): void {
    const text = this.#text
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
      const unit = text.charCodeAt(end - 1)
      if (letterOf(unit) === 0) {
        if (unit >= ZERO && unit <= NINE) digits += 1
        else if (unit === AT && this.#atSign !== 0) {
          near = this.#atSign
          break
        } else if (unit === PARAGRAPH_SEPARATOR) break
        end -= 1
        continue
      }
      const start = wordStart(text, end, last)
      // A word that the limit may have cut off is none.
      if (start === last && last > 0) break
      near = this.#topics(text, start, end)
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
    const text = this.#text
    const last = Math.min(text.length, end + AFTER_UNITS)
    const known = end >= this.#quietFrom && end <= this.#quietTo
    if (!known) this.#quietFrom = end
    let at = known ? this.#quietTo : end
    let topics = 0
    while (at < last) {
      const unit = text.charCodeAt(at)
      if (letterOf(unit) === 0) {
        if (endsSentence(text, at, unit)) break
        at += 1
        continue
      }
      const stop = wordEnd(text, at, last)
      topics = this.#topics(text, at, stop)
      // A word that the limit cuts off may be another one for the next candidate.
      if (topics !== 0 || stop === last) break
      at = stop
    }
    this.#quietTo = Math.max(at, end)
    return topics
  }

  #topics(text: string, start: number, end: number): number {
    const next = this.#next
    let state = 0
    let topics = 0
    for (let at = start; at < end; at += 1) {
      state = next[state * LETTER_VALUES + letterOf(text.charCodeAt(at))] as number
      if (state === 0) return topics
      topics |= this.#stems[state] as number
    }
    return topics | (this.#words[state] as number)
  }
}

function wordStart(text: string, end: number, last: number): number {
  let start = end - 1
  while (start > last && letterOf(text.charCodeAt(start - 1)) !== 0) start -= 1
  return start
}

function wordEnd(text: string, start: number, last: number): number {
  let end = start + 1
  while (end < last && letterOf(text.charCodeAt(end)) !== 0) end += 1
  return end
}

/** True at a line break, and at a full stop, question or exclamation mark with a blank behind it. */
function endsSentence(text: string, at: number, unit: number): boolean {
  if (unit === LINE_FEED) return true
  if (unit !== FULL_STOP && unit !== QUESTION && unit !== EXCLAMATION) return false
  return at + 1 >= text.length || text.charCodeAt(at + 1) <= BLANK
}
