/** Parses segments and selectors (RFC 9535 2.3 and 2.5). */
import type { LogicalExpression, Segment, Selector } from './ast.ts'
import { parseString, seesString } from './parse-string.ts'
import { QUERY_LIMITS, type QueryReader } from './reader.ts'

/** Parses a filter; handed down, because queries hold filters and filters hold queries. */
export type ParseTest = (reader: QueryReader) => LogicalExpression

/** Segments, and what the grammar of singular queries says beyond their shape. */
export interface ParsedSegments {
  readonly segments: readonly Segment[]
  /** First white space inside the brackets of a name or index; a singular query has none there (2.3.5.1). */
  readonly blankAt: number | undefined
}

/** member-name-shorthand (2.5.1.1). */
const SHORTHAND =
  /[A-Za-z_\u0080-\u{d7ff}\u{e000}-\u{10ffff}][0-9A-Za-z_\u0080-\u{d7ff}\u{e000}-\u{10ffff}]*/uy
const INTEGER = /-?(?:0|[1-9][0-9]*)/y
const INTEGER_START = '-0123456789'

/** As many segments as come; white space may stand before each. Throws a QuerySyntaxError or QueryLimitError. */
export function parseSegments(reader: QueryReader, parseTest: ParseTest): ParsedSegments {
  const segments: Segment[] = []
  let blankAt: number | undefined
  for (;;) {
    const before = reader.position
    reader.skipBlanks()
    if (!reader.seesAny('.[')) {
      reader.rewind(before)
      return { segments, blankAt }
    }
    if (segments.length === QUERY_LIMITS.segmentsMax) {
      reader.failLimit(`a query has at most ${QUERY_LIMITS.segmentsMax} segments`)
    }
    const open = reader.position
    const segment = parseSegment(reader, parseTest)
    segments.push(segment)
    blankAt ??= blankInBrackets(reader, open, segment)
  }
}

function parseSegment(reader: QueryReader, parseTest: ParseTest): Segment {
  if (reader.sees('[')) return { kind: 'child', selectors: parseBrackets(reader, parseTest) }
  const descendant = reader.take('..')
  if (!descendant) reader.take('.')
  if (descendant && reader.sees('[')) {
    return { kind: 'descendant', selectors: parseBrackets(reader, parseTest) }
  }
  reader.countSelector()
  const kind = descendant ? 'descendant' : 'child'
  if (reader.take('*')) return { kind, selectors: [{ kind: 'wildcard' }] }
  const name = reader.takePattern(SHORTHAND)
  if (name === undefined) {
    return reader.fail(descendant ? 'a member name, "*" or "["' : 'a member name or "*"')
  }
  return { kind, selectors: [{ kind: 'name', name }] }
}

function parseBrackets(reader: QueryReader, parseTest: ParseTest): readonly Selector[] {
  reader.take('[')
  const selectors: Selector[] = []
  do {
    reader.skipBlanks()
    reader.countSelector()
    selectors.push(parseSelector(reader, parseTest))
    reader.skipBlanks()
  } while (reader.take(','))
  if (!reader.take(']')) reader.fail('"," or "]"')
  return selectors
}

function parseSelector(reader: QueryReader, parseTest: ParseTest): Selector {
  if (seesString(reader)) return { kind: 'name', name: parseString(reader) }
  if (reader.take('*')) return { kind: 'wildcard' }
  if (reader.take('?')) {
    reader.skipBlanks()
    return { kind: 'filter', test: parseTest(reader) }
  }
  if (reader.sees(':') || reader.seesAny(INTEGER_START)) return parseIndexOrSlice(reader)
  return reader.fail('a quoted name, "*", an index, a slice, or "?" and a filter')
}

function parseIndexOrSlice(reader: QueryReader): Selector {
  const start = parseBound(reader)
  reader.skipBlanks()
  if (!reader.take(':')) {
    return start === undefined ? reader.fail('an index') : { kind: 'index', index: start }
  }
  reader.skipBlanks()
  const end = parseBound(reader)
  reader.skipBlanks()
  if (!reader.take(':')) return { kind: 'slice', start, end, step: 1 }
  reader.skipBlanks()
  return { kind: 'slice', start, end, step: parseBound(reader) ?? 1 }
}

/** An integer of I-JSON, or undefined where none begins here. */
function parseBound(reader: QueryReader): number | undefined {
  if (!reader.seesAny(INTEGER_START)) return undefined
  const start = reader.position
  const digits = reader.takePattern(INTEGER)
  if (digits === undefined) return reader.fail('a digit', start + 1)
  if (digits === '-0') return reader.fail('an integer other than -0', start + 1)
  if (reader.seesAny('0123456789')) return reader.fail('the end of the integer')
  const value = Number(digits)
  if (!Number.isSafeInteger(value)) {
    return reader.fail('an integer from -9007199254740991 to 9007199254740991', start)
  }
  return value
}

/** Where white space stands between the brackets of a segment that has one name or index; `open` is its first character. */
function blankInBrackets(reader: QueryReader, open: number, segment: Segment): number | undefined {
  const [selector] = segment.selectors
  const single = segment.selectors.length === 1 && segment.kind === 'child'
  if (!single || (selector?.kind !== 'name' && selector?.kind !== 'index')) return undefined
  if (reader.text.charAt(open) !== '[') return undefined
  if (reader.isBlankAt(open + 1)) return open + 1
  const last = reader.position - 2
  return reader.isBlankAt(last) ? last : undefined
}
