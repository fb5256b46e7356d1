/** The part of the policy schema on reveals: one class in clear for one request. */
import { assuranceNeeded } from './schema-identity.ts'
import { CLASS, duration, map, NAME, object, text } from './schema-parts.ts'
import { time, weekdays } from './schema-times.ts'

/** `roles.*.reveal`. */
export const roleReveal = map(
  'Classes that the role may see in clear for one request (Celosia-Reveal), and under which conditions.',
  CLASS,
  object('Conditions.', {
    reason: {
      enum: ['required', 'optional'],
      description: 'Whether a reason must be given. Default required.',
    },
    assurance: assuranceNeeded,
    budget: text('Distinct data subjects a day for one agent: 20/day. Left out: any number.', {
      pattern: '^[1-9][0-9]{0,3}/day$',
    }),
    hours: object(
      'When it may be asked for, in reveal.timeZone. Left out: at any time.',
      {
        days: weekdays,
        from: time('The first minute: 08:00'),
        to: time('The minute after the last: 18:00'),
      },
      ['from', 'to'],
    ),
    notify: { type: 'boolean', description: 'Each reveal raises a finding of low severity.' },
    justification: text('Why, where the class is sensitive.'),
  }),
)

/** `roles.*.breakGlass`. */
export const roleBreakGlass = object(
  'Classes that somebody with the role may be granted for a time, with the consent of a second person.',
  {
    classes: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: { type: 'string', pattern: CLASS },
      description: 'Their names.',
    },
    for: duration('Longest time of a grant. At most 24h.'),
    assurance: assuranceNeeded,
    justification: text('Why, where a class is sensitive.'),
  },
  ['classes', 'for'],
)

const approvers = map(
  'Who may approve a grant (celosia grant approve), by name.',
  NAME,
  object(
    'An approver.',
    {
      key: text('Public key, Ed25519: openssl pkey -in dana.pem -pubout -outform DER | base64', {
        pattern: '^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$',
      }),
      subject: text('The `sub` of their tokens: nobody approves for themselves.'),
    },
    ['key'],
  ),
  { maxProperties: 50 },
)

/** `reveal`. */
export const reveal = object('What a reason for a reveal can be, and the zone of its days.', {
  reasons: {
    type: 'array',
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
    items: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' },
    description: 'Codes that can be given as a reason.',
  },
  ticket: {
    enum: ['integer', 'uuid', 'slug'],
    description: 'The type of the ticket id that stands after the code. Left out: none does.',
  },
  approvers,
  freeText: object(
    'A text may be given beside the code. It is refused where personal data is found in it, and on record encrypted.',
    {
      scan: {
        type: 'array',
        minItems: 1,
        maxItems: 64,
        uniqueItems: true,
        items: { type: 'string', pattern: CLASS },
        description: 'Classes that are looked for in it.',
      },
      key: text('Public key, X25519: openssl pkey -in officer.pem -pubout -outform DER | base64', {
        pattern: '^MCowBQYDK2VuAyEA[A-Za-z0-9+/]{43}=$',
      }),
    },
    ['scan', 'key'],
  ),
  timeZone: text('The zone of days and hours: Europe/Berlin. Default UTC.', { maxLength: 64 }),
})
