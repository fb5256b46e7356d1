/**
 * Makes `dist/` for the npm package, since Node does not run TypeScript below node_modules: the sources without their
 * types, beside the files that they read. Paths in it are those of the checkout, so that nothing has to be computed.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folders of TypeScript that run, and what they read at run time. */
const SOURCES = ['src/**/*.ts', 'demo/**/*.ts']
const READ_AT_RUN_TIME = ['demo/data', 'config']
/** The specifier of a relative import: `from './x.ts'`, `import('./x.ts')`. */
const RELATIVE_IMPORT = /((?:\bfrom|\bimport)\s*\(?\s*['"]\.{1,2}\/[^'"\n]*)\.ts(?=['"])/g

/** JavaScript of a TypeScript file. Lines and columns stay what they were, as type stripping leaves blanks. */
export function toJavaScript(typeScript: string): string {
  return stripTypeScriptTypes(typeScript, { mode: 'strip' }).replaceAll(RELATIVE_IMPORT, '$1.js')
}

/** Writes `dist/` below `root`, anew. */
export function build(root: string): void {
  const dist = join(root, 'dist')
  rmSync(dist, { recursive: true, force: true })
  for (const path of globSync(SOURCES, { cwd: root })) {
    const target = join(dist, path.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, toJavaScript(readFileSync(join(root, path), 'utf8')))
  }
  for (const path of READ_AT_RUN_TIME) {
    cpSync(join(root, path), join(dist, path), { recursive: true })
  }
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
  }
  writeFileSync(
    join(dist, 'package.json'),
    `${JSON.stringify({ name, version, private: true, type: 'module' }, null, 2)}\n`,
  )
}

if (import.meta.main) build(fileURLToPath(new URL('..', import.meta.url)))
