/** Treats a value that is no container: ids of data subjects, counters, its edit. */
import type { State } from '../automaton/state.ts'
import { JsonOperatorError, JsonStringLengthError } from '../errors.ts'
import type { Edit, Leaf, Transformed } from '../program-source.ts'
import * as flags from './flags.ts'
import { keepItem, removeItem } from './item.ts'
import { isJsonText } from './skip-value.ts'
import { decodeText } from './string-text.ts'
import { subjectIdAt } from './subject-id.ts'
import type { Walk } from './walk.ts'

const { ITEM_WORK } = flags

const QUOTE = 0x22
const LETTER_F = 0x66
const LETTER_N = 0x6e
const LETTER_T = 0x74

const NULL = Buffer.from('null')

/** Edits that write what does not hang on the value. */
type FixedEdit = Exclude<Edit, { kind: 'transform' }>

/**
 * Does all that is to be done at the value at hand, whose state is `child`. False where a transform needs keys: then
 * nothing has happened, and `walk.needed` has their ids. Throws a JsonOperatorError or JsonStringLengthError.
 */
export function treatLeaf(walk: Walk, child: number): boolean {
  const isDone = treatValue(walk, walk.stateAt(child))
  // An operator may have run this very program over a nested document, and filled its automaton.
  walk.syncAutomaton()
  return isDone
}

/** The same, where the automaton in use stays what it is. */
export function treatValue(walk: Walk, state: State): boolean {
  const { leaf: edit, counters } = state.onLeaf
  if (edit?.kind === 'transform' && !state.isPlace && (walk.flags & ITEM_WORK) === 0) {
    return treatTransform(walk, edit, counters)
  }
  if (edit?.kind === 'transform' || state.opens.length > 0 || state.ids.length > 0) {
    return treatWhole(walk, state)
  }
  const removes = edit?.kind === 'suppress' && walk.depth > 0
  if (removes) removeItem(walk)
  else if ((walk.flags & ITEM_WORK) !== 0) keepItem(walk)
  if (counters.length > 0) count(walk, counters)
  if (removes) dropValue(walk)
  else if (edit !== undefined) writeFixed(walk, edit)
  return true
}

/** Removes the value at hand, which is not the first of its container, with the comma at `lead`. */
export function removeLeaf(walk: Walk, { onLeaf }: State, lead: number): void {
  walk.output.copyTo(lead)
  walk.output.copied = walk.valueEnd
  count(walk, onLeaf.counters)
}

/** The same where the value is transformed, is an id, or is a data subject's place of its own. */
function treatWhole(walk: Walk, state: State): boolean {
  const { leaf: edit, counters } = state.onLeaf
  if (edit?.kind === 'transform' || state.ids.length > 0) requireShort(walk)
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
  count(walk, counters)
  walk.counts.commit(counts, walk.scopes)
  if (state.opens.length > 0) walk.scopes.close(walk.depth)
  if (removes) dropValue(walk)
  else if (result !== undefined) writeResult(walk, result)
  else if (edit !== undefined && edit.kind !== 'transform') writeFixed(walk, edit)
  return true
}

/** The same where that is all there is to do, which is frequent. */
function treatTransform(
  walk: Walk,
  edit: Extract<Edit, { kind: 'transform' }>,
  counters: readonly number[],
): boolean {
  requireShort(walk)
  const result = transform(walk, edit)
  if (result.kind === 'need') {
    walk.needed = result.keyIds
    walk.counts.discard()
    return false
  }
  count(walk, counters)
  walk.counts.commit(walk.counts.take(), walk.scopes)
  writeResult(walk, result)
  return true
}

/** Throws a JsonStringLengthError where the value is a string that is too long to be held. */
function requireShort({ bytes, valueStart, valueEnd, limits }: Walk): void {
  if (valueEnd - valueStart - 2 <= limits.stringBytesMax || bytes[valueStart] !== QUOTE) return
  throw new JsonStringLengthError(valueStart, 'a string longer than can be held')
}

/** Counts one in each counter, but for null and for the empty string: nobody's data is in them. */
function count({ bytes, valueStart, valueEnd, scopes }: Walk, counters: readonly number[]): void {
  const first = bytes[valueStart]
  if (first === LETTER_N || (first === QUOTE && valueEnd === valueStart + 2)) return
  for (const counter of counters) scopes.count(counter, 1)
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

function writeResult(walk: Walk, result: Exclude<Transformed, { kind: 'need' }>): void {
  const { output, valueStart, valueEnd } = walk
  if (result.kind === 'string') output.replaceString(valueStart, valueEnd, result.text)
  else if (result.kind === 'json') output.replace(valueStart, valueEnd, Buffer.from(result.json))
}

function writeFixed(walk: Walk, edit: FixedEdit): void {
  const json = fixedJson(edit, walk)
  if (json === undefined) return
  walk.output.replace(walk.valueStart, walk.valueStart, json)
  dropValue(walk)
}

/** What is written whatever the value is; undefined where it stays. */
function fixedJson(edit: FixedEdit, walk: Walk): Buffer | undefined {
  if (edit.kind === 'suppress') return NULL
  if (edit.kind === 'constant') return edit.json
  switch (walk.bytes[walk.valueStart]) {
    case QUOTE:
      return edit.string
    case LETTER_N:
      return undefined
    case LETTER_T:
    case LETTER_F:
      return edit.boolean
    default:
      return edit.number
  }
}

/** Drops the value, and what of it is still to come. */
function dropValue(walk: Walk): void {
  if (walk.valueEnd < 0) walk.dropping = walk.depth
  else walk.output.copied = walk.valueEnd
}
