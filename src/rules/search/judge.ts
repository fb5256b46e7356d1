/**
 * Whether a role set may ask what an expression asks. Classes that it does not see may be asked by one whole value each, which
 * must hold together with everything else: then what comes back tells nothing but who has a value that was known before.
 */
import { termsOf } from './expression.ts'
import type { Expression, Term } from './expression.ts'
import type { FieldRule, SearchRules } from './search-rules.ts'
import { foldTerm, isWholeValue } from './whole-value.ts'

/** A value of a class that was looked for. Never written down as it is. */
export interface SearchTerm {
  readonly dataClass: string
  /** Folded, so that two spellings of one value are one term. */
  readonly text: string
}

/** Words of letters only, which no value of another kind is made of. */
const PLAIN_WORDS = /^[\p{L}\p{M}'’-]{2,64}(?: [\p{L}\p{M}'’-]{2,64})*$/u

/** The terms with a class, or undefined where these classes are not enough to ask this. */
export function judge(
  expression: Expression,
  rules: SearchRules,
  shown: ReadonlySet<string>,
): readonly SearchTerm[] | undefined {
  const terms = termsOf(expression)
  const conjuncts = new Set(conjunctsOf(expression))
  const found: SearchTerm[] = []
  for (const term of terms) {
    const rule = ruleOf(term, rules)
    if (rule === undefined || !isAllowed(term, rule)) return undefined
    if (rule.kind !== 'class') continue
    const { dataClass } = rule
    if (!shown.has(dataClass)) {
      const alone = terms.filter(({ field }) => field === term.field).length === 1
      if (!alone || !conjuncts.has(term) || !isExact(term, dataClass, rules)) return undefined
    }
    found.push({ dataClass, text: foldTerm(term.value) })
  }
  return found
}

/** The classes that any expression of the route could ask. */
export function classesOf({ fields, words }: SearchRules): readonly string[] {
  const rules = words === undefined ? [...fields.values()] : [...fields.values(), words]
  return [...new Set(rules.flatMap((rule) => (rule.kind === 'class' ? [rule.dataClass] : [])))]
}

// What must hold for the whole to hold: the expression itself, or what top-level ands join.
function conjunctsOf(expression: Expression): readonly Expression[] {
  return expression.kind === 'and' ? expression.operands.flatMap(conjunctsOf) : [expression]
}

function ruleOf({ field }: Term, { fields, words }: SearchRules): FieldRule | undefined {
  return field === undefined ? words : fields.get(field)
}

function isAllowed(term: Term, rule: FieldRule): boolean {
  if (hidesSyntax(term.value)) return false
  if (rule.kind === 'values') return term.equals && rule.values.has(term.value)
  return rule.kind === 'class' || term.field !== undefined || PLAIN_WORDS.test(term.value)
}

function isExact(term: Term, dataClass: string, { exact }: SearchRules): boolean {
  const form = exact.get(dataClass)
  return form !== undefined && term.equals && isWholeValue(form, term.value)
}

const SYNTAX = /["'`\\()*%?:;<>=|,]/g
/** Quotes that an editor or a helpful upstream may turn into those of the language. */
const TYPOGRAPHIC = /[“”„‟«»‹›″‶〝〞＂]/

/** True where another reader could find syntax that does not stand there: in compatibility forms, or in quotes of print. */
function hidesSyntax(text: string): boolean {
  return TYPOGRAPHIC.test(text) || syntaxIn(text.normalize('NFKC')) !== syntaxIn(text)
}

function syntaxIn(text: string): number {
  return text.match(SYNTAX)?.length ?? 0
}
