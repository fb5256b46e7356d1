/** `scan`: personal data found in free text. A word of the policy language that is refused until it can be done. */
import { defineOperator } from './shared/define-operator.ts'
import { NotSupportedError } from './errors.ts'

export const scan = defineOperator<readonly string[]>({
  name: 'scan',
  summary: 'Conceals data of the listed classes in free text. Not in this version: use redact.',
  parameters: { type: 'array', items: { type: 'string' }, minItems: 1 },
  example: '{ scan: [payment.card, contact.email] }',
  build: () => {
    throw new NotSupportedError('scan comes with the recognizers; use redact')
  },
})
