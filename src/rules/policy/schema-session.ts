/** The part of the policy schema that says how browsers log in at the gateway itself. */
import { assuranceNeeded, origins } from './schema-identity.ts'
import { duration, object, text } from './schema-parts.ts'

/** The whole of `session`. */
export const session = object(
  'Browsers log in at the gateway (OpenID Connect), which keeps a session for each.',
  {
    issuer: text('The identity provider: one of identity.issuers.'),
    clientId: text('Who the gateway is to it.'),
    clientSecret: text('Its secret, from the environment: ${NAME}'),
    scope: text('What is asked for. Default openid.', {
      pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e ]+$',
    }),
    assurance: assuranceNeeded,
    origins: origins('Whose pages may cause requests with the session.'),
    returnTo: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      items: text('An address, or the beginning of addresses where it ends with a slash.'),
      description: 'Where a login or a logout may lead to. The first one is for who does not say.',
    },
    idle: duration('A session ends so long after its last request. Default 30m, at most 24h.'),
    lifetime: duration('A session ends so long after the login. Default 8h, at most 24h.'),
    perSubject: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: 'Sessions of one subject; of more, the oldest ends. Default 5.',
    },
  },
  ['issuer', 'clientId', 'clientSecret', 'origins', 'returnTo'],
)
