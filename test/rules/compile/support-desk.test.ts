/** The rules to begin with: they hold in the shipped policy as they stand. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, cpSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { loadPolicy } from '../../../src/cli/load-policy.ts'
import type { PolicyDocument } from '../../../src/rules/policy/document.ts'
import { shippedPolicy } from '../../helpers/gateway.ts'
import { searchBudgets } from '../../helpers/world.ts'

const CONFIG = join(import.meta.dirname, '../../../config')

test('the rules for a support desk compile with the classes of the shipped policy', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'celosia-rules-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  cpSync(join(CONFIG, 'fixtures'), join(directory, 'fixtures'), { recursive: true })
  const text = readFileSync(join(CONFIG, 'detect/support-desk.yaml'), 'utf8')
  const { detect = [] } = parse(text) as Pick<PolicyDocument, 'detect'>
  const policy = shippedPolicy()
  const file = join(directory, 'policies.yaml')
  writeFileSync(file, JSON.stringify({ ...policy, detect: [...searchBudgets(policy), ...detect] }))
  const environment = {
    HELPDESK_URL: 'https://desk.example',
    HELPDESK_TOKEN: 'a token',
    OIDC_ISSUER: 'https://idp.example',
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
  }
  const { compiled } = loadPolicy({ file, environment, mode: 'serve' })
  t.equal(compiled.lookups.length, detect.length + 1)
  t.ok(detect.length > 10)
  t.end()
})
