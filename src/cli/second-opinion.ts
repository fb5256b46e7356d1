/**
 * What jsonpath-plus would select, beside what RFC 9535 selects: many authors know that dialect. It never decides
 * anything; `eval: false` keeps it from running code.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { JSONPath } from 'jsonpath-plus'
import { Budget } from '../json/evaluate/budget.ts'
import { selectNodes } from '../json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../json/limits.ts'
import { buildTape } from '../json/tape/tape.ts'
import type { CompiledPolicyWithQueries } from '../rules/compile/compile-policy.ts'

/** One sentence for each query of a route that the two dialects read differently over the route's fixture. */
export function secondOpinion(
  file: string,
  { routeList }: CompiledPolicyWithQueries,
): readonly string[] {
  return routeList.flatMap((route) => {
    if (route.fixture === undefined) return []
    const bytes = readFileSync(resolve(dirname(file), route.fixture))
    const queries = [...route.queries.fields, ...route.queries.plain].map(({ query }) => query)
    return queries.flatMap((query) => {
      const ours = selectNodes(
        query,
        buildTape(bytes, 0, bytes.byteLength, DEFAULT_LIMITS),
        new Budget(DEFAULT_LIMITS.filterStepsMax),
      ).length
      const theirs = countOfJsonPathPlus(query.text, bytes)
      if (theirs === ours) return []
      const other = theirs === undefined ? 'refuses it' : `would select ${theirs}`
      return [
        `${route.template.text}: \`${query.text}\` selects ${ours} nodes of the fixture; jsonpath-plus ${other}`,
      ]
    })
  })
}

function countOfJsonPathPlus(path: string, bytes: Buffer): number | undefined {
  try {
    const found: unknown = JSONPath({
      path,
      json: JSON.parse(bytes.toString('utf8')) as object,
      eval: false,
      wrap: true,
      resultType: 'path',
    })
    return Array.isArray(found) ? found.length : 0
  } catch {
    return undefined
  }
}
