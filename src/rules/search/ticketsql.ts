/**
 * TicketSQL, the search language of Request Tracker: `Requestor.EmailAddress = 'x' AND Status = 'open'`. A value may stand in
 * either kind of quotes; backslashes are refused, since they could end a text elsewhere than it seems.
 */
import { formatBoolean, parseBoolean } from './boolean.ts'
import type { Term } from './expression.ts'
import type { TextGrammar } from './grammar.ts'
import { tokenize } from './token-reader.ts'
import type { TokenKinds, TokenReader } from './token-reader.ts'

const KINDS: TokenKinds = [
  ['space', / +/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['operator', /!=|>=|<=|=|>|</y],
  ['text', /'[^'\\\p{C}]*'|"[^"\\\p{C}]*"/uy],
  ['number', /-?\d{1,18}(?![\w.{}])/y],
  ['word', /[A-Za-z][\w.]*(?:\{[^{}'"\\\p{C}]{1,64}\})?(?![\w.{}])/uy],
]
const BARE_FIELD = /^[A-Za-z][\w.]*(?:\{[\w.]+\})?$/
const FIELD = /^[A-Za-z][\w.]*(?:\{[^{}'"]+\})?$/
/** Within quotes too, the upstream takes this for a custom field to compare with: `Subject = 'CF.{Payment card}'`. */
const COLUMN = /^\s*CF\./i
const JOINS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'like', 'is', 'null', 'in'])
const WORD_OPERATORS: ReadonlySet<string> = new Set(['LIKE', 'STARTSWITH', 'ENDSWITH', 'IS'])

export const ticketsql: TextGrammar = {
  name: 'ticketsql',
  wholeValues: true,
  parse: (text) => {
    const tokens = tokenize(text, KINDS)
    return tokens && parseBoolean(tokens, { parseTerm, negates: false })
  },
  format: (expression) =>
    formatBoolean(expression, formatTerm, { and: 'AND', or: 'OR', not: 'NOT' }),
}

function parseTerm(tokens: TokenReader): Term | undefined {
  const field = parseField(tokens)
  const operator = parseOperator(tokens)
  if (field === undefined || operator === undefined) return undefined
  const value = tokens.next()
  if (operator.startsWith('IS')) {
    const isNull = value?.kind === 'word' && value.text.toUpperCase() === 'NULL'
    return isNull ? term(field, operator, 'NULL', false) : undefined
  }
  if (value?.kind === 'number') return term(field, operator, value.text, false)
  const text = value?.kind === 'text' ? value.text.slice(1, -1) : undefined
  return text === undefined || COLUMN.test(text) ? undefined : term(field, operator, text, true)
}

function term(field: string, operator: string, value: string, quoted: boolean): Term {
  return { kind: 'term', field, operator, value, quoted, equals: operator === '=' }
}

function parseField(tokens: TokenReader): string | undefined {
  const token = tokens.next()
  if (token?.kind === 'word') return JOINS.has(token.text.toLowerCase()) ? undefined : token.text
  const name = token?.kind === 'text' ? token.text.slice(1, -1) : ''
  return FIELD.test(name) ? name : undefined
}

function parseOperator(tokens: TokenReader): string | undefined {
  const token = tokens.next()
  if (token?.kind === 'operator') return token.text
  const word = token?.kind === 'word' ? token.text.toUpperCase() : ''
  if (word === 'IS') return tokens.takesWord('not') ? 'IS NOT' : 'IS'
  if (word === 'NOT') {
    const negated = tokens.next()?.text.toUpperCase() ?? ''
    return negated !== 'IS' && WORD_OPERATORS.has(negated) ? `NOT ${negated}` : undefined
  }
  return WORD_OPERATORS.has(word) ? word : undefined
}

function formatTerm({ field = '', operator, value, quoted }: Term): string {
  const name = BARE_FIELD.test(field) ? field : `'${field}'`
  if (!quoted) return `${name} ${operator} ${value}`
  return `${name} ${operator} ${value.includes("'") ? `"${value}"` : `'${value}'`}`
}
