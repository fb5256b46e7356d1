/** `number`: a number made coarser. It stays a number. */
import type { Leaf } from '../operator.ts'
import type { Transformed } from '../../json/program-source.ts'
import { parseDecimal, toMultiple } from './shared/decimal.ts'
import { defineOperator } from './shared/define-operator.ts'
import { KEEP, REDACTED_RESULT } from './shared/marks.ts'
import { TEXT_UNITS_MAX } from './shared/text-operator.ts'

// 1 would leave every whole number as it is.
const STEP = { type: 'integer', minimum: 2, maximum: 1_000_000_000_000_000 } as const

interface NumberParameters {
  readonly round?: number
  readonly bucket?: number
}

export const number = defineOperator<NumberParameters>({
  name: 'number',
  summary:
    'Rounds to the next multiple, 1234 to 1200 with round: 100, or down to the start of a bucket, 1999 to 1000 with bucket: 1000. Exact for numbers of any size; a string that holds a number stays a string; anything else is redacted.',
  parameters: {
    type: 'object',
    properties: { round: STEP, bucket: STEP },
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  },
  example: '{ number: { round: 100 } }',
  build: ({ round, bucket }) => {
    const down = bucket !== undefined
    const step = bucket ?? round ?? 0
    return {
      name: 'number',
      id: `number(${down ? 'bucket' : 'round'} ${step})`,
      leaf: { kind: 'transform', apply: (value) => coarse(value, BigInt(step), down) },
      container: undefined,
      partial: true,
    }
  },
})

/** Null and the empty string stay, as with all operators that keep a part; a boolean is redacted. */
function coarse(value: Leaf, step: bigint, down: boolean): Transformed {
  if (value.type === 'null' || value.text === '') return KEEP
  if (value.type === 'boolean' || value.text.length > TEXT_UNITS_MAX) return REDACTED_RESULT
  const decimal = parseDecimal(value.text.trim())
  if (decimal === undefined) return REDACTED_RESULT
  const text = toMultiple(decimal, step, down).toString()
  if (text === value.text) return KEEP
  return value.type === 'string' ? { kind: 'string', text } : { kind: 'json', json: text }
}
