/** What no linter knows of this house: sizes, leftovers, calls that have one place, and what files must begin with. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { codeFiles, filesOf, ROOT } from './source-files.ts'
import type { SourceFile } from './source-files.ts'

const FILE_LINES_MAX = 300
const FUNCTION_LINES_MAX = 70
const FILES_MIN = 100

/** How lines end that open the body of a function, and how those begin that open another block. */
const OPENS_FUNCTION = /(?:=> \{|\)(?:: .+)? \{)$/
const OPENS_BLOCK = /^\s*(?:\} )?(?:if|else|for|while|switch|catch|with)\b/

interface Ban {
  readonly what: string
  readonly pattern: RegExp
  /** Files that are looked at: paths that fit. */
  readonly where: RegExp
  /** Files that may. */
  readonly except?: RegExp
}

const SOURCES = /^(?:src|demo)\//
const CODE = /./

const BANS: readonly Ban[] = [
  {
    what: 'a leftover',
    pattern: new RegExp(String.raw`\b(?:${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\b`),
    where: CODE,
  },
  { what: 'a debugger statement', pattern: /^\s*debugger\b/m, where: CODE },
  {
    what: 'a test that silences others',
    pattern: /\b(?:t|test)\.only\(|\bonly: true/,
    where: /^test\//,
  },
  { what: 'console', pattern: /\bconsole\./, where: SOURCES },
  {
    what: 'a look at the clock',
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bhrtime\b|\bTemporal\.Now\b/,
    where: /^src\//,
    except: /^src\/core\/clock\.ts$/,
  },
  { what: 'Math.random', pattern: /\bMath\.random\(/, where: CODE, except: /^test\/repository\// },
  { what: 'code made from text', pattern: /\beval\(|\bnew Function\(|\bnode:vm\b/, where: SOURCES },
  { what: 'any', pattern: /(?::|\bas|<|\|) any\b(?! [a-z])/, where: CODE },
  { what: 'a default export', pattern: /^export default\b|\bas default\b/m, where: CODE },
  { what: 'export *', pattern: /^export \*/m, where: CODE },
  { what: 'require()', pattern: /\bcreateRequire\b/, where: SOURCES },
  {
    what: 'a type check switched off',
    pattern: /@ts-(?:ignore|nocheck|expect-error)/,
    where: SOURCES,
  },
  {
    what: 'an environment read far from the command line',
    pattern: /\bprocess\.env\b/,
    where: /^src\//,
    except: /^src\/main\.ts$/,
  },
]

const code = codeFiles()

test('no file holds what is banned', (t) => {
  t.ok(code.length > FILES_MIN, `${code.length} files`)
  for (const ban of BANS) {
    const found = code
      .filter(({ path }) => ban.where.test(path) && ban.except?.test(path) !== true)
      .filter(({ path }) => path !== 'test/repository/tidy.test.ts')
      .flatMap((file) => placesOf(file, ban.pattern))
    t.same(found, [], `no file has ${ban.what}`)
  }
  t.end()
})

test(`sources have at most ${FILE_LINES_MAX} lines, and functions ${FUNCTION_LINES_MAX}`, (t) => {
  const sources = code.filter(({ path }) => /^(?:src|demo|bin)\//.test(path))
  const long = sources.filter(({ text }) => lineCount(text) > FILE_LINES_MAX)
  t.same(
    long.map(({ path, text }) => `${path}: ${lineCount(text)}`),
    [],
  )
  t.same(functionLengths('function a() {\n  b()\n}\n'), [{ line: 1, lines: 3 }])
  const lengths = sources.flatMap(({ path, text }) =>
    functionLengths(text).map(({ line, lines }) => ({ place: `${path}:${line}`, lines })),
  )
  t.ok(lengths.length > sources.length, `${lengths.length} functions`)
  t.same(
    lengths.filter(({ lines }) => lines > FUNCTION_LINES_MAX),
    [],
  )
  t.end()
})

test('every file begins by saying what it is', (t) => {
  for (const { path, text } of code) {
    t.match(text.replace(/^#!.*\n/, ''), /^\/\*\*[\s*]+\S/, path)
  }
  t.end()
})

test('exported functions and classes say what they are; the head of a file may speak for one', (t) => {
  const undocumented = /(?<!\*\/\n)^export (?:abstract |async )?(?:function|class) \w+/m
  for (const file of code.filter(({ path }) => path.startsWith('src/'))) {
    const found = placesOf(file, undocumented)
    t.ok(found.length <= 1, file.path, { found })
  }
  t.end()
})

test('nothing is called index.ts', (t) => {
  t.same(
    code.map(({ path }) => path).filter((path) => /(?:^|\/)index\.[jt]s$/.test(path)),
    [],
  )
  t.end()
})

test('no file names a path of somebody’s machine', (t) => {
  const texts = [
    ...code,
    ...filesOf('*.{md,json,yaml}', '{docs,deploy,config,.ci}/**/*.*', 'Dockerfile', '.*rc*'),
  ]
  const found = texts
    .filter(({ path }) => !/^(?:test|config\/fixtures)\//.test(path))
    .flatMap((file) => placesOf(file, /(?<![\w.~-])\/(?:work|root|home|Users)\/\w/))
  t.same(found, [])
  const temporary = code.filter(({ path }) => !path.startsWith('test/'))
  t.same(
    temporary.flatMap((file) => placesOf(file, /['"`]\/tmp\b/)),
    [],
  )
  t.end()
})

test('the lock file names no download addresses, so that any registry will do', (t) => {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
  t.notMatch(lock, /"resolved": "http/)
  t.match(lock, /"integrity": "sha512-/)
  t.end()
})

test('every dependency has one exact version', (t) => {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8')
  const { dependencies, devDependencies } = JSON.parse(text) as Record<
    string,
    Record<string, string>
  >
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    t.match(version, /^\d+\.\d+\.\d+$/, `${name} ${version}`)
  }
  t.end()
})

function placesOf({ path, text }: SourceFile, pattern: RegExp): readonly string[] {
  const global = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)
  return [...text.matchAll(global)].map(
    (match) => `${path}:${lineCount(text.slice(0, match.index + 1))}: ${match[0]}`,
  )
}

function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length
}

/**
 * Lengths of functions in formatted text: from a line that opens a body to the next line of the same indentation that
 * closes one. Blocks of `if`, `for` and their like are left out.
 */
function functionLengths(
  text: string,
): readonly { readonly line: number; readonly lines: number }[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (!OPENS_FUNCTION.test(line) || OPENS_BLOCK.test(line)) return []
    const indentation = /^ */.exec(line)?.[0] ?? ''
    const length = lines.slice(index).findIndex((other) => other.startsWith(`${indentation}}`))
    return length < 0 ? [] : [{ line: index + 1, lines: length + 1 }]
  })
}
