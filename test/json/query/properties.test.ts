/** Laws of the parser and the formatter, on random queries and random text. */
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { test } from 'tap'
import { QueryLimitError, QuerySyntaxError } from '../../../src/json/query/errors.ts'
import { formatQuery } from '../../../src/json/query/format.ts'
import { parseQuery } from '../../../src/json/query/parse.ts'
import { arbitrarySegments, arbitraryTokens } from './arbitraries.ts'

const PARAMETERS = { numRuns: 2_000, seed: 9_535 }

test('a query that is written and parsed again is the same tree', (t) => {
  let parsed = 0
  fc.assert(
    fc.property(arbitrarySegments, (segments) => {
      const text = formatQuery({ text: '', segments })
      try {
        const again = parseQuery(text)
        parsed += 1
        return isDeepStrictEqual(again.segments, segments)
      } catch (error) {
        return error instanceof QueryLimitError
      }
    }),
    PARAMETERS,
  )
  t.ok(parsed > 1_900, `${parsed} queries are within the limits`)
  t.end()
})

test('writing a parsed query is stable', (t) => {
  let parsed = 0
  fc.assert(
    fc.property(arbitraryTokens, (text) => {
      try {
        const once = formatQuery(parseQuery(text))
        parsed += 1
        return formatQuery(parseQuery(once)) === once
      } catch (error) {
        return error instanceof QuerySyntaxError
      }
    }),
    { ...PARAMETERS, numRuns: 20_000 },
  )
  t.ok(parsed > 100, `${parsed} of the texts are queries`)
  t.end()
})

test('parseQuery throws its own errors only, with a position inside the text', (t) => {
  const texts = fc.oneof(
    arbitraryTokens,
    fc.string({ unit: 'binary' }),
    fc.string({ minLength: 4_090, maxLength: 4_200 }),
    fc
      .tuple(fc.constantFrom('[', '[?(', '[?!', '[?length(', '..', '[?@'), fc.nat(2_000))
      .map(([token, times]) => `$${token.repeat(times)}`),
  )
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parseQuery(text)
      } catch (error) {
        if (!(error instanceof QuerySyntaxError || error instanceof QueryLimitError)) throw error
        return error.position >= 0 && error.position <= text.length
      }
      return true
    }),
    { ...PARAMETERS, numRuns: 3_000 },
  )
  t.end()
})
