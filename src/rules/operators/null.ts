/** `"null"`: the value is replaced by null. In YAML the name stands in quotes. */
import type { OperatorInstance } from '../operator.ts'
import { defineOperator } from './shared/define-operator.ts'
import { constant } from './shared/marks.ts'

const NULL: OperatorInstance = {
  name: 'null',
  id: 'null',
  leaf: constant(null),
  container: constant(null),
  partial: false,
}

export const nullOperator = defineOperator({
  name: 'null',
  summary:
    'Replaces the whole value, also a whole object or array, by null. Write the name in quotes: without them YAML reads an empty value.',
  parameters: undefined,
  example: '"null"',
  build: () => NULL,
})
