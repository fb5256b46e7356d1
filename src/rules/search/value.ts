/** A parameter or member that is nothing but a value to look for: the upstream compares one field with the whole of it. */
import type { TextGrammar } from './grammar.ts'

/** The name of its one field. */
export const VALUE_FIELD = 'value'

const VALUE = /^[^\p{C}]{1,500}$/u

export const value: TextGrammar = {
  name: 'value',
  wholeValues: true,
  parse: (text) =>
    VALUE.test(text)
      ? {
          kind: 'term',
          field: VALUE_FIELD,
          operator: '',
          value: text,
          quoted: false,
          equals: true,
        }
      : undefined,
  format: (expression) => (expression.kind === 'term' ? expression.value : ''),
}
