/**
 * The search language of Zendesk's kind: words, `field:value`, comparisons, quotes, a minus for not. Terms stand beside each
 * other and all must hold; the same field twice means either, so that nobody may rely on a field that is repeated.
 */
import type { Expression, Term } from './expression.ts'
import { TERMS_MAX } from './expression.ts'
import type { TextGrammar } from './grammar.ts'

const TERM =
  /^(-)?(?:([A-Za-z][A-Za-z0-9_.]{0,63})(:|<=|>=|<|>))?(?:"([^"\\\p{C}]+)"|([\p{L}\p{N}@.#_*][\p{L}\p{M}\p{N}@._+/#*:-]*|\+[0-9][0-9.-]*))$/u
const SPLIT = / +/
/** A colon stands in times only. */
const TIME = /^\d{4}-\d{2}-\d{2}T[0-9:]+(?:Z|[+-]\d{2}:\d{2})$/
/** Words that other languages of this kind join terms by. */
const JOINS = /^(?:and|or|not)$/i

export const zendesk: TextGrammar = {
  name: 'zendesk',
  wholeValues: false,
  parse: (text) => {
    // A quoted text may have spaces in it: pieces are joined again until their quotes pair.
    const terms: Expression[] = []
    let open: string[] = []
    let quotes = 0
    for (const piece of text.trim().split(SPLIT)) {
      open.push(piece)
      quotes += piece.split('"').length - 1
      if (quotes % 2 === 1) continue
      const term = parseTerm(open.join(' '))
      if (term === undefined || terms.length >= TERMS_MAX) return undefined
      terms.push(term)
      open = []
    }
    if (open.length > 0) return undefined
    return terms.length === 1 ? terms[0] : { kind: 'and', operands: terms }
  },
  format: (expression) => {
    const operands = expression.kind === 'and' ? expression.operands : [expression]
    return operands.map(formatTerm).join(' ')
  },
}

function parseTerm(text: string): Expression | undefined {
  const [, minus, field, operator = '', quoted, bare = ''] = TERM.exec(text) ?? []
  const value = quoted ?? bare
  if (value === '' || value.trim() !== value) return undefined
  if (quoted === undefined && value.includes(':') && !TIME.test(value)) return undefined
  if (quoted === undefined && field === undefined && (JOINS.test(value) || value.startsWith('+'))) {
    return undefined
  }
  const term: Term = {
    kind: 'term',
    field,
    operator,
    value,
    quoted: quoted !== undefined,
    equals: operator === ':' && !value.includes('*'),
  }
  return minus === undefined ? term : { kind: 'not', operand: term }
}

function formatTerm(expression: Expression): string {
  if (expression.kind === 'not') return `-${formatTerm(expression.operand)}`
  // Terms and their negations are all that this language has.
  if (expression.kind !== 'term') return ''
  const { field = '', operator, value, quoted } = expression
  return `${field}${operator}${quoted ? `"${value}"` : value}`
}
