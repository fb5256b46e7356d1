/** `suppress`: the member or the element is not there any more. */
import type { OperatorInstance } from '../operator.ts'
import { defineOperator } from './shared/define-operator.ts'

/** The only instance. */
export const SUPPRESS: OperatorInstance = {
  name: 'suppress',
  id: 'suppress',
  leaf: { kind: 'suppress' },
  container: { kind: 'suppress' },
  partial: false,
}

export const suppress = defineOperator({
  name: 'suppress',
  summary:
    'Removes the member, with its name, or the element of the array. The most protective operator of all.',
  parameters: undefined,
  example: 'suppress',
  build: () => SUPPRESS,
})
