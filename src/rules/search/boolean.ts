/**
 * And, or, not and parentheses around terms, as most search languages have them: `and` binds tighter than `or`. Written out
 * again with parentheses around everything that is joined, so that no reader can join it otherwise.
 */
import { DEPTH_MAX, TERMS_MAX, termsOf } from './expression.ts'
import type { Expression, Term } from './expression.ts'
import type { TokenReader } from './token-reader.ts'

export interface BooleanSyntax {
  /** Reads one term; undefined where there is none. */
  readonly parseTerm: (tokens: TokenReader) => Term | undefined
  /** Whether `not (...)` is part of the language. */
  readonly negates: boolean
}

/** The whole of the tokens as an expression, or undefined. Tokens of the kinds `open`, `close` and `word` are known here. */
export function parseBoolean(tokens: TokenReader, syntax: BooleanSyntax): Expression | undefined {
  const expression = parseOr(tokens, syntax, 0)
  if (expression === undefined || !tokens.done) return undefined
  return termsOf(expression).length > TERMS_MAX ? undefined : expression
}

function parseOr(
  tokens: TokenReader,
  syntax: BooleanSyntax,
  depth: number,
): Expression | undefined {
  return parseJoined('or', tokens, () => parseAnd(tokens, syntax, depth))
}

function parseAnd(
  tokens: TokenReader,
  syntax: BooleanSyntax,
  depth: number,
): Expression | undefined {
  return parseJoined('and', tokens, () => parseOne(tokens, syntax, depth))
}

function parseJoined(
  kind: 'and' | 'or',
  tokens: TokenReader,
  parse: () => Expression | undefined,
): Expression | undefined {
  const operands: Expression[] = []
  do {
    const operand = parse()
    if (operand === undefined) return undefined
    operands.push(operand)
  } while (tokens.takesWord(kind))
  return operands.length === 1 ? operands[0] : { kind, operands }
}

function parseOne(
  tokens: TokenReader,
  syntax: BooleanSyntax,
  depth: number,
): Expression | undefined {
  if (depth > DEPTH_MAX) return undefined
  if (syntax.negates && tokens.takesWord('not')) {
    if (tokens.kind !== 'open') return undefined
    const operand = parseOne(tokens, syntax, depth + 1)
    return operand && { kind: 'not', operand }
  }
  if (!tokens.takes('open')) return syntax.parseTerm(tokens)
  const inside = parseOr(tokens, syntax, depth + 1)
  return inside !== undefined && tokens.takes('close') ? inside : undefined
}

/** The expression as text. `words`: what the language calls and, or, not. */
export function formatBoolean(
  expression: Expression,
  formatTerm: (term: Term) => string,
  words: { readonly and: string; readonly or: string; readonly not: string },
): string {
  const format = (one: Expression, inside: boolean): string => {
    if (one.kind === 'term') return formatTerm(one)
    if (one.kind === 'not') return `${words.not} (${format(one.operand, false)})`
    const joined = one.operands.map((operand) => format(operand, true)).join(` ${words[one.kind]} `)
    return inside ? `(${joined})` : joined
  }
  return format(expression, false)
}
