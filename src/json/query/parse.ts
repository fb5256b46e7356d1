/** Parses queries: the whole grammar of RFC 9535 with its types, and nothing beside it. Never evaluates anything. */
import { isSingular, type Query } from './ast.ts'
import { QuerySyntaxError } from './errors.ts'
import { parseTest } from './parse-filter.ts'
import { parseSegments } from './parse-segments.ts'
import { QueryReader } from './reader.ts'

export { queryWarnings } from './warnings.ts'

/** The hints of the reader speak of queries that begin with `$`. */
const RELATIVE_HINT = 'the query is relative to a location, as in @.id'

/** A query that begins with `$`. Throws a QuerySyntaxError or a QueryLimitError. */
export function parseQuery(text: string): Query {
  return parseFrom(text, '$')
}

/**
 * A query that begins with `@` and selects at most one node, such as the id of a data subject below its place.
 * Throws a QuerySyntaxError or a QueryLimitError.
 */
export function parseRelativeQuery(text: string): Query {
  if (!text.startsWith('@')) throw new QuerySyntaxError(0, '"@"', RELATIVE_HINT)
  const query = parseFrom(text, '@')
  if (isSingular(query.segments)) return query
  throw new QuerySyntaxError(0, 'a query of at most one node (only names and indices)')
}

function parseFrom(text: string, identifier: '$' | '@'): Query {
  const reader = new QueryReader(text)
  if (!reader.take(identifier)) reader.fail(`"${identifier}"`)
  const { segments } = parseSegments(reader, parseTest)
  if (!reader.done) reader.fail('".", "..", "[" or the end of the query')
  return { text, segments }
}
