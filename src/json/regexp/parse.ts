/** Parses an I-Regexp (RFC 9485 3). What other dialects add (`\d`, `(?:`, `*?`, back-references) is no I-Regexp. */
import {
  GROUP_DEPTH_MAX,
  INSTRUCTIONS_MAX,
  PATTERN_CHARS_MAX,
  type RegexpFault,
  type RegexpNode,
} from './ast.ts'
import { ANY_BUT_LINE_ENDS } from './char-set.ts'
import { PatternReader, PatternFailure } from './pattern-reader.ts'
import { parseClass, parseEscape } from './parse-class.ts'

/** The tree of a pattern, or why there is none. */
export type ParsedRegexp =
  | { readonly node: RegexpNode; readonly fault: undefined }
  | { readonly node: undefined; readonly fault: RegexpFault }

/** Characters that stand for themselves only after a backslash. `^` and `$` are handled before. */
const SPECIAL = '()*+.?[\\]{|}'

/** Parses the whole text. Never throws. */
export function parseRegexp(pattern: string): ParsedRegexp {
  if (pattern.length > PATTERN_CHARS_MAX) {
    const message = `more than ${PATTERN_CHARS_MAX} characters`
    return { node: undefined, fault: { kind: 'size', position: PATTERN_CHARS_MAX, message } }
  }
  const reader = new PatternReader(pattern)
  try {
    const node = parseChoice(reader, 0)
    if (!reader.done) reader.fail('"(" before this ")"')
    return { node, fault: undefined }
  } catch (error) {
    if (error instanceof PatternFailure) return { node: undefined, fault: error.fault }
    throw error
  }
}

function parseChoice(reader: PatternReader, depth: number): RegexpNode {
  if (depth > GROUP_DEPTH_MAX) reader.failSize(`more than ${GROUP_DEPTH_MAX} groups in each other`)
  const branches = [parseSequence(reader, depth)]
  while (reader.take('|')) branches.push(parseSequence(reader, depth))
  return branches.length === 1 && branches[0] !== undefined
    ? branches[0]
    : { kind: 'choice', branches }
}

function parseSequence(reader: PatternReader, depth: number): RegexpNode {
  const items: RegexpNode[] = []
  while (!reader.done && !reader.sees('|') && !reader.sees(')')) {
    items.push(parseQuantifier(reader, parseAtom(reader, depth)))
  }
  return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'sequence', items }
}

function parseAtom(reader: PatternReader, depth: number): RegexpNode {
  if (reader.take('(')) {
    const node = parseChoice(reader, depth + 1)
    if (!reader.take(')')) reader.fail('")"')
    return node
  }
  if (reader.take('.')) return { kind: 'set', set: ANY_BUT_LINE_ENDS }
  if (reader.take('^')) return { kind: 'anchor', at: 'start' }
  if (reader.take('$')) return { kind: 'anchor', at: 'end' }
  if (reader.take('[')) return { kind: 'set', set: parseClass(reader) }
  if (reader.take('\\'))
    return { kind: 'set', set: { parts: [parseEscape(reader)], negated: false } }
  if (reader.seesAny(SPECIAL)) reader.fail('a character, a class or a group')
  const codePoint = reader.codePoint()
  const part = { kind: 'range', from: codePoint, to: codePoint } as const
  return { kind: 'set', set: { parts: [part], negated: false } }
}

function parseQuantifier(reader: PatternReader, item: RegexpNode): RegexpNode {
  if (reader.take('*')) return repeat(item, 0, Infinity)
  if (reader.take('+')) return repeat(item, 1, Infinity)
  if (reader.take('?')) return repeat(item, 0, 1)
  if (!reader.take('{')) return item
  const min = parseCount(reader)
  let max = min
  if (reader.take(',')) max = reader.sees('}') ? Infinity : parseCount(reader)
  if (max < min) reader.fail('an upper bound that is not below the lower one')
  if (!reader.take('}')) reader.fail('"}"')
  return repeat(item, min, max)
}

function repeat(item: RegexpNode, min: number, max: number): RegexpNode {
  return { kind: 'repeat', item, min, max }
}

function parseCount(reader: PatternReader): number {
  const digits = reader.digits()
  if (digits === '') reader.fail('a number')
  const count = Number(digits)
  if (count > INSTRUCTIONS_MAX) reader.failSize(`a quantifier above ${INSTRUCTIONS_MAX}`)
  return count
}
