/** The files of the repository as the tests about the repository see them. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder that holds package.json. */
export const ROOT = join(import.meta.dirname, '../..')

/** A file: its path from the root, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Files whose path from the root fits one of the patterns, ordered by path. */
export function filesOf(...patterns: readonly string[]): readonly SourceFile[] {
  return globSync(patterns, { cwd: ROOT, exclude: ['node_modules/**', 'bench/work/**'] })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

/** Every TypeScript and JavaScript file of ours. */
export function codeFiles(): readonly SourceFile[] {
  return filesOf('{src,demo,bench,scripts,test}/**/*.ts', 'bin/*.js')
}

/** What a file imports, as written: static and dynamic imports, and re-exports. */
export function specifiersOf(text: string): readonly string[] {
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(SPECIFIER)].map((match) => match[1] ?? '')
}

const SPECIFIER = /(?:^(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?|\bimport\()'([^'\n]+)'/gm
