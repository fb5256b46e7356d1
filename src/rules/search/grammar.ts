/** What a search language is to the rest: text or JSON to an expression, and text back. One file each, listed in grammars.ts. */
import type { Tape } from '../../json/tape/tape.ts'
import type { Expression } from './expression.ts'

interface GrammarBase {
  /** As a policy writes it. */
  readonly name: string
  /** Whether equality in it means the whole value. Where it may mean a word of it, only values with a form of their own pass. */
  readonly wholeValues: boolean
}

/** A language that is written as text. */
export interface TextGrammar extends GrammarBase {
  /** Undefined: not understood. Never throws. */
  readonly parse: (text: string) => Expression | undefined
  /** Only for what it has parsed: the one spelling of the expression. */
  readonly format: (expression: Expression) => string
}

/** A language that is written in JSON. What was parsed goes on as it stands. */
export interface JsonGrammar extends GrammarBase {
  /** Undefined: not understood. `tape` is one that was read strictly. */
  readonly parse: (tape: Tape, node: number) => Expression | undefined
}

export type Grammar = TextGrammar | JsonGrammar

/** True for a language that is written as text. */
export function isTextGrammar(grammar: Grammar): grammar is TextGrammar {
  return 'format' in grammar
}
