/** Edits of a document by nodes: they do what the same edits of a parsed value do, and leave all other bytes as they came. */
import { test } from 'tap'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { DEFAULT_LIMITS } from '../../src/json/limits.ts'
import { Splices } from '../../src/json/splice.ts'
import { childrenOf, isContainer, memberNameOf } from '../../src/json/tape/children.ts'
import { buildTape, KIND_OBJECT, type Tape } from '../../src/json/tape/tape.ts'

interface Edited {
  readonly tape: Tape
  readonly splices: Splices
  /** The node at the path of names and indices. */
  readonly at: (...path: (string | number)[]) => number
}

function edited(json: string): Edited {
  const bytes = Buffer.from(json)
  const tape = buildTape(bytes, 0, bytes.length, DEFAULT_LIMITS)
  const step = (node: number, key: string | number): number =>
    [...childrenOf(tape, node)].find((child, index) =>
      typeof key === 'number' ? index === key : memberNameOf(tape, child) === key,
    ) ?? -1
  return { tape, splices: new Splices(tape), at: (...path) => path.reduce(step, 0) }
}

test('bytes that no edit is about stay as they came', (t) => {
  const { splices, at } = edited(' { "a" : 1 ,\n "b":[ 1 , 2 ,3 ], "c" : { } } ')
  t.equal(splices.empty, true)
  splices.put(at('b', 1), Buffer.from('"two"'))
  splices.add(at('c'), Buffer.from('"d":4'))
  t.equal(splices.empty, false)
  t.equal(splices.write().toString(), ' { "a" : 1 ,\n "b":[ 1 , "two" ,3 ], "c" : {"d":4 } } ')
  t.end()
})

test('items taken out leave no comma too many', (t) => {
  for (const [drops, result] of [
    [[0], '[ 2, 3]'],
    [[1], '[1, 3]'],
    [[2], '[1, 2]'],
    [[0, 1], '[ 3]'],
    [[1, 2], '[1]'],
    [[0, 1, 2], '[]'],
  ] as const) {
    const { splices, at } = edited('[1, 2, 3]')
    for (const index of drops) splices.drop(at(index))
    t.equal(splices.write().toString(), result)
    t.equal(splices.isDropped(at(drops[0])), true)
  }
  t.end()
})

test('elements come before others, also before one that is taken out', (t) => {
  const { splices, at } = edited('[1, 2]')
  splices.addBefore(0, at(0), Buffer.from('"a"'))
  splices.addBefore(0, at(0), Buffer.from('"b"'))
  splices.addBefore(0, at(1), Buffer.from('"c"'))
  splices.drop(at(1))
  splices.add(0, Buffer.from('"d"'))
  t.same(JSON.parse(splices.write().toString()), ['a', 'b', 1, 'c', 'd'])
  t.end()
})

test('an edit inside of a value that is replaced or taken out is lost', (t) => {
  const { splices, at } = edited('{"a":{"b":[1]},"c":[[2]]}')
  splices.put(at('a', 'b', 0), Buffer.from('9'))
  splices.put(at('a'), Buffer.from('0'))
  splices.add(at('c', 0), Buffer.from('8'))
  splices.drop(at('c', 0))
  t.equal(splices.write().toString(), '{"a":0,"c":[]}')
  t.end()
})

test('the root can be replaced', (t) => {
  const { splices } = edited(' [1] ')
  splices.put(0, Buffer.from('{}'))
  t.equal(splices.write().toString(), ' {} ')
  t.end()
})

type Edit = 'keep' | 'put' | 'drop' | 'add' | 'before'
const EDITS = ['keep', 'keep', 'put', 'drop', 'add', 'before'] as const

/** The value of a node after edits, by nothing but the tape. */
function modelOf(tape: Tape, node: number, edits: readonly Edit[]): unknown {
  const editOf = (one: number): Edit => edits[one % edits.length] ?? 'keep'
  if (editOf(node) === 'put') return 'put'
  if (!isContainer(tape, node)) {
    return JSON.parse(Buffer.from(tape.bytes.subarray(tape.start[node], tape.end[node])).toString())
  }
  const children = [...childrenOf(tape, node)]
  const isAdded = editOf(node) === 'add'
  if (tape.kind[node] === KIND_OBJECT) {
    const members = children
      .filter((child) => editOf(child) !== 'drop')
      .map((child) => [memberNameOf(tape, child), modelOf(tape, child, edits)])
    return Object.fromEntries(isAdded ? [...members, ['added!', 'added']] : members)
  }
  const items = children.flatMap((child) => {
    if (editOf(child) === 'drop') return []
    const item = modelOf(tape, child, edits)
    return editOf(child) === 'before' ? ['before', item] : [item]
  })
  return isAdded ? [...items, 'added'] : items
}

function applyEdits(document: Edited, node: number, edits: readonly Edit[]): void {
  const { tape, splices } = document
  const edit = edits[node % edits.length]
  if (edit === 'put') splices.put(node, Buffer.from('"put"'))
  if (!isContainer(tape, node)) return
  const isObject = tape.kind[node] === KIND_OBJECT
  if (edit === 'add') splices.add(node, Buffer.from(isObject ? '"added!":"added"' : '"added"'))
  for (const child of childrenOf(tape, node)) {
    const its = edits[child % edits.length]
    if (its === 'drop') splices.drop(child)
    if (its === 'before' && !isObject) splices.addBefore(node, child, Buffer.from('"before"'))
    applyEdits(document, child, edits)
  }
}

test('edits at random', (t) => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.nat(3),
      fc.array(fc.constantFrom(...EDITS), { minLength: 1, maxLength: 40 }),
      (value, indent, edits) => {
        const json = JSON.stringify(value, undefined, indent)
        const document = edited(json)
        applyEdits(document, 0, edits)
        const written: unknown = JSON.parse(document.splices.write().toString())
        return isDeepStrictEqual(written, modelOf(document.tape, 0, edits))
      },
    ),
    { numRuns: 2_000 },
  )
  t.end()
})
