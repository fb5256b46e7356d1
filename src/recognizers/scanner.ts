/** Finds personal data in texts: reads the views of a text and shows each to the recognizers. */
import { allowListOf } from './allow-list.ts'
import { ContextWords } from './context/context-words.ts'
import { GOODS_WORDS, VERSION_WORDS } from './context/decoy-words.ts'
import type { ReportValue, ValueDictionary } from './dictionary/value-dictionary.ts'
import { Dispatcher } from './dispatcher.ts'
import type { Recognizer, RecognizerSettings, Report } from './recognizer.ts'
import type { Span } from './span.ts'
import type { Encoding } from './view/read.ts'
import { readSource } from './view/read.ts'
import type { TextView } from './view/text-view.ts'
import { Units } from './view/units.ts'

/** A recognizer at work for a class of a policy. */
export interface ActiveRecognizer {
  readonly recognizer: Recognizer
  readonly dataClass: string
  readonly settings: RecognizerSettings
  /** Values that are not reported: see {@link allowListOf}. */
  readonly allowed: readonly string[]
  /** Spans of less confidence are not told of. */
  readonly atLeast: number
}

export interface Found {
  /** Everything proposed, in no order; spans may overlap, and the unsure ones are among them. */
  readonly spans: readonly Span[]
  readonly encoding: Encoding
  /** False where the text has more packed inside than was looked at: it must be concealed whole. */
  readonly whole: boolean
}

export interface Scanner {
  /** Also tells of the values of a dictionary. */
  readonly find: (source: string, dictionary?: ValueDictionary) => Found
}

/** The confidence that a span needs, unless a policy says otherwise. */
export const CONFIDENCE_MIN = 0.5

/** The recognizer of spans that come from a dictionary. */
const DICTIONARY = 'dictionary'

/** Recognizers of one scanner: each has a bit among those of context words. */
export const RECOGNIZERS_MAX = 28
const GOODS = 1
const VERSIONS = 2
/** How close a word against a candidate stands before it. */
const GOODS_UNITS_MAX = 32
const VERSION_UNITS_MAX = 12

/** Makes a scanner. It works synchronously, in time linear in the text, and keeps nothing of it. */
export function createScanner(active: readonly ActiveRecognizer[]): Scanner {
  if (active.length > RECOGNIZERS_MAX) throw new RangeError('too many recognizers')
  const words = new ContextWords([
    { bit: GOODS, words: GOODS_WORDS },
    { bit: VERSIONS, words: VERSION_WORDS },
    ...active.map(({ recognizer }, index) => ({ bit: bitOf(index), words: recognizer.words })),
  ])
  const target: Target = { view: NO_VIEW, spans: [], words }
  const dispatcher = new Dispatcher()
  const units = new Units()
  for (const [index, entry] of active.entries()) {
    const finder = entry.recognizer.finder(entry.settings)
    if (finder !== undefined) dispatcher.add(finder, reportTo(target, entry, bitOf(index)))
  }
  return {
    find: (source, dictionary) => {
      const { views, encoding, whole } = readSource(source, units)
      const spans: Span[] = []
      target.spans = spans
      for (const view of views) {
        target.view = view
        const viewUnits = units.of(view.text)
        words.begin(view.text, viewUnits)
        dispatcher.run(view.text, viewUnits)
        dictionary?.find(view.text, reportValueTo(target))
      }
      target.view = NO_VIEW
      target.spans = []
      units.clear()
      return { spans, encoding, whole }
    },
  }
}

const bitOf = (index: number): number => 4 << index

const NO_VIEW: TextView = { text: '', pieces: () => [] }

/** Where reports go: changed for each view and text. */
interface Target {
  view: TextView
  spans: Span[]
  readonly words: ContextWords
}

function reportTo(target: Target, entry: ActiveRecognizer, bit: number): Report {
  const { recognizer, dataClass, atLeast } = entry
  const isAllowed = allowListOf(entry.allowed)
  const { name } = recognizer
  const { words } = target
  const against = recognizer.against === 'versions' ? VERSIONS : GOODS | VERSIONS
  const once = recognizer.once === true
  return (start, end, confidence, check) => {
    const { view } = target
    const { plain, supported, opposed } = confidence
    let sure = plain
    if (supported < atLeast) return
    if (plain !== supported || plain !== opposed) {
      words.before(start)
      const { near, spent } = words
      // A word decides for all numbers behind it, but a word against one only for the first.
      if ((near & bit) !== 0 && !(once && spent)) sure = supported
      else if (!spent && isAgainst(words, against)) sure = opposed
      else if ((words.after(end) & bit) !== 0) sure = supported
    }
    if (sure < atLeast || (check !== undefined && !check())) return
    const text = view.text.slice(start, end)
    if (isAllowed(text)) return
    const pieces = view.pieces(start, end)
    if (pieces.length === 0) return
    target.spans.push({ dataClass, recognizer: name, confidence: sure, text, pieces })
  }
}

function isAgainst({ near, distance }: ContextWords, against: number): boolean {
  if ((near & against & GOODS) !== 0) return distance <= GOODS_UNITS_MAX
  return (near & against & VERSIONS) !== 0 && distance <= VERSION_UNITS_MAX
}

/** What a dictionary knows is sure. */
function reportValueTo({ view, spans }: Target): ReportValue {
  return (start, end, value) => {
    const pieces = view.pieces(start, end)
    if (pieces.length === 0) return
    const text = view.text.slice(start, end)
    spans.push({ ...value, recognizer: DICTIONARY, confidence: 1, text, pieces })
  }
}
