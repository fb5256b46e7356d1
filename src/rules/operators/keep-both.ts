/** `keepBoth`: the first and the last graphemes stay. */
import { defineOperator } from './shared/define-operator.ts'
import { KEPT_COUNT, keepEnds } from './shared/keep-ends.ts'

export const keepBoth = defineOperator<readonly [number, number]>({
  name: 'keepBoth',
  summary:
    'Keeps the first and the last characters and writes *** for what lies between, whatever its length; where fewer than four characters would be hidden, the whole value becomes ***.',
  parameters: {
    type: 'array',
    prefixItems: [KEPT_COUNT, KEPT_COUNT],
    minItems: 2,
    items: false,
  },
  example: '{ keepBoth: [2, 2] }',
  build: ([first, last]) => keepEnds('keepBoth', `keepBoth(${first}, ${last})`, first, last),
})
