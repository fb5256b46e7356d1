/** The part of the policy schema on who looks too much. */
import { duration, map, NAME, object, text } from './schema-parts.ts'
import { time, weekdays } from './schema-times.ts'

const threshold = {
  type: 'integer',
  minimum: 1,
  maximum: 10_000,
  description: 'The threshold: one more is too many.',
}

const whole = (minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  minimum,
  maximum,
  description,
})

const baseline = object(
  'Instead of over and within: the count of a day against those of others with the same role.',
  {
    over: {
      type: 'number',
      minimum: 1,
      maximum: 100,
      description:
        'A robust z-score, 0.6745 (count - median) / MAD, greater than this is too much.',
    },
    days: whole(7, 60, 'Past days of the role that are looked at. Default 28.'),
    agentDays: whole(
      8,
      10_000,
      'Fewer days of others, all together, say nothing. More than days. Default 3 times days.',
    ),
    floor: whole(1, 1_000, 'The MAD is taken for at least this. Default 2.'),
    on: whole(1, 31, 'On so many of the last days it must be too much. Default 1.'),
    of: whole(1, 31, 'Of so many last days, today among them. Default: on.'),
    timeZone: text('IANA name of the zone in which days begin. Default UTC.', { maxLength: 64 }),
  },
  ['over'],
)

const count = object(
  'What is counted. Exactly one of distinct, sum, run, first and traps.',
  {
    distinct: {
      enum: ['dataSubject', 'searchTerm', 'agent'],
      description: 'Different data subjects, search terms or agents.',
    },
    sum: { enum: ['requests', 'locations'], description: 'Requests, or locations shown in clear.' },
    run: { enum: ['ids'], description: 'Ids in a path of which each lies next to one before it.' },
    traps: map(
      'Data subjects that nobody has a reason to look at, by kind: each look at one is a finding.',
      NAME,
      {
        type: 'array',
        minItems: 1,
        maxItems: 1_000,
        uniqueItems: true,
        items: { type: 'string', minLength: 1, maxLength: 256 },
        description: 'Their ids, as the helpdesk has them.',
      },
      { minProperties: 1, maxProperties: 50 },
    ),
    first: { enum: ['class'], description: 'The first look at a class within the window.' },
    over: threshold,
    within: duration('The window, sliding. At most 30d.'),
    after: duration('Of first: so long must the subject have been known. Default: within.'),
    baseline,
  },
  [],
)

/** `detect`. */
export const detect = {
  type: 'array',
  maxItems: 64,
  description: 'Who looks too much.',
  items: object(
    'A rule on look-ups.',
    {
      name: text('Shown in findings.', { maxLength: 100 }),
      per: {
        enum: ['subject', 'role', 'session', 'address', 'dataSubject'],
        description: 'Whose window it is. Default subject: one agent.',
      },
      classes: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: { type: 'string' },
        description: 'Classes that must have been exposed, or searched by. Left out: all.',
      },
      routes: {
        type: 'array',
        minItems: 1,
        maxItems: 1_000,
        uniqueItems: true,
        items: { type: 'string' },
        description: 'Routes, as their match says. Left out: all.',
      },
      effect: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { enum: ['read', 'search', 'write', 'reveal', 'export'] },
        description: 'What a request does; one of these is enough. Left out: anything.',
      },
      purpose: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        uniqueItems: true,
        items: { type: 'string' },
        description: 'What data is asked for; one of these is enough. Left out: for anything.',
      },
      outside: object(
        'Hours of work: only what happens outside counts.',
        {
          days: weekdays,
          from: time('The first minute of work: 08:00'),
          to: time('The minute after the last: 18:00'),
          timeZone: text('IANA name of the zone. Default UTC.', { maxLength: 64 }),
        },
        ['from', 'to'],
      ),
      count,
      rearm: {
        type: 'integer',
        minimum: 0,
        maximum: 10_000,
        description: 'The count must be back at this before another finding. Default: over.',
      },
      cooldown: duration('No other finding so soon after one. At most 30d. Left out: none.'),
      for: duration('Responses last at least so long after the threshold was passed. At most 30d.'),
      whenUnknown: {
        enum: ['refuse', 'flag'],
        description: 'Where the counters are away: refuse (default), or go on and write a finding.',
      },
      // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
      then: {
        type: 'array',
        minItems: 1,
        maxItems: 7,
        uniqueItems: true,
        description: 'What happens.',
        items: {
          anyOf: [
            { enum: ['flag', 'notify', 'mask', 'reason', 'block'] },
            object(
              'A fresh login.',
              { stepUp: text('The assurance level that is needed.', { maxLength: 64 }) },
              ['stepUp'],
            ),
            object(
              'Fewer requests.',
              {
                throttle: text('So many in a second, minute or hour: 10/m', {
                  pattern: '^[1-9][0-9]{0,3}/[smh]$',
                }),
              },
              ['throttle'],
            ),
          ],
        },
      },
    },
    ['name', 'count', 'then'],
  ),
}
