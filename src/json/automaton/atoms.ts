/**
 * The atoms of simple filters: that a candidate has a member, or that the member equals a literal. What a filter says follows
 * from which of its atoms hold.
 */
import type { Comparable, Literal, LogicalExpression } from '../query/ast.ts'
import type { KeyTable } from './key-table.ts'

/** Atoms of the filters of one state; more are not looked at together. */
export const ATOMS_MAX = 15
/** Whole numbers that can be written in one way only, but for a fraction, an exponent or a minus before zero. */
const WHOLE = /^(?:0|-?[1-9][0-9]{0,14})$/

/** `column`: the member's name. `equals`: a string, or the JSON text of another literal; undefined: any value. */
export interface Atom {
  readonly column: number
  readonly kind: 'exists' | 'string' | 'number' | 'literal'
  readonly text: Buffer
}

const NO_TEXT = Buffer.alloc(0)

/** The atoms of a filter; undefined where it needs to be evaluated. */
export function atomsOf(test: LogicalExpression, keys: KeyTable): readonly Atom[] | undefined {
  switch (test.kind) {
    case 'or':
    case 'and':
      return allOf(test.operands.map((operand) => atomsOf(operand, keys)))
    case 'not':
      return atomsOf(test.operand, keys)
    case 'exists':
      return atomAt({ kind: 'query', query: test.query }, { kind: 'exists', text: NO_TEXT }, keys)
    case 'compare': {
      if (test.operator !== '==' && test.operator !== '!=') return undefined
      const [member, other] =
        test.left.kind === 'query' ? [test.left, test.right] : [test.right, test.left]
      const equals = other.kind === 'literal' ? equalTo(other.value) : undefined
      return equals === undefined ? undefined : atomAt(member, equals, keys)
    }
    default:
      return undefined
  }
}

/** The atoms of several filters, each once; undefined where one has none or they are too many. */
export function allOf(
  lists: readonly (readonly Atom[] | undefined)[],
): readonly Atom[] | undefined {
  const all = new Map<string, Atom>()
  for (const list of lists) {
    if (list === undefined) return undefined
    for (const atom of list) all.set([atom.column, atom.kind, atom.text.toString()].join(), atom)
  }
  return all.size > ATOMS_MAX ? undefined : [...all.values()]
}

function atomAt(
  member: Comparable,
  { kind, text }: Omit<Atom, 'column'>,
  keys: KeyTable,
): readonly Atom[] | undefined {
  if (member.kind !== 'query' || member.query.from !== 'candidate') return undefined
  const [segment, ...others] = member.query.segments
  const [selector, ...more] = segment?.selectors ?? []
  if (others.length > 0 || more.length > 0 || segment?.kind !== 'child') return undefined
  if (selector?.kind !== 'name') return undefined
  return [{ column: keys.columnOfText(selector.name), kind, text }]
}

function equalTo(value: Literal): Omit<Atom, 'column'> | undefined {
  if (typeof value === 'string') {
    return value.isWellFormed() ? { kind: 'string', text: Buffer.from(value) } : undefined
  }
  if (value === null || typeof value === 'boolean') {
    return { kind: 'literal', text: Buffer.from(String(value)) }
  }
  return WHOLE.test(value.number) ? { kind: 'number', text: Buffer.from(value.number) } : undefined
}
