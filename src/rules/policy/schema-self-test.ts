/** The part of the policy schema on what the gateway asks itself for. */
import { duration, ENVIRONMENT_NAME, NAME, object, ROLE, text } from './schema-parts.ts'

const roleList = (description: string) => ({
  type: 'array',
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  items: { type: 'string', pattern: ROLE },
  description,
})

const hidden = object(
  'A value that is planted in the record. Exactly one of env and file.',
  {
    class: text('The data class of the value.', { maxLength: 200 }),
    env: text('The environment variable that holds the value.', { pattern: ENVIRONMENT_NAME }),
    file: text('The file that holds the value.'),
    from: roleList('Roles that must not be told it. Default: those that do not show its class.'),
    kept: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 256 },
      description: 'Parts of the value that masks keep: "@example.com".',
    },
  },
  ['class'],
)

const canary = object(
  'A record that exists in the helpdesk for this purpose.',
  {
    name: text('Shown in findings.', { pattern: NAME }),
    get: text('Path and query, as a caller would send them: /api/v2/users/900001'),
    purpose: text('What it is asked for, where the route wants to know.', { maxLength: 64 }),
    as: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: roleList('Roles of one subject.'),
      description: 'Whom to ask as. Default: each role that the route is for, by itself.',
    },
    hidden: { type: 'array', minItems: 1, maxItems: 20, items: hidden },
  },
  ['name', 'get', 'hidden'],
)

const direct = object(
  'A request without the credential of the gateway, which the helpdesk must refuse.',
  {
    upstream: text('Which one.', { pattern: NAME }),
    path: text('Path and query below its address: /api/v2/users/900001'),
    refused: {
      type: 'array',
      minItems: 1,
      maxItems: 10,
      uniqueItems: true,
      items: { type: 'integer', minimum: 300, maximum: 499 },
      description: 'Statuses that are a refusal. Default 401 and 403.',
    },
  },
  ['upstream', 'path'],
)

/** `selfTest`. */
export const selfTest = object('What the gateway asks itself for, to find out whether it masks.', {
  interval: duration('How often: 10s to 1h. Default 1m.'),
  timeout: duration('How long an answer may take: 1s to 1m. Default 10s.'),
  onLeak: {
    enum: ['flag', 'refuse-route', 'refuse-all'],
    description:
      'What follows a leak beside the finding: nothing (default), the route is refused, or all routes.',
  },
  records: { type: 'array', minItems: 1, maxItems: 20, items: canary },
  direct: { type: 'array', minItems: 1, maxItems: 50, items: direct },
})
