/** The part of the policy's schema that only the register prints: what a record of processing says beside the rules. */
import { map, object, text } from './schema-parts.ts'

const texts = (description: string) => ({
  type: 'array',
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  items: { type: 'string', minLength: 1, maxLength: 1024 },
  description,
})

/** `register`. */
export const register = object(
  'What the register (celosia insight register) says beside the rules, as GDPR art. 30(1) asks. It decides nothing.',
  {
    controller: text('Name and contact of the controller.'),
    officer: text('Name and contact of the data protection officer.'),
    purposes: texts('What the data is processed for.'),
    dataSubjects: texts('Categories of data subjects: customers, callers on their behalf.'),
    recipients: texts('To whom the data is disclosed, beside the roles.'),
    transfers: texts(
      'Third countries it is transferred to, with the safeguards; or that there are none.',
    ),
    measures: texts('Technical and organisational measures, beside those of the policy.'),
    retention: map(
      'How long the helpdesk keeps data, by class; contact.* for all below. Stated, not enforced.',
      '^[a-z][a-z0-9]*([._-][a-z0-9]+)*(\\.\\*)?$',
      text('10 years after the contract ends, tax law'),
      { minProperties: 1 },
    ),
  },
)
