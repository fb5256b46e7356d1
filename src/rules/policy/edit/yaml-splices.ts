/** Where in a text a change is made: found by the places of its nodes. Undefined where lines are shared with something else. */
import { isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml'
import type { Node, Pair, YAMLMap, YAMLSeq } from 'yaml'
import type { PolicyPath } from '../fault.ts'
import { flowText } from './flow-text.ts'
import type { YamlEdit } from './yaml-edit.ts'

/** What stands from `from` to `to` is replaced. Offsets in UTF-16 units. */
export interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

type Collection = YAMLMap | YAMLSeq
/** A member of a collection: where it begins and ends, without what separates it. */
interface Part {
  readonly from: number
  readonly to: number
  readonly node: Node | null
}

/** The replacements that make the change. */
export function splicesOf(text: string, edit: YamlEdit): readonly Splice[] | undefined {
  const { contents } = parseDocument(text, { version: '1.2', schema: 'core', stringKeys: true })
  const way = wayTo(contents, edit.kind === 'remove' ? edit.path.slice(0, -1) : edit.path)
  const place = way?.at(-1)
  if (way === undefined || place === undefined || !isList(place.node)) return undefined
  const edits =
    place.node.flow === true
      ? editInFlow(text, place.node, edit)
      : editInBlock(text, place.node, edit)
  if (edits === undefined || edit.comment === undefined) return edits
  const [first] = edits
  const here = place.block && place.node.flow !== true && edits.length === 1 ? first : undefined
  return [...edits, ...commentAt(text, edit.comment, here, way)]
}

function isList(node: Node | null): node is Collection {
  return isMap(node) || isSeq(node)
}

function editInFlow(text: string, collection: Collection, edit: YamlEdit) {
  const parts = partsOf(collection)
  return edit.kind === 'remove'
    ? removeInFlow(text, parts, indexOf(collection, edit.path.at(-1)))
    : addInFlow(collection, parts, writtenOf(edit))
}

function editInBlock(text: string, collection: Collection, edit: YamlEdit) {
  const parts = partsOf(collection)
  if (edit.kind === 'remove')
    return removeInBlock(text, collection, parts, indexOf(collection, edit.path.at(-1)))
  const [first] = parts
  if (first === undefined) return undefined
  // A new member stands below the first, where it is seen; a new item at the end.
  const after = edit.kind === 'append' ? (parts.at(-1) ?? first) : first
  const begins = edit.kind === 'append' ? dashBefore(text, first.from) : first.from
  if (begins === undefined) return undefined
  const at = lineEnd(text, after.to)
  const newLine = newLineOf(text)
  const spaces = ' '.repeat(columnOf(text, begins))
  const line = `${spaces}${edit.kind === 'append' ? '- ' : ''}${writtenOf(edit)}`
  // The last line of a text may have no end.
  const put = text[at - 1] === '\n' ? `${line}${newLine}` : `${newLine}${line}`
  return [{ from: at, to: at, text: put }]
}

function writtenOf(edit: Exclude<YamlEdit, { readonly kind: 'remove' }>): string {
  const value = flowText(edit.value)
  return edit.kind === 'append' ? value : `${flowText(edit.name)}: ${value}`
}

function removeInFlow(
  text: string,
  parts: readonly Part[],
  index: number,
): readonly Splice[] | undefined {
  const [part, next, previous] = [parts[index], parts[index + 1], parts[index - 1]]
  if (part === undefined) return undefined
  if (next !== undefined) return [{ from: part.from, to: next.from, text: '' }]
  // A comment between stays, and a comma at the end is none too many.
  const from = previous === undefined ? part.from : previous.to
  const between = text.slice(from, part.from)
  return [{ from: between.includes('#') ? part.from : from, to: part.to, text: '' }]
}

function removeInBlock(
  text: string,
  collection: Collection,
  parts: readonly Part[],
  index: number,
): readonly Splice[] | undefined {
  const part = parts[index]
  if (part === undefined) return undefined
  const begins = isSeq(collection) ? dashBefore(text, part.from) : part.from
  if (begins === undefined || !isFirstOfLine(text, begins)) return undefined
  const from = lineStart(text, begins)
  const to = lineEnd(text, part.to)
  if (parts.length > 1) return [{ from, to, text: '' }]
  // Nothing would be left, and nothing is another value than an empty one.
  const key = text.lastIndexOf(':', from)
  const between = text.slice(key + 1, from)
  if (key === -1 || !/^[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*$/.test(between))
    return undefined
  return [
    { from: key + 1, to: key + 1, text: isSeq(collection) ? ' []' : ' {}' },
    { from, to, text: '' },
  ]
}

function addInFlow({ range }: Collection, parts: readonly Part[], put: string): readonly Splice[] {
  const last = parts.at(-1)
  if (last !== undefined) return [{ from: last.to, to: last.to, text: `, ${put}` }]
  const inside = (range?.[0] ?? 0) + 1
  return [{ from: inside, to: inside, text: put }]
}

/** What is on the way to a place, from the top. */
interface Step {
  readonly node: Node | null
  /** Of its key, or of itself in a list. */
  readonly from: number
  /** True where no collection around it is written in brackets. */
  readonly block: boolean
}

function wayTo(root: unknown, path: PolicyPath): readonly Step[] | undefined {
  let node = root as Node | null
  const way: Step[] = [{ node, from: 0, block: false }]
  let block = true
  for (const step of path) {
    if (!isMap(node) && !isSeq(node)) return undefined
    block &&= node.flow !== true
    const part = partsOf(node)[indexOf(node, step)]
    if (part === undefined) return undefined
    node = part.node
    way.push({ node, from: part.from, block })
  }
  return way
}

// Above the change where that is a line of its own, else above the nearest line that is.
function commentAt(
  text: string,
  comment: string,
  here: Splice | undefined,
  way: readonly Step[],
): readonly Splice[] {
  const anchor = here?.from ?? way.findLast(({ block }) => block)?.from
  if (anchor === undefined) return []
  const at = lineStart(text, anchor)
  const [indent = ''] = /^ */.exec(here?.text || text.slice(at)) ?? []
  return [{ from: at, to: at, text: `${indent}# ${comment}${newLineOf(text)}` }]
}

function partsOf(collection: Collection): readonly Part[] {
  return (collection.items as readonly (Node | Pair)[]).map((item) => {
    if (!isPair(item)) return { from: item.range?.[0] ?? 0, to: endOf(item), node: item }
    const [key, value] = [item.key as Node, item.value as Node | null]
    return {
      from: key.range?.[0] ?? 0,
      to: value === null ? endOf(key) : endOf(value),
      node: value,
    }
  })
}

// The range of a collection without brackets also holds comments that stand below it.
function endOf(node: Node): number {
  if (!isList(node) || node.flow === true) return node.range?.[1] ?? 0
  return partsOf(node).at(-1)?.to ?? node.range?.[1] ?? 0
}

function indexOf(collection: Collection, step: string | number | undefined): number {
  if (!isMap(collection)) return typeof step === 'number' ? step : -1
  return collection.items.findIndex(({ key }) => isScalar(key) && key.value === step)
}

function dashBefore(text: string, from: number): number | undefined {
  const found = /-[ ]+$/.exec(text.slice(lineStart(text, from), from))
  return found === null ? undefined : from - found[0].length
}

function isFirstOfLine(text: string, at: number): boolean {
  return /^[ ]*$/.test(text.slice(lineStart(text, at), at))
}

function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
}

/** Behind the line break of the line that ends at or after `at`. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at
  const found = text.indexOf('\n', at)
  return found === -1 ? text.length : found + 1
}

function columnOf(text: string, at: number): number {
  return at - lineStart(text, at)
}

function newLineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
