/** Loads every source file, so that none is left out of the coverage because no test imports it. */
import { test } from 'tap'
import { filesOf } from './source-files.ts'

/** It runs the command line of the process that loads it. */
const ENTRY = 'src/main.ts'

test('every source file loads, and exports by name only', async (t) => {
  const paths = filesOf('src/**/*.ts', 'demo/**/*.ts').map(({ path }) => path)
  t.ok(paths.length > 100, `${paths.length} files`)
  for (const path of paths.filter((other) => other !== ENTRY)) {
    const module = (await import(`../../${path}`)) as Record<string, unknown>
    t.notOk('default' in module, path)
  }
})
