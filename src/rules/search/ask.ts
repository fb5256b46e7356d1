/** From what a request searches by to what may be asked: read in its language, judged, and written in one spelling. */
import { decodeString, KIND_STRING } from '../../json/tape/tape.ts'
import type { Tape } from '../../json/tape/tape.ts'
import type { RouteMasking } from '../compiled-policy.ts'
import { EXPRESSION_CHARS_MAX } from './expression.ts'
import type { Expression } from './expression.ts'
import { isTextGrammar } from './grammar.ts'
import type { TextGrammar } from './grammar.ts'
import { classesOf, judge } from './judge.ts'
import type { SearchTerm } from './judge.ts'
import type { SearchRules } from './search-rules.ts'
import { foldTerm } from './whole-value.ts'

/** What a role set sees, as far as it matters here. */
type Sight = Pick<RouteMasking, 'shown' | 'seesAll'>

/** A search that may go on. */
export interface Asked {
  /** The expression as it goes on, where it is a text; undefined: as it stands. */
  readonly text: string | undefined
  readonly terms: readonly SearchTerm[]
}

/** Undefined where this role set may not ask it, for whatever reason. */
export function askText(rules: SearchRules, text: string, sight: Sight): Asked | undefined {
  const { grammar } = rules
  if (!isTextGrammar(grammar)) return undefined
  const expression = text.length > EXPRESSION_CHARS_MAX ? undefined : grammar.parse(text)
  return ask(rules, expression, { text, grammar }, sight)
}

/** The same at a location of a body. */
export function askBody(
  rules: SearchRules,
  { tape, node }: { readonly tape: Tape; readonly node: number },
  sight: Sight,
): Asked | undefined {
  const { grammar } = rules
  if (!isTextGrammar(grammar)) {
    const source = Buffer.from(tape.bytes.subarray(tape.start[node], tape.end[node])).toString()
    return ask(rules, grammar.parse(tape, node), { text: source, grammar: undefined }, sight)
  }
  const string = tape.kind[node] === KIND_STRING
  const text = decodeString(tape.bytes, (tape.start[node] ?? 0) + 1, (tape.end[node] ?? 0) - 1)
  return string ? askText(rules, text, sight) : undefined
}

function ask(
  rules: SearchRules,
  expression: Expression | undefined,
  { text, grammar }: { readonly text: string; readonly grammar: TextGrammar | undefined },
  { shown, seesAll }: Sight,
): Asked | undefined {
  const terms = expression && judge(expression, rules, shown)
  if (expression !== undefined && terms !== undefined) {
    return { text: grammar?.format(expression), terms }
  }
  // Who sees everything may ask anything. It counts once for each class that it could be about.
  return seesAll ? { text: undefined, terms: wholeTerms(rules, text) } : undefined
}

function wholeTerms(rules: SearchRules, text: string): readonly SearchTerm[] {
  return classesOf(rules).map((dataClass) => ({ dataClass, text: foldTerm(text) }))
}
