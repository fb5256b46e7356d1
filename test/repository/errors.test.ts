/** The tables of errors and reasons, the code that uses them and the documents that list them, held against each other. */
import { test } from 'tap'
import { CelosiaError, ERROR_CODES, exitCodeOf } from '../../src/core/errors.ts'
import { REASONS } from '../../src/core/reasons.ts'
import { filesOf } from './source-files.ts'

const sources = filesOf('src/**/*.ts')
const codes = Object.keys(ERROR_CODES)
const reasons = Object.keys(REASONS)

test('every error code is carried by a class, and every class carries one of the table', (t) => {
  const carried = new Set(
    sources.flatMap(({ text }) =>
      [...text.matchAll(/^ {2}readonly code(?:: [^=]+)? = '(\w+)'/gm)].map((match) => match[1]),
    ),
  )
  t.ok(carried.size > 10, `${carried.size} codes`)
  t.same(
    codes.filter((code) => !carried.has(code)),
    [],
    'codes of the table without a class',
  )
  t.same(
    [...carried].filter((code) => !codes.includes(code ?? '')),
    [],
    'codes of classes that the table does not have',
  )
  t.end()
})

test('errors of ours extend the one base, whose name and exit code they have', (t) => {
  const others = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/class (\w+Error) extends (\w*Error)\b/g)]
      .filter(([, , base]) => base === 'Error' || base === 'TypeError' || base === 'RangeError')
      .map(([, name]) => `${path}: ${name}`),
  )
  t.same(others, ['src/core/errors.ts: CelosiaError'])
  class Example extends CelosiaError {
    readonly code = 'ERR_USAGE'
  }
  t.match(new Example('what is wrong'), { name: 'Example', message: 'what is wrong' })
  t.equal(exitCodeOf(new Example('')), 2)
  t.equal(exitCodeOf(new Error('not ours')), 1)
  t.end()
})

test('every reason is given somewhere, and no other', (t) => {
  const users = sources.filter(({ path }) => !path.startsWith('src/core/reasons'))
  for (const reason of reasons) {
    t.ok(
      users.some(({ text }) => text.includes(`'${reason}'`)),
      `${reason} is given`,
    )
  }
  t.same(
    reasons.filter((reason) => !/^[a-z]+(?:-[a-z]+)*$/.test(reason)),
    [],
    'reasons are kebab-case',
  )
  t.end()
})

test('docs/errors.md and docs/reasons.md list exactly the tables', (t) => {
  t.same(firstColumn('docs/errors.md'), codes)
  t.same(firstColumn('docs/reasons.md'), reasons)
  t.end()
})

function firstColumn(path: string): readonly (string | undefined)[] {
  const [document] = filesOf(path)
  return [...(document?.text ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1])
}
