/** What is valid in a query and yet certainly not meant. */
import { compileRegexp } from '../regexp/program.ts'
import type { Query } from './ast.ts'
import { quote } from './quote.ts'
import { walkSegments } from './walk.ts'

/**
 * One sentence for each pattern in the query that is no I-Regexp (RFC 9485): by RFC 9535 2.4.6 it silently matches
 * nothing, and what it was to protect would leave.
 */
export function queryWarnings(query: Query): string[] {
  const warnings: string[] = []
  walkSegments(query.segments, {
    call: ({ name, args }) => {
      const pattern = args[1]
      if (name !== 'match' && name !== 'search') return
      if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return
      const { fault } = compileRegexp(pattern.value)
      if (fault === undefined) return
      const place = `at ${fault.position} of the pattern: ${fault.message}`
      warnings.push(`${name} can match nothing: ${quote(pattern.value)} is no I-Regexp (${place})`)
    },
  })
  return warnings
}
