/** The patterns of `match` and `search`: from the query, compiled once; from the document, few and only for its run. */
import { JsonWorkError } from '../errors.ts'
import { matchesPart, matchesWhole } from '../regexp/matcher.ts'
import { compileRegexp, type CompiledRegexp } from '../regexp/program.ts'
import type { Budget } from './budget.ts'

/** Steps that a character of a pattern, and an instruction made of it, are worth. */
const COMPILE_STEPS = 8
/** Patterns from one document that are kept compiled. */
const PATTERNS_KEPT_MAX = 16

const patternsOf = new WeakMap<Budget, Map<string, CompiledRegexp>>()

/** A pattern that stands in the document. Compiled once for each budget, that is, for each document. */
export function patternFromDocument(pattern: string, budget: Budget): CompiledRegexp {
  let patterns = patternsOf.get(budget)
  if (patterns === undefined) {
    patterns = new Map()
    patternsOf.set(budget, patterns)
  }
  let compiled = patterns.get(pattern)
  if (compiled === undefined) {
    compiled = compileRegexp(pattern)
    budget.spend(COMPILE_STEPS * (pattern.length + (compiled.program?.operations.length ?? 0)))
    if (patterns.size >= PATTERNS_KEPT_MAX) patterns.clear()
    patterns.set(pattern, compiled)
  }
  return compiled
}

/**
 * Whether the text matches, wholly or in part. A pattern that is no I-Regexp matches nothing (RFC 9535 2.4.6). One
 * that is too large cannot be decided: throws a JsonWorkError, as an empty budget does.
 */
export function textMatches(
  compiled: CompiledRegexp,
  text: string,
  whole: boolean,
  budget: Budget,
): boolean {
  if (compiled.program === undefined) {
    if (compiled.fault.kind === 'size') throw new JsonWorkError()
    return false
  }
  const matches = whole ? matchesWhole : matchesPart
  return matches(compiled.program, text, budget)
}
