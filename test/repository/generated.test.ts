/** What is generated from the code is in the repository as it would be generated now. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { generatedFiles } from '../../scripts/write-generated.ts'
import { POLICY_SCHEMA } from '../../src/rules/policy/schema.ts'
import { ROOT } from './source-files.ts'

test('generated files are up to date (else: npm run generate)', (t) => {
  for (const [path, text] of generatedFiles(ROOT)) {
    t.equal(readFileSync(join(ROOT, path), 'utf8'), text, path)
  }
  t.end()
})

test('config/policies.schema.json is the schema that policies are checked against', (t) => {
  const text = readFileSync(join(ROOT, 'config/policies.schema.json'), 'utf8')
  t.same(JSON.parse(text), POLICY_SCHEMA)
  t.end()
})
