/** What happens to a leaf that no line of the policy names, where `unlisted: mask` is said. */
import type { Leaf, OperatorInstance } from '../operator.ts'
import type { Transformed } from '../../json/program-source.ts'
import { KEEP } from './shared/marks.ts'

const BY_TYPE: Readonly<Record<Leaf['type'], Transformed>> = {
  string: { kind: 'json', json: '"[masked]"' },
  number: { kind: 'json', json: '0' },
  boolean: { kind: 'json', json: 'false' },
  null: KEEP,
}

const INSTANCE: OperatorInstance = {
  name: 'mask',
  id: 'mask(by type)',
  leaf: { kind: 'transform', apply: (value) => BY_TYPE[value.type] },
  container: undefined,
  partial: false,
}

/**
 * Masks by type, so that a client that reads the document still finds what it expects: a string becomes "[masked]", a number 0, a
 * boolean false; null stays, objects and arrays keep their shape. Policies have no name for it.
 */
export function maskByType(): OperatorInstance {
  return INSTANCE
}
