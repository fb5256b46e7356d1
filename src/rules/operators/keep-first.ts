/** `keepFirst`: the first graphemes stay. */
import { defineOperator } from './shared/define-operator.ts'
import { KEPT_COUNT, keepEnds } from './shared/keep-ends.ts'

export const keepFirst = defineOperator<number>({
  name: 'keepFirst',
  summary:
    'Keeps the first characters and writes *** for the rest, whatever its length; where fewer than four characters would be hidden, the whole value becomes ***.',
  parameters: KEPT_COUNT,
  example: '{ keepFirst: 2 }',
  build: (count) => keepEnds('keepFirst', `keepFirst(${count})`, count, 0),
})
