/** A short run of `npm run fuzz:query` from one seed, and the texts on which longer runs once stopped. */
import { test } from 'tap'
import { fuzzQueries } from '../helpers/query-fuzz/fuzz-queries.ts'

const EXECUTIONS = 6_000

test('every text is a query or refused, and every query keeps the laws of the parser', async (t) => {
  // First of all, since coverage is only counted in files that are loaded after it began.
  const report = await fuzzQueries({
    seed: 9_535,
    goesOn: (executions) => executions < EXECUTIONS,
    onText: () => {},
  })
  t.same(report.findings, [])
  t.ok(report.queries > EXECUTIONS / 20, `${report.queries} queries`)
  t.ok(report.corpusSize > 30, `${report.corpusSize} texts kept`)
  t.ok(report.coveredRanges > 400, `${report.coveredRanges} ranges covered`)
})
