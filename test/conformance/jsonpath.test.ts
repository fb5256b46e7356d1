/** The compliance suite of RFC 9535 against the parser and the exact evaluator. No case is left out. */
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { Budget } from '../../src/json/evaluate/budget.ts'
import { selectNodes } from '../../src/json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../../src/json/limits.ts'
import { QuerySyntaxError } from '../../src/json/query/errors.ts'
import { parseQuery } from '../../src/json/query/parse.ts'
import { locationOf } from '../../src/json/tape/location.ts'
import { buildTape } from '../../src/json/tape/tape.ts'

const SUITE = new URL('../../../shared/data/jsonpath/cts.json', import.meta.url)

interface Case {
  readonly name: string
  readonly selector: string
  readonly invalid_selector?: boolean
  readonly document?: unknown
  readonly result_paths?: readonly string[]
  readonly results_paths?: readonly (readonly string[])[]
}

const skip = existsSync(SUITE) ? false : `the suite is not at ${SUITE.pathname}`

test('the compliance suite of RFC 9535 passes whole', { skip }, (t) => {
  const { tests } = JSON.parse(readFileSync(SUITE, 'utf8')) as { tests: readonly Case[] }
  const refused = tests.filter((item) => item.invalid_selector === true)
  const valid = tests.filter((item) => item.invalid_selector !== true)
  t.equal(refused.length, 247, 'queries that must be refused')
  t.equal(valid.length, 456, 'queries with results')
  let passed = 0
  for (const { name, selector } of refused) {
    const isRefused = t.throws(() => parseQuery(selector), QuerySyntaxError, `refuses: ${name}`)
    passed += isRefused === false ? 0 : 1
  }
  for (const item of valid) {
    const selected = select(item)
    const allowed = item.results_paths ?? [item.result_paths]
    const right = allowed.some((paths) => JSON.stringify(paths) === JSON.stringify(selected))
    passed += t.ok(right, item.name, { selected, allowed }) ? 1 : 0
  }
  t.equal(passed, tests.length, 'all cases')
  t.comment(`jsonpath: ${passed}/${tests.length}`)
  t.end()
})

function select({ selector, document }: Case): readonly string[] {
  const bytes = Buffer.from(JSON.stringify(document))
  const tape = buildTape(bytes, 0, bytes.length, DEFAULT_LIMITS)
  const nodes = selectNodes(parseQuery(selector), tape, new Budget(DEFAULT_LIMITS.filterStepsMax))
  return nodes.map((node) => locationOf(tape, node))
}
