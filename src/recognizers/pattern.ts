/** Recognizers made of patterns that a policy writes: I-Regexps (RFC 9485), which take linear time whatever they say. */
import { findMatches } from '../json/regexp/find-matches.ts'
import { compileRegexp } from '../json/regexp/program.ts'
import { endsWord, startsWord } from './checks/edges.ts'
import { certain } from './recognizer.ts'
import type { Recognizer } from './recognizer.ts'

/** Instructions of a pattern: each may be executed at each character of a text. */
export const PATTERN_INSTRUCTIONS_MAX = 256

const FOUND = certain(0.9)

/** A pattern as a recognizer, or what is wrong with it. */
export type CompiledPattern =
  | { readonly recognizer: Recognizer; readonly fault: undefined }
  | { readonly recognizer: undefined; readonly fault: string }

/** Whole words only; at most 256 characters each. */
export function compilePattern(pattern: string, dataClass: string): CompiledPattern {
  const { program, fault } = compileRegexp(pattern)
  if (program === undefined) return { recognizer: undefined, fault: fault.message }
  if (program.operations.length > PATTERN_INSTRUCTIONS_MAX) {
    return {
      recognizer: undefined,
      fault: `more than ${PATTERN_INSTRUCTIONS_MAX} instructions once its quantifiers are written out`,
    }
  }
  const recognizer: Recognizer = {
    name: 'pattern',
    dataClass,
    summary: 'A pattern of the policy.',
    optIn: true,
    words: [],
    finder: () => ({
      on: 'text',
      find: (text, report) => {
        const places = {
          mayStart: (at: number) => startsWord(text, at),
          mayEnd: (at: number) => endsWord(text, at),
        }
        findMatches(program, text, places, (start, end) => report(start, end, FOUND))
      },
    }),
  }
  return { recognizer, fault: undefined }
}
