/**
 * `npm run fuzz -- --cases N --seed S`: random programs over random documents in random pieces, against the slow
 * reference. Prints each difference with the seed that shows it again, and exits 1 where there is one.
 */
import { parseArgs } from 'node:util'
import { runCase } from '../test/helpers/json-reference/run-case.ts'

const FAULTS_SHOWN = 3

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
})
const cases = Number(values.cases)
const seed = Number(values.seed)
let valid = 0
let faults = 0
for (let at = 0; at < cases && faults < FAULTS_SHOWN; at += 1) {
  const { isValid, fault } = runCase(seed + at)
  if (isValid) valid += 1
  if (fault === undefined) continue
  faults += 1
  console.error(fault)
}
console.log(`fuzz: ${cases} cases from seed ${seed}, ${valid} valid, ${faults} differences`)
process.exitCode = faults === 0 ? 0 : 1
