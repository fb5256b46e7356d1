/**
 * Small changes to the text of a policy that leave everything else as its author wrote it: comments, order, quotes. What comes
 * out is read again and held against what was meant; a text that cannot be changed this way is left alone.
 */
import { isDeepStrictEqual } from 'node:util'
import type { PolicyPath } from '../fault.ts'
import { parseYamlSource } from '../yaml-source.ts'
import { splicesOf } from './yaml-splices.ts'

/** One change. Values are plain data. */
export type YamlEdit = {
  /** Lines above it, without `#`. */
  readonly comment?: string | undefined
} & (
  | { readonly kind: 'remove'; readonly path: PolicyPath }
  /** At the end of the list at `path`. */
  | { readonly kind: 'append'; readonly path: PolicyPath; readonly value: unknown }
  /** A member of the object at `path` that it does not have. */
  | {
      readonly kind: 'insert'
      readonly path: PolicyPath
      readonly name: string
      readonly value: unknown
    }
)

/** The text with the change made; undefined where it is written in a way in which that is done by hand only. */
export function editYaml(text: string, edit: YamlEdit): string | undefined {
  const [before, splices] = [dataOf(text), splicesOf(text, edit)]
  if (before === undefined || splices === undefined) return undefined
  let edited = text
  for (const { from, to, text: put } of splices.toSorted((a, b) => b.from - a.from || b.to - a.to))
    edited = edited.slice(0, from) + put + edited.slice(to)
  const after = structuredClone(before)
  change(after, edit)
  return isDeepStrictEqual(dataOf(edited), after) ? edited : undefined
}

/** What the text says, or undefined where it is no policy's YAML. */
export function dataOf(text: string): unknown {
  const { data, faults } = parseYamlSource('policy', text)
  return faults.length === 0 ? data : undefined
}

// The same change to plain data: what the text must say afterwards. The place is there: its splices were found.
function change(root: unknown, edit: YamlEdit): void {
  const path = edit.kind === 'remove' ? edit.path.slice(0, -1) : edit.path
  const place = path.reduce<unknown>((node, step) => (node as Members)[step], root) as Members
  const last = edit.kind === 'remove' ? (edit.path.at(-1) ?? '') : ''
  if (edit.kind === 'insert') place[edit.name] = edit.value
  else if (edit.kind === 'append') (place as unknown as unknown[]).push(edit.value)
  else if (Array.isArray(place)) place.splice(Number(last), 1)
  else delete place[last]
}

type Members = Record<string | number, unknown>
