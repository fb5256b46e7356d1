/**
 * Values of one answer that must not stand in its other texts: names, addresses, numbers, whatever their case, accents and
 * separators. All of them are one automaton over folded characters, which a text passes through once.
 */
import { COMBINING, folded, isFoldedDigit, isUnspaced, SEPARATOR } from './fold.ts'

/** Characters of all values together; with more the dictionary has {@link ValueDictionary.overflowed}. */
const NODES_MAX = 65_536
/** Folded characters of a value. What is longer is a text, and stands nowhere else. */
const VALUE_CHARACTERS_MAX = 96
/** A value of fewer folded characters could be anything. */
const WORD_CHARACTERS_MIN = 3
const DIGITS_MIN = 6
/** The last digits of a longer number are a value, too. */
const NATIONAL_DIGITS = 9
const UNSPACED_CHARACTERS_MIN = 2
/** Of the words of a name each counts by itself. */
const NAME_WORDS_MAX = 6
/** A word of a name that is shorter counts only where it begins with a capital. */
const ANY_CASE_CHARACTERS_MIN = 4
/** Separators between two words of a value. */
const GAP_UNITS_MAX = 3

/** Titles, and names that are words of their own: these count only where they begin with a capital. */
const COMMON: ReadonlySet<string> = new Set(
  'will mark rose grace hope long brown white young king hill wood stone may june april august summer faith joy dawn rich bill frank art pat sol luz paz mar cruz rosa blanco bueno leon campo costa serra silva neves pires santos petit grand blanc roux marin martin klein lang gross weiss kurz winter sommer jung koch bauer'.split(
    ' ',
  ),
)
const TITLES: ReadonlySet<string> = new Set(
  'mr mrs ms miss dr prof sir don dona herr frau mme mlle monsieur madame senor senora'.split(' '),
)
/** A text of several words, in scripts with and without blanks between them. */
const SEVERAL_WORDS = /\S\s+\S|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{6}/u
const NAME_WORD = /^\p{Lu}[\p{L}\p{M}'’-]*$/u
const UNSPACED_NAME = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+$/u

/** How far a value counts: everywhere, in texts only, or there with a capital only. */
type Reach = 'everywhere' | 'text' | 'capital'

/** One character of the tree of values, which is an automaton of Aho and Corasick once its links are there. */
interface Node {
  readonly next: Map<number, Node>
  readonly depth: number
  /** Of the value that ends here. */
  entry: ValueClass | undefined
  reach: Reach
  /** The longest suffix that begins another value. */
  suffix: Node | undefined
  /** The longest suffix that is another value. */
  shorter: Node | undefined
}

/** What is known of a value: its class, and whether nothing of it may leave, whatever the operator of that class leaves. */
export interface ValueClass {
  readonly dataClass: string
  readonly redact: boolean
}

/** Tells of `[start, end)` of a text, and of the value there. Places may overlap. */
export type ReportValue = (start: number, end: number, value: ValueClass) => void

/** See the file. */
export class ValueDictionary {
  readonly #root: Node = nodeOf(0)
  #nodes = 1
  #isEmpty = true
  #isLinked = true
  #overflowed = false

  /** True where values were left out because there are too many. */
  get overflowed(): boolean {
    return this.#overflowed
  }

  /** Adds a value of a class as a whole, without its parts. Answers whether it is in: see {@link add}. */
  addWhole(value: string, dataClass: string, redact = false): boolean {
    const entry = { dataClass, redact }
    const added = this.#put(value, entry, 'everywhere')
    // A number without its country code.
    const digits = value.replaceAll(/\D/g, '')
    if (digits.length > NATIONAL_DIGITS && !/\p{L}/u.test(value)) {
      this.#put(digits.slice(-NATIONAL_DIGITS), entry, 'everywhere')
    }
    return added
  }

  /** Adds a value of a class, and the parts of a name. What is too short to be told from other words, or too long, is left out; answers whether it is in. */
  add(value: string, dataClass: string, redact = false): boolean {
    const added = this.addWhole(value, dataClass, redact)
    const words = value.trim().split(/\s+/u)
    if (words.length < 2 || words.length > NAME_WORDS_MAX) return added
    const isName = words.every((word) => !/\d|@/.test(word)) && words.some(isNameWord)
    if (!isName) return added
    for (const word of words) {
      if (isNameWord(word)) this.#put(word, { dataClass, redact }, reachOf(word))
    }
    return added
  }

  /** Reports what of the values stands in a text. Takes time in proportion to the text. */
  find(text: string, report: ReportValue): void {
    if (this.#isEmpty) return
    if (!this.#isLinked) this.#link()
    const several = SEVERAL_WORDS.test(text)
    /** Where each character stands that the values could be so long as to hold. */
    const starts = new Int32Array(VALUE_CHARACTERS_MAX)
    let node = this.#root
    let count = 0
    /** Characters since the last gap that is wider than those in values. */
    let joined = 0
    let gap = 0
    for (let at = 0; at < text.length; at += 1) {
      const code = folded(text.charCodeAt(at))
      if (code <= COMBINING) {
        gap += code === SEPARATOR ? 1 : 0
        continue
      }
      joined = gap > GAP_UNITS_MAX ? 1 : joined + 1
      gap = 0
      starts[count % VALUE_CHARACTERS_MAX] = at
      count += 1
      node = this.#step(node, code)
      if ((node.entry === undefined && node.shorter === undefined) || !endsAt(text, at)) continue
      for (
        let ends: Node | undefined = node.entry === undefined ? node.shorter : node;
        ends !== undefined;
        ends = ends.shorter
      ) {
        if (ends.depth > joined) continue
        const start = starts[(count - ends.depth) % VALUE_CHARACTERS_MAX] as number
        if (startsAt(text, start) && counts(ends, text, start, several)) {
          report(start, behind(text, at), ends.entry as ValueClass)
          break
        }
      }
    }
  }

  #step(from: Node, code: number): Node {
    for (let node: Node | undefined = from; node !== undefined; node = node.suffix) {
      const next = node.next.get(code)
      if (next !== undefined) return next
    }
    return this.#root
  }

  #put(value: string, entry: ValueClass, reach: Reach): boolean {
    const codes = codesOf(value)
    if (codes === undefined) return false
    if (this.#nodes + codes.length > NODES_MAX) {
      this.#overflowed = true
      return false
    }
    let node = this.#root
    for (const code of codes) {
      let next = node.next.get(code)
      if (next === undefined) {
        next = nodeOf(node.depth + 1)
        node.next.set(code, next)
        this.#nodes += 1
      }
      node = next
    }
    this.#isEmpty = false
    this.#isLinked = false
    if (node.entry !== undefined && rank(node.reach) >= rank(reach)) return true
    node.entry = entry
    node.reach = reach
    return true
  }

  #link(): void {
    const queue: Node[] = [this.#root]
    for (const node of queue) {
      for (const [code, child] of node.next) {
        const suffix =
          node === this.#root ? this.#root : this.#step(node.suffix ?? this.#root, code)
        child.suffix = suffix
        child.shorter = suffix.entry === undefined ? suffix.shorter : suffix
        queue.push(child)
      }
    }
    this.#isLinked = true
  }
}

function nodeOf(depth: number): Node {
  return {
    next: new Map(),
    depth,
    entry: undefined,
    reach: 'capital',
    suffix: undefined,
    shorter: undefined,
  }
}

const rank = (reach: Reach): number => ['capital', 'text', 'everywhere'].indexOf(reach)

/** The folded characters of a value; undefined where it is too short or too long. */
function codesOf(value: string): readonly number[] | undefined {
  const codes: number[] = []
  let digits = 0
  let unspaced = 0
  for (let at = 0; at < value.length; at += 1) {
    const code = folded(value.charCodeAt(at))
    if (code <= COMBINING) continue
    codes.push(code)
    if (isFoldedDigit(code)) digits += 1
    if (isUnspaced(value.charCodeAt(at))) unspaced += 1
    if (codes.length > VALUE_CHARACTERS_MAX) return undefined
  }
  if (digits === codes.length) return digits >= DIGITS_MIN ? codes : undefined
  const least = unspaced > 0 ? UNSPACED_CHARACTERS_MIN : WORD_CHARACTERS_MIN
  return codes.length >= least ? codes : undefined
}

function isNameWord(word: string): boolean {
  return (NAME_WORD.test(word) && !TITLES.has(plain(word))) || UNSPACED_NAME.test(word)
}

function reachOf(word: string): Reach {
  const short = plain(word).length < ANY_CASE_CHARACTERS_MIN && !UNSPACED_NAME.test(word)
  return short || COMMON.has(plain(word)) ? 'capital' : 'text'
}

function plain(word: string): string {
  return String.fromCharCode(
    ...Array.from(word, (character) => folded(character.charCodeAt(0))).filter(
      (code) => code > COMBINING,
    ),
  )
}

function counts({ reach }: Node, text: string, start: number, several: boolean): boolean {
  if (reach === 'everywhere') return true
  if (!several) return false
  return reach === 'text' || /^\p{Lu}/u.test(text.charAt(start))
}

/** True where no word goes on before `start`. */
function startsAt(text: string, start: number): boolean {
  let before = start - 1
  while (before >= 0 && folded(text.charCodeAt(before)) === COMBINING) before -= 1
  if (before < 0) return true
  const unit = text.charCodeAt(before)
  return folded(unit) === SEPARATOR || isUnspaced(unit) || isUnspaced(text.charCodeAt(start))
}

/** True where no word goes on behind `at`. */
function endsAt(text: string, at: number): boolean {
  const next = behind(text, at)
  if (next >= text.length) return true
  const unit = text.charCodeAt(next)
  return folded(unit) === SEPARATOR || isUnspaced(unit) || isUnspaced(text.charCodeAt(at))
}

/** Behind the character at `at`, and what combines with it. */
function behind(text: string, at: number): number {
  let next = at + 1
  while (next < text.length && folded(text.charCodeAt(next)) === COMBINING) next += 1
  return next
}
