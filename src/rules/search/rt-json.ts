/**
 * Searches of Request Tracker in JSON: a list of conditions `{ "field": ..., "operator": "=", "value": ... }`. The upstream hands
 * every member on to its database layer, so that any member not known here makes the whole not understood.
 */
import { childrenOf, memberNameOf } from '../../json/tape/children.ts'
import {
  decodeString,
  KIND_ARRAY,
  KIND_NUMBER,
  KIND_OBJECT,
  KIND_STRING,
} from '../../json/tape/tape.ts'
import type { Tape } from '../../json/tape/tape.ts'
import { sourceText } from '../../json/tape/text.ts'
import { TERMS_MAX } from './expression.ts'
import type { Expression, Term } from './expression.ts'
import type { JsonGrammar } from './grammar.ts'

const MEMBERS: ReadonlySet<string> = new Set(['field', 'operator', 'value', 'entry_aggregator'])
const OPERATORS: ReadonlySet<string> = new Set([
  '=',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  'LIKE',
  'NOT LIKE',
  'STARTSWITH',
  'ENDSWITH',
])
const PLAIN = /^[^\p{C}]*$/u

export const rtJson: JsonGrammar = {
  name: 'rt-json',
  wholeValues: true,
  parse: (tape, node) => {
    if (tape.kind[node] !== KIND_ARRAY) return undefined
    const terms: Term[] = []
    let either = false
    for (const element of childrenOf(tape, node)) {
      const condition = parseCondition(tape, element)
      if (condition === undefined || terms.length >= TERMS_MAX) return undefined
      terms.push(condition.term)
      either ||= condition.either
    }
    if (terms.length === 0) return undefined
    // One "OR" among them, and nobody need know how the others join.
    const joined: Expression = { kind: either ? 'or' : 'and', operands: terms }
    return terms.length === 1 ? terms[0] : joined
  },
}

function parseCondition(
  tape: Tape,
  node: number,
): { readonly term: Term; readonly either: boolean } | undefined {
  if (tape.kind[node] !== KIND_OBJECT) return undefined
  const members = new Map<string, string>()
  for (const member of childrenOf(tape, node)) {
    const name = memberNameOf(tape, member)
    const text = textOf(tape, member)
    if (!MEMBERS.has(name) || text === undefined) return undefined
    members.set(name, text)
  }
  const field = members.get('field')
  const value = members.get('value')
  const operator = members.get('operator')
  const aggregator = members.get('entry_aggregator') ?? 'AND'
  // Without an operator it is the upstream's version that decides what is asked.
  if (field === undefined || value === undefined || operator === undefined) return undefined
  if (!OPERATORS.has(operator) || (aggregator !== 'AND' && aggregator !== 'OR')) return undefined
  const term: Term = {
    kind: 'term',
    field,
    operator,
    value,
    quoted: true,
    equals: operator === '=',
  }
  return { term, either: aggregator === 'OR' }
}

function textOf(tape: Tape, node: number): string | undefined {
  const start = tape.start[node] ?? 0
  const end = tape.end[node] ?? 0
  if (tape.kind[node] === KIND_NUMBER) return sourceText(tape.bytes, start, end)
  if (tape.kind[node] !== KIND_STRING) return undefined
  const text = decodeString(tape.bytes, start + 1, end - 1)
  return PLAIN.test(text) ? text : undefined
}
