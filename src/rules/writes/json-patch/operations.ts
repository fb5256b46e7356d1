/** Reads the operations of a JSON Patch (RFC 6902 4). */
import { childrenOf, memberNameOf } from '../../../json/tape/children.ts'
import { KIND_ARRAY, KIND_OBJECT, type Tape } from '../../../json/tape/tape.ts'
import { leafAt } from '../leaf.ts'
import { parsePointer } from './pointer.ts'

/** Operations of one patch. */
export const OPERATIONS_MAX = 200

export interface Operation {
  /** The operation's object in the request. */
  readonly node: number
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  readonly path: readonly string[]
  /** Of `move` and `copy`. */
  readonly from: readonly string[]
  /** The value's node, of `add`, `replace` and `test`; else -1. */
  readonly value: number
}

const WITH_VALUE: ReadonlySet<string> = new Set(['add', 'replace', 'test'])
const WITH_FROM: ReadonlySet<string> = new Set(['move', 'copy'])

/**
 * The operations, or the node of the first thing that is none. Members that RFC 6902 does not name are refused, although it
 * says that they are ignored: not everybody does.
 */
export function readOperations(
  tape: Tape,
): { readonly operations: readonly Operation[] } | { readonly fault: number } {
  if (tape.kind[0] !== KIND_ARRAY) return { fault: 0 }
  const operations: Operation[] = []
  for (const node of childrenOf(tape, 0)) {
    const operation = readOperation(tape, node)
    if (operation === undefined || operations.length === OPERATIONS_MAX) return { fault: node }
    operations.push(operation)
  }
  return { operations }
}

function readOperation(tape: Tape, node: number): Operation | undefined {
  if (tape.kind[node] !== KIND_OBJECT) return undefined
  const members = new Map<string, number>()
  for (const member of childrenOf(tape, node)) members.set(memberNameOf(tape, member), member)
  const textOf = (name: string) => {
    const leaf = leafAt(tape, members.get(name) ?? -1)
    return leaf?.type === 'string' ? leaf.text : undefined
  }
  const op = textOf('op') ?? ''
  const withValue = WITH_VALUE.has(op)
  const withFrom = WITH_FROM.has(op)
  if (!withValue && !withFrom && op !== 'remove') return undefined
  const names = ['op', 'path', ...(withValue ? ['value'] : []), ...(withFrom ? ['from'] : [])]
  if (members.size !== names.length || !names.every((name) => members.has(name))) return undefined
  const path = parsePointer(textOf('path') ?? '?')
  const from = withFrom ? parsePointer(textOf('from') ?? '?') : []
  if (path === undefined || from === undefined) return undefined
  return { node, op: op as Operation['op'], path, from, value: members.get('value') ?? -1 }
}
