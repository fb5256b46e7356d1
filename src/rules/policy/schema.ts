/**
 * The JSON Schema of the policy language (2020-12). `celosia schema policy` prints it, config/policies.schema.json is
 * that text for editors, and the loader checks with it: one source for all three.
 */
import { audit } from './schema-audit.ts'
import { detect } from './schema-detect.ts'
import { identity } from './schema-identity.ts'
import { listen } from './schema-listen.ts'
import { session } from './schema-session.ts'
import {
  CLASS,
  duration,
  ENVIRONMENT_NAME,
  HEADER,
  map,
  NAME,
  object,
  queries,
  text,
  unlisted,
} from './schema-parts.ts'
import { purposeByDefault, purposes } from './schema-purpose.ts'
import { register } from './schema-register.ts'
import { reveal } from './schema-reveal.ts'
import { roles } from './schema-roles.ts'
import { route } from './schema-route.ts'
import { selfTest } from './schema-self-test.ts'
import { countries, dataClass } from './schema-class.ts'

/** Content codings that can be taken off an answer. */
const CONTENT_CODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const

const key = object(
  'A secret of at least 32 bytes in base64 or hex. Exactly one of env and file.',
  {
    version: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: 'Counts up with each rotation; written before each pseudonym.',
    },
    env: text('The environment variable that holds the key.', { pattern: ENVIRONMENT_NAME }),
    file: text('The file that holds the key.'),
  },
  ['version'],
)

const auditKey = {
  ...key,
  properties: {
    ...key.properties,
    previous: {
      type: 'array',
      maxItems: 100,
      items: key,
      description:
        'Older versions, to find people in old records by. The gateway does not need them.',
    },
  },
}

const signingKey = object(
  'A private key of Ed25519 or P-256, in PEM (PKCS #8) or as a JWK. Exactly one of env and file.',
  {
    version: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: 'Counts up with each rotation.',
    },
    env: text('The environment variable that holds the key.', { pattern: ENVIRONMENT_NAME }),
    file: text('The file that holds the key.'),
  },
  ['version'],
)

const upstream = object(
  'A helpdesk or CRM behind the gateway.',
  {
    url: text('Origin, and path prefix where it has one: https://helpdesk.example.com'),
    headers: map(
      "Headers that every request to it carries: the gateway's own credential.",
      HEADER,
      text('Value.'),
      { maxProperties: 20 },
    ),
    timeouts: object('How long to wait.', {
      connect: duration('For the connection. Default 5s.'),
      answer: duration('For the status line, and between two parts of the body. Default 30s.'),
    }),
    origins: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 2048 },
      description: 'Other addresses that its links to itself may have.',
    },
    codings: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { enum: CONTENT_CODINGS },
      description: 'Content codings that it is asked for and may use. Left out: none.',
    },
  },
  ['url'],
)

const headerNames = (description: string) => ({
  type: 'array',
  maxItems: 50,
  uniqueItems: true,
  items: { type: 'string', pattern: HEADER },
  description,
})

const cors = object(
  'Whose scripts may use the gateway from a browser.',
  {
    origins: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: { type: 'string', maxLength: 300 },
      description: 'Exact origins: https://desk.example.com',
    },
    headers: headerNames('Request headers that they may set. Default authorization, content-type.'),
    expose: headerNames('Headers of answers that they may read. Default those of the gateway.'),
    credentials: { type: 'boolean', description: 'Whether cookies are sent. Default false.' },
    maxAge: duration('How long a browser may keep the answer to a preflight. Default 10m.'),
  },
  ['origins'],
)

export const POLICY_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Celosía policy',
  ...object(
    'Who may see what, where it is, and what kinds of personal data there are.',
    {
      version: { const: 1, description: 'Version of the policy language.' },
      tenant: text('One id for the whole policy; part of every pseudonym. Default: default.', {
        pattern: NAME,
      }),
      publicUrl: text('Where callers find the gateway: https://gateway.example.com'),
      upstreams: map('The helpdesks behind the gateway.', NAME, upstream, {
        minProperties: 1,
        maxProperties: 50,
      }),
      listen,
      identity,
      session,
      keys: object('Keys for pseudonyms, tokens, cursors and signatures.', {
        audit: auditKey,
        pseudonym: key,
        token: key,
        cursor: key,
        checkpoint: signingKey,
      }),
      classes: map(
        'What kinds of personal data there are, and how each is masked.',
        CLASS,
        dataClass,
      ),
      roles,
      reveal,
      inbound: map(
        'What happens to personal data in texts of requests, by class, before the helpdesk gets them.',
        CLASS,
        {
          enum: ['redact', 'mask', 'refuse'],
          description:
            'redact: a marker in its place; mask: the operator of its class; refuse: the request.',
        },
        { minProperties: 1, maxProperties: 28 },
      ),
      purposes,
      defaults: object('For routes and classes that do not say.', {
        unlisted,
        countries,
        purpose: purposeByDefault,
      }),
      anywhere: map('Queries that hold on every route.', CLASS, queries),
      routes: { type: 'array', maxItems: 10_000, items: route, description: 'Where the data is.' },
      detect,
      audit,
      limits: object('Bounds, see docs/policy.md.', {
        bodyBytesMax: {
          type: 'integer',
          minimum: 1024,
          maximum: 67_108_864,
          description:
            'Largest body that is held whole. A larger one leaves in windows. Default 1 MiB.',
        },
        streamedBytesMax: {
          type: 'integer',
          minimum: 0,
          maximum: 1_099_511_627_776,
          description: 'Largest body that leaves in windows; 0: none does. Default 1 GiB.',
        },
        requestBodyBytesMax: {
          type: 'integer',
          minimum: 1024,
          maximum: 16_777_216,
          description: 'Largest body of a request, held whole. Default 1 MiB.',
        },
        depthMax: {
          type: 'integer',
          minimum: 8,
          maximum: 10_000,
          description: 'Nesting of an answer, and of a request in JSON. Default 512.',
        },
        heldBytesAllMax: {
          type: 'integer',
          minimum: 1_048_576,
          maximum: 17_179_869_184,
          description: 'Bytes of all bodies held at one time. Default 256 MiB.',
        },
        spoolBytesMax: {
          type: 'integer',
          minimum: 1_048_576,
          maximum: 1_099_511_627_776,
          description: 'Bytes of records that wait in the spool. Default 1 GiB.',
        },
      }),
      cors,
      forwarded: object(
        'Proxies in front, whose word on the address of a caller is recorded.',
        {
          trust: {
            type: 'array',
            minItems: 1,
            maxItems: 50,
            uniqueItems: true,
            items: { type: 'string', maxLength: 64 },
            description: 'Networks of the proxies: 10.0.0.0/8',
          },
          header: {
            enum: ['x-forwarded-for', 'forwarded'],
            description: 'The header that they write.',
          },
        },
        ['trust', 'header'],
      ),
      marks: object('Marks for user interfaces.', {
        header: { type: 'boolean', description: 'The header Celosia-Masked. Default true.' },
      }),
      register,
      selfTest,
    },
    ['version', 'upstreams', 'identity', 'classes', 'roles', 'routes'],
  ),
} as const
