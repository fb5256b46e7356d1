/** The part of the policy schema that describes searches. */
import { GRAMMARS } from '../search/grammars.ts'
import { WHOLE_VALUE_FORMS } from '../search/whole-value.ts'
import { CLASS, map, object, text } from './schema-parts.ts'

const FIELD = '^[A-Za-z_][\\w./ -]{0,63}(?:\\.?\\{[^{}\'"]{1,64}\\})?$'

const meaning = {
  description: 'A class, `plain`, or the values that are allowed.',
  anyOf: [
    { type: 'string', pattern: CLASS },
    { type: 'array', minItems: 1, maxItems: 200, items: { type: ['string', 'number', 'boolean'] } },
  ],
}

/** `routes[].search`. */
export const search = {
  type: 'array',
  maxItems: 20,
  description: 'Where a request searches, sorts or selects, and by what.',
  items: object(
    'One expression.',
    {
      parameter: text('The query parameter that it stands in.', { maxLength: 64 }),
      path: text('The parameter of the path that is a value to look for: a login.', {
        maxLength: 64,
      }),
      body: text('The location in the body that it stands at: $.query'),
      grammar: {
        enum: GRAMMARS.map(({ name }) => name),
        description: 'The language that it is written in.',
      },
      class: text('For `value`: the class of the value, or `plain`.', { pattern: CLASS }),
      fields: map(
        'For the other languages: the fields that it may name, each with its class.',
        FIELD,
        meaning,
        { minProperties: 1 },
      ),
      words: {
        ...meaning,
        description: 'What words without a field look into. Left out: they are not understood.',
      },
      exact: map(
        'Classes that those who do not see them may search by one whole value, each with its form.',
        CLASS,
        { enum: WHOLE_VALUE_FORMS },
        { minProperties: 1 },
      ),
    },
    ['grammar'],
  ),
} as const
