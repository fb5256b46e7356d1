/** The documents as data: fenced blocks, tables, links and anchors. Reads files; judges nothing. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block. `info` is what stands after the fence: the language, and our own words after it. */
export interface Block {
  readonly file: string
  /** Of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly info: readonly string[]
  readonly text: string
}

export interface Document {
  /** From the root of the repository. */
  readonly file: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** The text without its blocks. */
  readonly prose: string
}

/** Every document that is for readers: those at the top level and below docs/. */
export function readDocuments(): readonly Document[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  const names = [
    ...top,
    ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ]
  return names.toSorted().map(readDocument)
}

/** One document, by its path from the root of the repository. */
export function readDocument(file: string): Document {
  return parse(file, readFileSync(join(ROOT, file), 'utf8'))
}

function parse(file: string, text: string): Document {
  const blocks: Block[] = []
  const prose: string[] = []
  let open:
    | { line: number; fence: string; indent: number; info: string[]; lines: string[] }
    | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent, fence, info] = /^(\s*)(```+)(.*)$/.exec(line) ?? []
    if (open === undefined && fence !== undefined) {
      const words = (info ?? '').trim().split(/\s+/)
      open = { line: index + 1, fence, indent: indent?.length ?? 0, info: words, lines: [] }
    } else if (open !== undefined && fence === open.fence && info === '') {
      const [language = '', ...rest] = open.info
      const content = open.lines.map((one) => `${one}\n`).join('')
      blocks.push({ file, line: open.line, language, info: rest, text: content })
      open = undefined
    } else if (open === undefined) prose.push(line)
    else open.lines.push(line.slice(open.indent))
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: a block without an end`)
  return { file, text, blocks, prose: prose.join('\n') }
}

/** The rows of the first table below a heading, as cells without the marks of code and escapes. */
export function tableBelow(document: Document, heading: string): readonly (readonly string[])[] {
  const lines = document.prose.split('\n')
  const start = lines.indexOf(heading)
  if (start === -1) throw new Error(`${document.file} has no heading ${heading}`)
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'))
  const next = lines.findIndex((line, index) => index > start && line.startsWith('#'))
  if (first === -1 || (next !== -1 && next < first)) return []
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  return lines.slice(first + 2, end === -1 ? undefined : end).map(cells)
}

function cells(row: string): readonly string[] {
  return row
    .slice(1, row.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
    .map((cell) => /^`([^`]*)`$/.exec(cell)?.[1] ?? cell.replaceAll('\\*', '*'))
}

/** Targets of links in the prose. */
export function linksOf(document: Document): readonly string[] {
  const prose = document.prose.replaceAll(/`[^`]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
}

/** The anchors that the hosting platforms make of headings. */
export function anchorsOf(document: Document): ReadonlySet<string> {
  const headings = [...document.prose.matchAll(/^#{1,6} (.*)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
