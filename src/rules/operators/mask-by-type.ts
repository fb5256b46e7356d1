/** What happens to a leaf that no line of the policy names, where `unlisted: mask` is said. */
import { Buffer } from 'node:buffer'
import type { OperatorInstance } from '../operator.ts'

/** What stands for a text. */
export const MASKED_TEXT = '[masked]'

const INSTANCE: OperatorInstance = {
  name: 'mask',
  id: 'mask(by type)',
  leaf: {
    kind: 'by-type',
    string: Buffer.from(JSON.stringify(MASKED_TEXT)),
    number: Buffer.from('0'),
    boolean: Buffer.from('false'),
  },
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
