/**
 * `$filter` of OData (4.01, part 2, 5.1.1), as far as it compares a property with a literal: `email eq 'x' and status ne 'open'`,
 * and `contains`, `startswith`, `endswith`. Paths, arithmetic, lambdas and functions of values are not understood.
 */
import { formatBoolean, parseBoolean } from './boolean.ts'
import type { Term } from './expression.ts'
import type { TextGrammar } from './grammar.ts'
import { tokenize } from './token-reader.ts'
import type { Token, TokenKinds, TokenReader } from './token-reader.ts'

const KINDS: TokenKinds = [
  ['space', / +/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['comma', /,/y],
  ['text', /'(?:[^'\p{C}]|'')*'/uy],
  [
    'bare',
    /(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:Z|[+-]\d{2}:\d{2}))?|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|-?\d{1,18}(?:\.\d{1,18})?)(?![\w.:-])/y,
  ],
  ['word', /[A-Za-z_]\w*(?![\w/.])/y],
]
const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le'])
const FUNCTIONS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith'])
/** Words that are values, never names (ABNF `primitiveLiteral`). */
const LITERALS: ReadonlySet<string> = new Set(['true', 'false', 'null'])
const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', ...LITERALS, ...OPERATORS])

export const odata: TextGrammar = {
  name: 'odata',
  wholeValues: true,
  parse: (text) => {
    const tokens = tokenize(text, KINDS)
    return tokens && parseBoolean(tokens, { parseTerm, negates: true })
  },
  format: (expression) =>
    formatBoolean(expression, formatTerm, { and: 'and', or: 'or', not: 'not' }),
}

function parseTerm(tokens: TokenReader): Term | undefined {
  const first = tokens.next()
  if (first?.kind !== 'word') return undefined
  if (tokens.takes('open')) return parseFunction(first.text, tokens)
  const operator = tokens.next()
  if (!isName(first) || operator === undefined || !OPERATORS.has(operator.text)) return undefined
  const value = tokens.next()
  if (value === undefined) return undefined
  if (value.kind === 'text') return term(first.text, operator.text, unquoted(value), true)
  const bare = value.kind === 'bare' || LITERALS.has(value.text)
  return bare ? term(first.text, operator.text, value.text, false) : undefined
}

function parseFunction(name: string, tokens: TokenReader): Term | undefined {
  const field = tokens.next()
  if (!FUNCTIONS.has(name) || field === undefined || !isName(field)) return undefined
  if (!tokens.takes('comma')) return undefined
  const value = tokens.next()
  if (value?.kind !== 'text' || !tokens.takes('close')) return undefined
  return term(field.text, name, unquoted(value), true)
}

function term(field: string, operator: string, value: string, quoted: boolean): Term {
  const equals = operator === 'eq' && (quoted || !LITERALS.has(value))
  return { kind: 'term', field, operator, value, quoted, equals }
}

function isName({ kind, text }: Token): boolean {
  return kind === 'word' && !RESERVED.has(text.toLowerCase())
}

function unquoted({ text }: Token): string {
  return text.slice(1, -1).replaceAll("''", "'")
}

function formatTerm({ field = '', operator, value, quoted }: Term): string {
  const literal = quoted ? `'${value.replaceAll("'", "''")}'` : value
  return FUNCTIONS.has(operator)
    ? `${operator}(${field},${literal})`
    : `${field} ${operator} ${literal}`
}
