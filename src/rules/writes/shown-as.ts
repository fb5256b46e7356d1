/** Applies operators to single values, outside of a masking program. */
import { CelosiaError } from '../../core/errors.ts'
import { JsonOperatorError } from '../../json/errors.ts'
import type { Limits } from '../../json/limits.ts'
import type { Edit, Leaf } from '../../json/program-source.ts'
import type { OperatorInstance } from '../operator.ts'
import { leafOfJson } from './leaf.ts'

/** What an operator leaves of a leaf, or of a container where `raw` is undefined. Undefined: nothing, or what is no leaf. */
export function shownAs(
  { leaf: edit, container }: OperatorInstance,
  raw: Leaf | undefined,
  limits: Limits,
): Leaf | undefined {
  if (raw !== undefined) return edited(edit, raw, limits)
  return container?.kind === 'constant' ? leafOfJson(container.json.toString()) : undefined
}

function edited(edit: Edit, raw: Leaf, limits: Limits): Leaf | undefined {
  switch (edit.kind) {
    case 'suppress':
      return undefined
    case 'constant':
      return leafOfJson(edit.json.toString())
    case 'by-type':
      return raw.type === 'null' ? raw : leafOfJson(edit[raw.type].toString())
    default:
      return transformed(edit, raw, limits)
  }
}

function transformed(
  edit: Extract<Edit, { kind: 'transform' }>,
  raw: Leaf,
  limits: Limits,
): Leaf | undefined {
  const result = applied(edit, raw, limits)
  switch (result.kind) {
    case 'keep':
      return raw
    case 'string':
      return { type: 'string', text: result.text.toWellFormed() }
    case 'json':
      return leafOfJson(result.json.toString())
    default:
      throw new JsonOperatorError(0, 'an operator needs keys that nobody fetches')
  }
}

function applied(
  edit: Extract<Edit, { kind: 'transform' }>,
  raw: Leaf,
  limits: Limits,
): ReturnType<typeof edit.apply> {
  try {
    return edit.apply(raw, { count: () => {}, limits, reader: undefined })
  } catch (cause) {
    if (cause instanceof CelosiaError) throw cause
    throw new JsonOperatorError(0, 'an operator failed on a value', { cause })
  }
}
