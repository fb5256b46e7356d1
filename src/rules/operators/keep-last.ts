/** `keepLast`: the last graphemes stay. */
import { defineOperator } from './shared/define-operator.ts'
import { KEPT_COUNT, keepEnds } from './shared/keep-ends.ts'

export const keepLast = defineOperator<number>({
  name: 'keepLast',
  summary:
    'Keeps the last characters and writes *** for the rest, whatever its length; where fewer than four characters would be hidden, the whole value becomes ***.',
  parameters: KEPT_COUNT,
  example: '{ keepLast: 4 }',
  build: (count) => keepEnds('keepLast', `keepLast(${count})`, 0, count),
})
