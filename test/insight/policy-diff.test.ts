/** What a change of policy is told to do: each line an edit of the same policy, and the lines that must be told of it. */
import { join } from 'node:path'
import { test } from 'tap'
import type { PolicyChange } from '../../src/insight/policy-diff/change.ts'
import { isLoosening } from '../../src/insight/policy-diff/change.ts'
import { coverPairs } from '../../src/insight/policy-diff/cover-pairs.ts'
import { policyDiff } from '../../src/insight/policy-diff/policy-diff.ts'
import { KEY_RULES } from '../../src/insight/policy-diff/rules.ts'
import { parseQuery } from '../../src/json/query/parse.ts'
import { POLICY_SCHEMA } from '../../src/rules/policy/schema.ts'
import { runHere } from '../helpers/program.ts'
import { CASES, edited, loadText, POLICY, USERS } from './policy-changes.ts'
import type { Expected } from './policy-changes.ts'

test('each change is told by what it makes looser, and the other way round', async (t) => {
  const folder = t.testdir()
  const before = loadText(folder, POLICY)
  t.same(policyDiff(before, before), [])
  for (const { name, edits, told, looser, back } of CASES) {
    const after = loadText(folder, edited(edits))
    const changes = policyDiff(before, after)
    for (const line of told)
      t.ok(
        changes.some((change) => fits(change, line)),
        `${name}: ${JSON.stringify(line)}`,
        { changes },
      )
    t.equal(changes.filter(isLoosening).length, looser, `${name}: looser`, { changes })
    if (back === undefined) continue
    const turned = policyDiff(after, before)
    t.equal(turned.filter(isLoosening).length, back, `${name}: turned around`, { turned })
  }
})

function fits(change: PolicyChange, line: Expected): boolean {
  return Object.entries(line).every(([name, wanted]) => {
    const found = change[name as keyof PolicyChange]
    return (wanted as unknown) instanceof RegExp
      ? (wanted as unknown as RegExp).test(String(found))
      : found === wanted
  })
}

test('each key that is judged is one of the language', (t) => {
  for (const { key } of KEY_RULES) t.ok(isKey(POLICY_SCHEMA, key), key.join('.'))
  t.notOk(isKey(POLICY_SCHEMA, ['roles', '*', 'shows']))
  t.end()
})

/** Whether the schema has this key; `*` is a name of the author's, or an entry of a list. */
function isKey(schema: unknown, [step, ...rest]: readonly string[]): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  if (step === undefined) return true
  const node = schema as Readonly<Record<string, unknown>>
  const parts = ['anyOf', 'oneOf'].flatMap((name) => (node[name] ?? []) as readonly unknown[])
  if (parts.some((part) => isKey(part, [step, ...rest]))) return true
  const named = (node['properties'] ?? {}) as Readonly<Record<string, unknown>>
  if (step !== '*') return Object.hasOwn(named, step) && isKey(named[step], rest)
  const any = [...Object.values(named), node['additionalProperties'], node['items']]
  return any.some((one) => isKey(one, rest))
}

test('what cannot be looked through within the limit is unclear', (t) => {
  const before = loadText(t.testdir(), POLICY)
  const after = loadText(t.testdir(), edited([['show: [person.name] }', 'show: [] }']]))
  t.equal(policyDiff(before, after).filter(isLoosening).length, 0)
  t.match(policyDiff(before, after, 3), [{ direction: 'unclear', what: 'visible', route: USERS }])
  t.end()
})

test('the limit is on the work, also where it comes to nothing new', (t) => {
  const queries = Array.from({ length: 500 }, (_, index) => `$.list.name${index}`)
  const lines = queries.map((text) => ({ query: parseQuery(text), reach: 'subtree' as const }))
  // Below `list` each of a thousand positions is looked at for each of five hundred names: a few sets, and a million steps.
  const steps = 2 * 500 * 2 * 500
  t.equal(coverPairs(lines, lines, { left: steps })?.length, undefined)
  t.equal(coverPairs(lines, lines, { left: steps * 2 })?.length, 501)
  const budget = { left: 10_000 }
  t.equal(coverPairs(lines, lines, budget), undefined)
  t.ok(budget.left >= -2_000, 'it ends with the set that was looked at')
  t.end()
})

test('the command says what is looser first, and by its exit code; it tells no secret', async (t) => {
  const folder = t.testdir({
    'old.yaml': POLICY,
    'new.yaml': POLICY.replace('first-secret', 'second-secret').replace('over: 20', 'over: 10'),
    'strict.yaml': POLICY.replace('over: 20', 'over: 10'),
    'bad.yaml': 'version: 2\n',
  })
  const diff = (...names: readonly string[]) =>
    runHere(['policy', 'diff', ...names.map((name) => join(folder, name))])
  const changed = await diff('old.yaml', 'new.yaml')
  t.equal(changed.code, 6)
  t.match(changed.stdout, /^cannot be told, and counts as looser:\n[^]*\nstricter:\n[^]*20 +10\n/)
  t.notMatch(changed.stdout, /secret/)
  t.match(changed.stderr, /^2 changes, 1 of them looser\n/)
  t.equal((await diff('old.yaml', 'strict.yaml')).code, 0)
  t.match(await diff('old.yaml', 'old.yaml'), { code: 0, stdout: 'no change\n' })
  t.equal((await diff('old.yaml', 'bad.yaml')).code, 3)
  t.equal((await diff('old.yaml')).code, 2)
  const json = await runHere([
    'policy',
    'diff',
    '--format',
    'json',
    join(folder, 'old.yaml'),
    join(folder, 'new.yaml'),
  ])
  t.same(
    json.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as PolicyChange).direction),
    ['unclear', 'stricter'],
  )
})
