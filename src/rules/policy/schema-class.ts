/** The part of the policy schema that describes a data class. */
import { RECOGNIZERS } from '../../recognizers/registry.ts'
import { assuranceNeeded } from './schema-identity.ts'
import { object, text } from './schema-parts.ts'

/** Countries whose national numbers are looked for. */
export const countries = {
  type: 'array',
  minItems: 1,
  maxItems: 300,
  uniqueItems: true,
  items: { type: 'string', pattern: '^[A-Z]{2}$' },
  description: 'ISO 3166 codes of countries whose national numbers are looked for in text.',
}

const texts = (description: string, maxItems: number) => ({
  type: 'array',
  minItems: 1,
  maxItems,
  uniqueItems: true,
  items: { type: 'string', minLength: 1, maxLength: 1024 },
  description,
})

const findInText = object('How it is found in text, for the operator scan.', {
  recognizers: {
    type: 'array',
    maxItems: 50,
    uniqueItems: true,
    items: { enum: RECOGNIZERS.map(({ name }) => name) },
    description: 'Instead of those that the class has by its name.',
  },
  countries,
  patterns: texts('I-Regexps (RFC 9485), each for whole words.', 20),
  allow: texts("Values that are nobody's; with * at an end all that end or begin so.", 1000),
  atLeast: {
    type: 'number',
    minimum: 0.2,
    maximum: 1,
    description: 'What is less sure stays. Default 0.5.',
  },
})

/** One entry of `classes`. */
export const dataClass = object(
  'A data class.',
  {
    mask: { description: 'An operator, see docs/policy.md.' },
    sensitive: { type: 'boolean', description: 'Showing it needs a justification.' },
    assurance: assuranceNeeded,
    find: findInText,
    owner: text('Who answers for it; printed in the register.'),
  },
  ['mask'],
)
