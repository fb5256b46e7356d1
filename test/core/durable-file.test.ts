/** Files that are made once. */
import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { createFile } from '../../src/core/durable-file.ts'

test('a file is made once, and only for its owner', async (t) => {
  const folder = t.testdir({})
  const path = join(folder, 'one')
  t.equal(await createFile(path, 'first'), true)
  t.equal(await createFile(path, 'second'), false)
  t.equal(await readFile(path, 'utf8'), 'first')
  t.equal((await stat(path)).mode & 0o777, 0o600)
  await t.rejects(createFile(join(folder, 'none', 'one'), 'text'), { code: 'ENOENT' })
})

const SOURCE = new URL('../../src/core/durable-file.ts', import.meta.url).href
// What is over the limit is then an error of the write, as on a disk that is full.
const SCRIPT = `process.on('SIGXFSZ', () => undefined)
const { createFile } = await import('${SOURCE}')
await createFile(process.argv[1], 'text').catch((error) => console.log(error.code))`

test('what cannot be written whole is not left behind', async (t) => {
  const folder = t.testdir({})
  const limited = 'ulimit -f 0; exec "$0" --input-type=module -e "$1" "$2"'
  const words = ['-c', limited, process.execPath, SCRIPT, join(folder, 'one')]
  const { stdout } = await promisify(execFile)('bash', words)
  t.equal(stdout, 'EFBIG\n')
  t.same(await readdir(folder), [])
})
