/** Parses what stands after a backslash and between brackets (RFC 9485 3: charClassEsc, charClassExpr). */
import { isCategoryName, type CharSet, type CharSetPart } from './char-set.ts'
import type { PatternReader } from './pattern-reader.ts'

/** SingleCharEsc: these stand for themselves after a backslash. */
const ESCAPED = '()*+-.?[\\]^{|}'
const NAMED: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
])

/** An escape, its backslash passed already. Fails with the reader. */
export function parseEscape(reader: PatternReader): CharSetPart {
  if (reader.sees('p') || reader.sees('P')) return parseCategory(reader)
  const codePoint = escapedCodePoint(reader)
  return { kind: 'range', from: codePoint, to: codePoint }
}

/** A class, its `[` passed already. Fails with the reader. */
export function parseClass(reader: PatternReader): CharSet {
  const negated = reader.take('^')
  const parts: CharSetPart[] = []
  if (reader.take('-')) parts.push(single(0x2d))
  else parts.push(parseClassPart(reader))
  while (!reader.take(']')) {
    if (reader.sees('-]')) {
      reader.take('-')
      parts.push(single(0x2d))
    } else parts.push(parseClassPart(reader))
  }
  return { parts, negated }
}

/** CCE1: a character, a range or a category. */
function parseClassPart(reader: PatternReader): CharSetPart {
  if (reader.sees('\\p') || reader.sees('\\P')) {
    reader.take('\\')
    return parseCategory(reader)
  }
  const from = classCodePoint(reader)
  if (!reader.sees('-') || reader.sees('-]')) return single(from)
  reader.take('-')
  const to = classCodePoint(reader)
  if (to < from) reader.fail('a range that does not run backwards')
  return { kind: 'range', from, to }
}

function parseCategory(reader: PatternReader): CharSetPart {
  const negated = reader.sees('P')
  reader.take(negated ? 'P' : 'p')
  if (!reader.take('{')) reader.fail('"{" and the name of a Unicode category')
  const name = reader.until('}')
  if (name === undefined || !isCategoryName(name)) reader.fail('a Unicode category such as "Lu"')
  return { kind: 'category', name, negated }
}

/** CCchar. */
function classCodePoint(reader: PatternReader): number {
  if (reader.take('\\')) return escapedCodePoint(reader)
  if (reader.seesAny('-[]'))
    reader.fail('a character (after a backslash, if it is "-", "[" or "]")')
  return reader.codePoint()
}

function escapedCodePoint(reader: PatternReader): number {
  for (const [letter, codePoint] of NAMED) if (reader.take(letter)) return codePoint
  if (!reader.seesAny(ESCAPED)) reader.fail('a character that may follow a backslash')
  return reader.codePoint()
}

function single(codePoint: number): CharSetPart {
  return { kind: 'range', from: codePoint, to: codePoint }
}
