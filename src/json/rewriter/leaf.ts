/** Treats a value that is no container: ids of data subjects, counters, its edit. */
import { strict as assert } from 'node:assert'
import type { State } from '../automaton/state.ts'
import { JsonOperatorError, JsonStringLengthError } from '../errors.ts'
import type { Edit, Leaf, Transformed } from '../program-source.ts'
import { keepItem, removeItem } from './item.ts'
import { isJsonText } from './skip-value.ts'
import { decodeText } from './string-text.ts'
import { subjectIdAt } from './subject-id.ts'
import type { Walk } from './walk.ts'

const QUOTE = 0x22
const LETTER_F = 0x66
const LETTER_N = 0x6e
const LETTER_T = 0x74

const NULL = Buffer.from('null')

/**
 * Does all that is to be done at the value at hand, whose state is `child`. False where a transform needs keys: then
 * nothing has happened, and `walk.needed` has their ids. Throws a JsonOperatorError or JsonStringLengthError.
 */
export function treatLeaf(walk: Walk, child: number): boolean {
  const state = walk.stateAt(child)
  const { leaf: edit, counters } = state.onLeaf
  const isHeld = edit?.kind === 'transform' || state.ids.length > 0
  if (isHeld && walk.valueEnd - walk.valueStart - 2 > walk.limits.stringBytesMax) {
    if (walk.bytes[walk.valueStart] === QUOTE) {
      throw new JsonStringLengthError(walk.valueStart, 'a string longer than can be held')
    }
  }
  const result = edit?.kind === 'transform' ? transform(walk, edit) : undefined
  if (result?.kind === 'need') {
    walk.needed = result.keyIds
    walk.counts.discard()
    return false
  }
  const counts = walk.counts.take()
  const removes = edit?.kind === 'suppress' && walk.depth > 0
  if (removes) removeItem(walk)
  else keepItem(walk)
  for (const scope of state.opens) walk.scopes.open(scope, walk.depth)
  if (state.ids.length > 0) tellIds(walk, state)
  for (const counter of counters) walk.scopes.count(counter, 1)
  walk.counts.commit(counts, walk.scopes)
  if (state.opens.length > 0) walk.scopes.close(walk.depth)
  if (removes) dropValue(walk)
  else if (edit !== undefined) replaceValue(walk, edit, result)
  return true
}

/** The value as operators see it. */
function leafAt(walk: Walk): Leaf {
  const { bytes, valueStart, valueEnd } = walk
  switch (bytes[valueStart]) {
    case QUOTE:
      return { type: 'string', text: decodeText(bytes, valueStart + 1, valueEnd - 1) }
    case LETTER_T:
      return { type: 'boolean', text: 'true' }
    case LETTER_F:
      return { type: 'boolean', text: 'false' }
    case LETTER_N:
      return { type: 'null', text: 'null' }
    default:
      return { type: 'number', text: bytes.toString('latin1', valueStart, valueEnd) }
  }
}

function transform(walk: Walk, edit: Extract<Edit, { kind: 'transform' }>): Transformed {
  let result: Transformed
  try {
    result = edit.apply(leafAt(walk), walk.counts)
  } catch (cause) {
    throw new JsonOperatorError(walk.valueStart, 'an operator failed on a value', { cause })
  }
  // The operator may have run this very program over a nested document.
  walk.syncAutomaton()
  if (result.kind === 'json' && !isJsonText(Buffer.from(result.json))) {
    throw new JsonOperatorError(walk.valueStart, 'an operator answered with what is no JSON')
  }
  return result
}

function tellIds(walk: Walk, state: State): void {
  const id = subjectIdAt(walk.bytes, walk.valueStart, walk.valueEnd)
  if (id === undefined) return
  const { idLengths } = walk.holder.plan
  for (const scope of state.ids) {
    walk.scopes.found(scope, walk.depth - (idLengths[scope] ?? 0), id)
  }
}

function replaceValue(walk: Walk, edit: Edit, result: Transformed | undefined): void {
  const { output, valueStart, valueEnd } = walk
  if (edit.kind === 'transform') {
    assert(result !== undefined && result.kind !== 'need', 'a value whose operator has answered')
    if (result.kind === 'keep') return
    if (result.kind === 'json') {
      output.replace(valueStart, valueEnd, Buffer.from(result.json))
      return
    }
    output.replaceString(valueStart, valueEnd, result.text)
    return
  }
  output.replace(valueStart, valueStart, edit.kind === 'constant' ? edit.json : NULL)
  dropValue(walk)
}

/** Drops the value, and what of it is still to come. */
function dropValue(walk: Walk): void {
  if (walk.valueEnd < 0) walk.dropping = walk.depth
  else walk.output.copied = walk.valueEnd
}
