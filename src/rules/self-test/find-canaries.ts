/**
 * Whether planted values stand in the bytes of an answer, whole or in part, in whatever spelling. It shares nothing with
 * what masks answers: it is there to find out when that fails.
 */
import { plainViews } from './plain-views.ts'
import type { CanaryValue } from './self-test-rules.ts'

/** So many characters in a row of a value are a leak; of digits alone more, since numbers are everywhere. */
export const PIECE_CHARACTERS = 8
export const PIECE_DIGITS = 10

/** Larger answers are not searched. */
export const SEARCHED_BYTES_MAX = 262_144

/** What people and programs put between the characters of a value, and what only other letters have. */
const BETWEEN = /[\s\p{Cf}\p{Mn}\0.()/_+-]/gu
const TABLE_BITS = 16

/** A text without what can be written in several ways: case, accents, forms of letters, spaces, dots, dashes. */
export function squeezed(text: string): string {
  return text.normalize('NFKD').toLowerCase().replaceAll(BETWEEN, '')
}

/** The shortest run of a value that is a leak. */
export function pieceLength(text: string): number {
  return /^\d+$/.test(squeezed(text)) ? PIECE_DIGITS : PIECE_CHARACTERS
}

/** The runs of a value that are looked for: those that no mask keeps. */
export function piecesOf({ text, kept }: CanaryValue): readonly string[] {
  const characters = Array.from(squeezed(text))
  const length = pieceLength(text)
  const allowed = kept.map(squeezed)
  const pieces: string[] = []
  for (let at = 0; at + length <= characters.length; at += 1) {
    const piece = characters.slice(at, at + length).join('')
    if (!allowed.some((one) => one.includes(piece))) pieces.push(piece)
  }
  return pieces
}

/** Those of the values of which a piece stands in the bytes; undefined where they cannot be searched whole. */
export function findCanaries(
  bytes: Buffer,
  values: readonly CanaryValue[],
): readonly CanaryValue[] | undefined {
  const texts = textsOf(bytes)
  if (texts === undefined) return undefined
  const pieces = new Map<string, CanaryValue[]>()
  for (const value of values) {
    for (const piece of piecesOf(value)) {
      for (const spelled of [piece, Array.from(piece).toReversed().join('')])
        pieces.set(spelled, [...(pieces.get(spelled) ?? []), value])
    }
  }
  const found = new Set<CanaryValue>()
  for (const length of new Set(Array.from(pieces.keys(), (piece) => piece.length))) {
    const sought = [...pieces.keys()].filter((piece) => piece.length === length)
    for (const text of texts)
      for (const piece of piecesIn(text, sought, length))
        for (const value of pieces.get(piece) ?? []) found.add(value)
  }
  return values.filter((value) => found.has(value))
}

/** Those of the values that do not stand in the bytes whole; undefined where they cannot be searched whole. */
export function missingCanaries(
  bytes: Buffer,
  values: readonly CanaryValue[],
): readonly CanaryValue[] | undefined {
  const texts = textsOf(bytes)
  return texts && values.filter(({ text }) => !texts.some((one) => one.includes(squeezed(text))))
}

function textsOf(bytes: Buffer): readonly string[] | undefined {
  if (bytes.length > SEARCHED_BYTES_MAX) return undefined
  return plainViews(bytes)?.map((view) => squeezed(view.toString('utf8')))
}

// A table of bits turns nearly every position away, so that many pieces cost no more than one.
function piecesIn(text: string, pieces: readonly string[], length: number): ReadonlySet<string> {
  const sought = new Set(pieces)
  const table = new Uint8Array(1 << TABLE_BITS)
  for (const piece of pieces) table[slot(piece, 0)] = 1
  const found = new Set<string>()
  for (let at = 0; at + length <= text.length; at += 1) {
    if (table[slot(text, at)] === 0) continue
    const piece = text.slice(at, at + length)
    if (sought.has(piece)) found.add(piece)
  }
  return found
}

function slot(text: string, at: number): number {
  const first = text.charCodeAt(at) * 31 + text.charCodeAt(at + 3)
  return (first * 31 + text.charCodeAt(at + 6)) & ((1 << TABLE_BITS) - 1)
}
