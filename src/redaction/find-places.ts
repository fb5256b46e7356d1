/** Looks through the texts of one record: what would be taken out where, and what the texts would be then. */
import { Buffer, isUtf8 } from 'node:buffer'
import type { TextPlaces } from '../connectors/connector.ts'
import { nodesOf } from '../connectors/helpdesk.ts'
import type { HelpdeskRecord } from '../connectors/helpdesk.ts'
import { decodeString, KIND_STRING } from '../json/tape/tape.ts'
import type { ValueDictionary } from '../recognizers/dictionary/value-dictionary.ts'
import { RECOGNIZERS } from '../recognizers/registry.ts'
import { isScannable, rewriteText } from '../recognizers/rewrite-text.ts'
import type { Scanner } from '../recognizers/scanner.ts'
import { byConfidence, mergeOverlaps } from '../recognizers/span.ts'
import type { Span } from '../recognizers/span.ts'
import { locationText, stepsTo } from '../rules/writes/location.ts'
import type { Step } from '../rules/writes/write-rules.ts'

/** What stands in the place of a value. */
export const REDACTED = '[redacted]'

const BY_CONFIDENCE = byConfidence(RECOGNIZERS.map(({ name }) => name))
const BASE64 = /^[A-Za-z0-9+/\r\n]*(?:={1,2}[\r\n]*)?$/
/** A text with words of RFC 2047, where a value is not what stands in the source. */
const ENCODED_WORD = '=?'

/** What is looked for. */
export interface Sought {
  readonly scanner: Scanner
  /** Values of one data subject; undefined: none. */
  readonly dictionary: ValueDictionary | undefined
  /** The same recognizers with less confidence: what only this one finds is told and left. Undefined: it is not told. */
  readonly unsure?: Scanner | undefined
}

/** How many values of a class are at a place. */
export interface ClassCount {
  readonly class: string
  readonly count: number
}

/** One text with something in it. */
export interface FoundPlace {
  readonly places: TextPlaces
  readonly node: number
  readonly steps: readonly Step[]
  /** A normalized path, in which names that the connector does not spell out are `[*]`. */
  readonly location: string
  /** Empty where the text cannot be looked through. */
  readonly classes: readonly ClassCount[]
  /** The text without it, encoded as the other was. Undefined where it cannot be looked through. */
  readonly text: string | undefined
  /** True for what is said to be a text in base64 and is none. */
  readonly isFile: boolean
  /** What is to be taken out, as it stands in the text. */
  readonly values: readonly string[]
}

/** In the order of the connector. Takes time in proportion to the record. */
export function findPlaces(record: HelpdeskRecord, sought: Sought): readonly FoundPlace[] {
  return textsOf(record).flatMap(({ places, node, source }) => {
    const found = findInText(source, places, sought)
    if (found === undefined) return []
    const steps = stepsTo(record.tape, node)
    return [{ places, node, steps, location: locationOf(record, steps), ...found }]
  })
}

/** Where something stands that is less sure, and nothing that is sure. */
export function findSuspects(
  record: HelpdeskRecord,
  { scanner, unsure }: Sought,
): readonly Pick<FoundPlace, 'location' | 'classes'>[] {
  if (unsure === undefined) return []
  return textsOf(record).flatMap(({ places, node, source }) => {
    const text = isBase64(source, places) ? textOfBase64(source) : source
    // What cannot be looked through is told as such.
    if (text === undefined || !isScannable(text)) return []
    const classes = suspectsIn(text, scanner, unsure)
    if (classes.length === 0) return []
    return [{ location: locationOf(record, stepsTo(record.tape, node)), classes }]
  })
}

function suspectsIn(text: string, scanner: Scanner, unsure: Scanner): readonly ClassCount[] {
  const sure = new Uint8Array(text.length)
  for (const { pieces } of scanner.find(text).spans) {
    for (const { start, end } of pieces) sure.fill(1, start, end)
  }
  const isOther = ({ pieces }: Span): boolean =>
    pieces.every(({ start, end }) => !sure.subarray(start, end).includes(1))
  const counts = new Map<string, number>()
  for (const { dataClass } of mergeOverlaps(
    text,
    unsure.find(text).spans.filter(isOther),
    BY_CONFIDENCE,
  )) {
    counts.set(dataClass, (counts.get(dataClass) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({ class: name, count }))
}

interface RecordText {
  readonly places: TextPlaces
  readonly node: number
  readonly source: string
}

function textsOf({ resource, tape }: HelpdeskRecord): readonly RecordText[] {
  return resource.texts.flatMap((places) =>
    places.at.flatMap((query) =>
      nodesOf(query, tape).flatMap((node) => {
        if (tape.kind[node] !== KIND_STRING) return []
        const [start, end] = [tape.start[node] ?? 0, tape.end[node] ?? 0]
        return [{ places, node, source: decodeString(tape.bytes, start + 1, end - 1) }]
      }),
    ),
  )
}

function locationOf({ resource }: HelpdeskRecord, steps: readonly Step[]): string {
  return locationText(steps, (name) => resource.names.has(name))
}

type FoundInText = Pick<FoundPlace, 'classes' | 'text' | 'isFile' | 'values'>

const NOT_READ: FoundInText = { classes: [], text: undefined, isFile: false, values: [] }

/** False for what is said to be base64 and is none: it is read as it stands. */
function isBase64(source: string, { base64 }: TextPlaces): boolean {
  return base64 && BASE64.test(source)
}

/** Undefined where there is nothing. */
function findInText(source: string, places: TextPlaces, sought: Sought): FoundInText | undefined {
  if (!isBase64(source, places)) return findInPlainText(source, sought)
  const text = textOfBase64(source)
  if (text === undefined) return { ...NOT_READ, isFile: true }
  const found = findInPlainText(text, sought)
  return found?.text === undefined
    ? found
    : { ...found, text: Buffer.from(found.text).toString('base64') }
}

/** Undefined where it is no text. */
function textOfBase64(source: string): string | undefined {
  const bytes = Buffer.from(source, 'base64')
  return isUtf8(bytes) ? bytes.toString() : undefined
}

function findInPlainText(source: string, { scanner, dictionary }: Sought): FoundInText | undefined {
  if (!isScannable(source)) return NOT_READ
  const counts = new Map<string, number>()
  const values = new Set<string>()
  const text = rewriteText(source, {
    scanner,
    dictionary,
    precedence: BY_CONFIDENCE,
    decide: (span) => {
      counts.set(span.dataClass, (counts.get(span.dataClass) ?? 0) + 1)
      values.add(valueOf(span, source))
      return REDACTED
    },
  })
  if (text === undefined) return NOT_READ
  if (counts.size === 0) return undefined
  const classes = [...counts].map(([name, count]) => ({ class: name, count }))
  return { classes, text, isFile: false, values: [...values] }
}

/** As it stands in the source, where it stands there in one piece. */
function valueOf({ pieces, text }: Span, source: string): string {
  const [piece, ...others] = pieces
  if (piece === undefined || others.length > 0 || source.includes(ENCODED_WORD)) return text
  return source.slice(piece.start, piece.end)
}
