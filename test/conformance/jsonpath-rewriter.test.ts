/** The compliance suite of RFC 9535 through the byte rewriter: exactly the locations selected change, and no other byte. */
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { programOf, REDACT } from '../helpers/json-reference/program-of.ts'
import { runProgram } from '../helpers/json-reference/run-case.ts'
import { parseTree, type TreeNode } from '../helpers/json-reference/tree.ts'

const SUITE = new URL('../../../shared/data/jsonpath/cts.json', import.meta.url)
const CASES = 456
const MARK = '"***"'
/** The document whole, byte by byte, and in odd pieces. */
const WAYS = [[1_000_000], [1], [3, 5]]

/** Escapes of normalized paths (RFC 9535 2.7). */
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "'": "\\'",
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

interface Case {
  readonly name: string
  readonly selector: string
  readonly invalid_selector?: boolean
  readonly document: unknown
  readonly result_paths?: readonly string[]
  readonly results_paths?: readonly (readonly string[])[]
}

const skip = existsSync(SUITE) ? false : `the suite is not at ${SUITE.pathname}`

test(
  'each query of the suite as a rule changes what it selects and nothing else',
  { skip },
  (t) => {
    const { tests } = JSON.parse(readFileSync(SUITE, 'utf8')) as { tests: readonly Case[] }
    const valid = tests.filter((item) => item.invalid_selector !== true)
    t.equal(valid.length, CASES)
    let passed = 0
    for (const { name, selector, document, result_paths, results_paths } of valid) {
      const paths = result_paths ?? results_paths?.[0] ?? []
      const fine = [undefined, 1].every((indent) => {
        const bytes = Buffer.from(JSON.stringify(document, undefined, indent))
        const program = programOf({ lines: [{ query: selector, edit: REDACT }] })
        const wanted = marked(bytes, new Set(paths))
        return WAYS.every((sizes) => {
          const { bytes: got, refused } = runProgram(program, bytes, { sizes, keys: new Set() })
          return refused === undefined && got === wanted
        })
      })
      passed += t.ok(fine, name) ? 1 : 0
    }
    t.equal(passed, CASES)
    t.comment(`jsonpath rewriter: ${passed}/${valid.length}`)
    t.end()
  },
)

/** The document with a mark in place of each location; of two that lie one in the other, the outer one. */
function marked(document: Buffer, paths: ReadonlySet<string>): string {
  const latin = document.toString('latin1')
  let text = ''
  let copied = 0
  const visit = (node: TreeNode, path: string): void => {
    if (paths.has(path)) {
      text += latin.slice(copied, node.start) + MARK
      copied = node.end
      return
    }
    for (const [at, child] of node.children.entries()) {
      visit(child.node, `${path}[${child.name === undefined ? at : quoted(child.name)}]`)
    }
  }
  visit(parseTree(document), '$')
  return text + latin.slice(copied)
}

/** A name in a normalized path (RFC 9535 2.7). */
function quoted(name: string): string {
  const escape = (unit: string) =>
    SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  // oxlint-disable-next-line no-control-regex -- these are the characters that the RFC escapes
  return `'${name.replaceAll(/['\\\u0000-\u001f]/g, escape)}'`
}
