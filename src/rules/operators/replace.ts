/** `replace`: always the same value of the author's choice. */
import { defineOperator } from './shared/define-operator.ts'
import { OperatorParameterError } from './errors.ts'
import { constant } from './shared/marks.ts'

const TEXT_UNITS_MAX = 1_000

export const replace = defineOperator<string | number | boolean | null>({
  name: 'replace',
  summary: 'Replaces the whole value, also a whole object or array, by the one given.',
  parameters: { type: ['string', 'number', 'boolean', 'null'], maxLength: TEXT_UNITS_MAX },
  example: '{ replace: hidden }',
  build: (value) => {
    // YAML readers hand such numbers over already rounded: what leaves would not be what the author wrote.
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new OperatorParameterError(
        'operator replace: the number is too large to be exact; write it as a string',
      )
    }
    const edit = constant(value)
    return {
      name: 'replace',
      id: `replace(${JSON.stringify(value)})`,
      leaf: edit,
      container: edit,
      partial: false,
    }
  },
})
