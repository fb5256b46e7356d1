/** The example policies: each can be served as it is, and stands in the documents. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'tap'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import { filesOf, ROOT } from './source-files.ts'

const examples = filesOf('config/examples/*.yaml')

test('each example has no fault, once its variables are set', (t) => {
  t.ok(examples.length > 0, `${examples.length} examples`)
  for (const { path, text } of examples) {
    const names = new Set(
      [...text.matchAll(/\$\{([A-Z0-9_]+)\}|env: ([A-Z0-9_]+)/g)].flatMap(
        ([, a, b]) => a ?? b ?? [],
      ),
    )
    const environment = Object.fromEntries(
      [...names].map((name) => [
        name,
        name.endsWith('_KEY') ? randomBytes(32).toString('base64') : 'https://desk.example',
      ]),
    )
    const { compiled, notes } = loadPolicy({ file: join(ROOT, path), environment, mode: 'serve' })
    t.ok(compiled.routeList.length > 5, `${path}: ${compiled.routeList.length} routes`)
    t.ok(compiled.roles.size > 1, `${path}: ${compiled.roles.size} roles`)
    t.same(notes, [])
  }
  t.end()
})

test('each example begins with how to check it, and has its line in the documents', (t) => {
  for (const { path, text } of examples) {
    t.match(text, `celosia check ${path}`)
    for (const document of filesOf('README.md', 'docs/policy.md')) t.match(document.text, path)
  }
  t.end()
})
