/** `redact`: the whole value is replaced by a marker. */
import type { Leaf, OperatorInstance } from '../operator.ts'
import type { Transformed } from '../../json/program-source.ts'
import { defineOperator } from './shared/define-operator.ts'
import { constant, KEEP, REDACTED, REDACTED_RESULT } from './shared/marks.ts'

/** Plain `redact`, which is also where operators end up that cannot be compared. */
export const REDACT: OperatorInstance = {
  name: 'redact',
  id: 'redact',
  leaf: constant(REDACTED),
  container: constant(REDACTED),
  partial: false,
}

const BY_TYPE: Readonly<Record<Leaf['type'], Transformed>> = {
  string: REDACTED_RESULT,
  number: { kind: 'json', json: '0' },
  boolean: { kind: 'json', json: 'false' },
  null: KEEP,
}

// An object cannot be told from an array by an edit of containers, so their shape stays and each leaf below is replaced.
const REDACT_BY_TYPE: OperatorInstance = {
  name: 'redact',
  id: 'redact(keepType)',
  leaf: { kind: 'transform', apply: (value) => BY_TYPE[value.type] },
  container: undefined,
  partial: false,
}

export const redact = defineOperator<{ readonly keepType?: boolean }>({
  name: 'redact',
  summary:
    'Replaces the whole value, also a whole object or array, by "[redacted]". With keepType a number becomes 0, a boolean false, null stays, and objects and arrays keep their shape.',
  parameters: {
    type: 'object',
    properties: { keepType: { type: 'boolean' } },
    additionalProperties: false,
    default: {},
  },
  example: 'redact',
  build: ({ keepType }) => (keepType === true ? REDACT_BY_TYPE : REDACT),
})
