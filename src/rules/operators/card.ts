/** `card`: at most the first six and the last four digits of a payment card number (PCI DSS 3.4.1). */
import { defineOperator } from './shared/define-operator.ts'
import { OperatorParameterError } from './errors.ts'
import { textOperator } from './shared/text-operator.ts'

const BIN_MAX = 6
const LAST_MAX = 4

// ISO/IEC 7812-1: up to 19 digits, the shortest in use have 12.
const CARD = /^\d{12,19}$/
const SEPARATORS = /[ \-\u00a0]/g

/** Of a short number the first digits stay only where this many are hidden: the check digit gives one of them away. */
const HIDDEN_DIGITS_MIN = 5

/** Six, as such masks are commonly printed, whatever the length of the number. */
const CARD_MARK = '******'

interface CardParameters {
  readonly bin?: number
  readonly last?: number
}

export const card = defineOperator<CardParameters>({
  name: 'card',
  summary:
    'Keeps the last four digits of a payment card number: ******1111; with bin: 6 also the first six: 411111******1111, the most that PCI DSS 3.4.1 allows. What is no number of 12 to 19 digits is redacted.',
  parameters: {
    type: 'object',
    properties: {
      bin: { type: 'integer', minimum: 0, maximum: BIN_MAX },
      last: { type: 'integer', minimum: 0, maximum: LAST_MAX },
    },
    additionalProperties: false,
    default: {},
  },
  example: '{ card: { bin: 6, last: 4 } }',
  build: ({ bin = 0, last = LAST_MAX }) => {
    if (bin === 0 && last === 0) {
      throw new OperatorParameterError('operator card: keeps no digit so; use redact')
    }
    const masked = new RegExp(String.raw`^(\d{${bin}})?\*{6}\d{${last}}$`)
    return textOperator({
      name: 'card',
      id: `card(${bin}, ${last})`,
      mask: (text) => (masked.test(text) ? text : maskedCard(text, bin, last)),
    })
  },
})

function maskedCard(text: string, bin: number, last: number): string | undefined {
  const digits = text.replaceAll(SEPARATORS, '')
  if (!CARD.test(digits)) return undefined
  const first = digits.length - bin - last < HIDDEN_DIGITS_MIN ? '' : digits.slice(0, bin)
  return first + CARD_MARK + digits.slice(digits.length - last)
}
