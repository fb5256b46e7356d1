/** The part of the policy schema that describes roles. */
import { map, object, ROLE, text } from './schema-parts.ts'
import { roleBreakGlass, roleReveal } from './schema-reveal.ts'

const classes = (description: string) => ({
  type: 'array',
  maxItems: 1000,
  items: { type: 'string', minLength: 1 },
  description,
})

/** `roles`. */
export const roles = map(
  'Who may see what.',
  ROLE,
  object('A role.', {
    show: classes('Classes in clear; contact.* for all below.'),
    write: classes('Classes that it may set without seeing them; contact.* for all below.'),
    reveal: roleReveal,
    breakGlass: roleBreakGlass,
    justification: text('Why, where a shown or revealed class is sensitive.'),
    owner: text('Who answers for it; printed in the register.'),
  }),
  { minProperties: 1 },
)
