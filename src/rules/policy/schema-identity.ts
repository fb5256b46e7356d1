/** The part of the policy schema that says who may ask: issuers of tokens, and what is asked of them. */
import { duration, map, NAME, object, ROLE, text } from './schema-parts.ts'

/** Signature algorithms that an issuer may use: asymmetric ones only (RFC 7518, RFC 8037, RFC 9864). */
export const SIGNATURE_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'EdDSA',
  'Ed25519',
] as const

const role = { type: 'string', pattern: ROLE }

const roles = {
  description:
    "Query into the token's claims that selects the roles, each a string: $.realm_access.roles[*]. Or its parts.",
  anyOf: [
    { type: 'string', minLength: 1, maxLength: 4096 },
    object(
      'Where the roles are, and in which shape.',
      {
        claim: text("Query into the token's claims that selects the roles, each a string."),
        split: { enum: ['space'], description: 'Each text holds names with one space between.' },
        map: map(
          'Values of the claim and the roles that they stand for. No other value counts.',
          '',
          {
            description: 'A role, or several.',
            anyOf: [role, { type: 'array', minItems: 1, maxItems: 100, items: role }],
          },
        ),
      },
      ['claim'],
    ),
  ],
}

const introspection = object(
  'Ask the issuer about each token (RFC 7662).',
  {
    url: text('The endpoint. Left out: OpenID discovery.'),
    clientId: text('Who the gateway is to the issuer.'),
    clientSecret: text('Its secret, from the environment: ${NAME}'),
    cacheFor: duration('How long an answer holds. Default 30s, at most 5m.'),
  },
  ['clientId', 'clientSecret'],
)

const algorithms = (description: string) => ({
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { enum: SIGNATURE_ALGORITHMS },
  description,
})

const jwks = {
  description: 'Where its keys are. Left out: by discovery.',
  oneOf: [
    object('By URL.', { url: text('JWKS document.') }, ['url']),
    object('From a file.', { file: text('JWKS file, beside the policy.') }, ['file']),
  ],
}

const logout = object(
  'It may log subjects out: OpenID Connect Back-Channel Logout at /celosia/backchannel-logout.',
  {
    audience: text('The `aud` of its logout tokens: the client that people log in to.'),
    algorithms: algorithms('Signature algorithms of logout tokens. Default: those of its tokens.'),
  },
  ['audience'],
)

const transmitter = object(
  'A transmitter of Shared Signals.',
  {
    issuer: text('The exact `iss` of its events.'),
    audience: text('The `aud` that names this gateway to it.'),
    algorithms: algorithms('Signature algorithms, asymmetric only.'),
    jwks,
    authorization: text('The Authorization header that it sends: Bearer ${NAME}'),
  },
  ['issuer', 'audience', 'algorithms'],
)

const revocation = object('Tokens can be revoked before they end.', {
  transmitters: {
    type: 'array',
    minItems: 1,
    maxItems: 10,
    items: transmitter,
    description: 'Whose events at /celosia/shared-signals end sessions.',
  },
})

const issuer = object(
  'An identity provider whose tokens are believed.',
  {
    issuer: text('The exact `iss` of its tokens.'),
    audience: text('The `aud` that names this gateway.'),
    algorithms: algorithms('Signature algorithms, asymmetric only.'),
    roles,
    typ: { enum: ['at+jwt'], description: 'Take only access tokens of RFC 9068.' },
    maxLife: duration('Longest life of a token, from iat to exp. Default and at most 24h.'),
    jwks,
    introspection,
    dpop: {
      enum: ['required'],
      description: 'Each of its tokens must be bound to a key (RFC 9449).',
    },
    certificateBound: {
      enum: ['allowed', 'required'],
      description:
        'Its tokens may or must be bound to a client certificate (RFC 8705). Needs listen.tls.clients.',
    },
    logout,
  },
  ['issuer', 'audience', 'roles'],
)

/** A list of origins of the web. */
export const origins = (description: string) => ({
  type: 'array',
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  items: text('Scheme, host and port: https://gateway.example.com'),
  description,
})

const cookie = object(
  'The token may be in a cookie.',
  {
    name: text('Its name: __Host-access, or one that begins with __Secure-.', {
      pattern: '^__(Host|Secure)-[A-Za-z0-9_.-]{1,64}$',
    }),
    origins: origins('Whose pages may cause requests.'),
  },
  ['name', 'origins'],
)

const certificateName = {
  description: 'Whose client certificate: by one of dns, uri and spki.',
  oneOf: [
    object(
      'By a name in it.',
      {
        dns: text('A DNS name of its subject alternative names: proxy.example.com', {
          pattern: '^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?([.][a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$',
        }),
      },
      ['dns'],
    ),
    object(
      'By a URI in it.',
      {
        uri: text('A URI of its subject alternative names: spiffe://example.com/proxy', {
          pattern: "^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&'()*+;=%-]+$",
        }),
      },
      ['uri'],
    ),
    object(
      'By its key.',
      {
        spki: text('SHA-256 of its public key (SubjectPublicKeyInfo), in base64.', {
          pattern: '^[A-Za-z0-9+/]{43}=$',
        }),
      },
      ['spki'],
    ),
  ],
}

const tokenHeader = object(
  'The token may be in the header of an authenticating proxy in front.',
  {
    name: text('Its name, which begins with x-: x-forwarded-access-token', {
      pattern: '^x-[a-z0-9-]{1,64}$',
    }),
    networks: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: text('An address and the length of its prefix: 10.0.0.0/8'),
      description: 'Where the proxy is. From elsewhere the header is refused.',
    },
    certificates: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      items: certificateName,
      description: 'Whose client certificate the proxy shows. Needs listen.tls.clients.',
    },
    origins: origins('Whose pages may cause requests.'),
  },
  ['name', 'origins'],
)

const dpop = object(
  'Tokens that are bound to a key, which callers prove to hold for each request (RFC 9449).',
  {
    origins: origins('Where callers reach the gateway.'),
    algorithms: algorithms('Signature algorithms of proofs. Default: ES256.'),
    nonce: {
      enum: ['required'],
      description: 'Each proof must have a nonce of the gateway. Needs keys.cursor.',
    },
  },
  ['origins'],
)

const values = (description: string) => ({
  type: 'array',
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  // Written into a challenge as they are: characters of RFC 6749 appendix A.4.
  items: { type: 'string', pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,200}$' },
  description,
})

const assurance = map(
  'Levels of assurance: how a subject must have logged in. One value of `acr` or of `amr` is enough.',
  NAME,
  object('A level.', {
    acr: values('Values of `acr` that meet it; clients are told them.'),
    amr: values('Values of `amr` that meet it (RFC 8176).'),
    maxAge: duration('Longest time since the login (`auth_time`).'),
  }),
  { maxProperties: 20 },
)

const training = object(
  'Privacy training. Who is overdue sees no class in clear.',
  {
    claim: text('The claim with the date of the last training, or a query for it: $.training.at'),
    maxAge: duration('How long a training holds.'),
  },
  ['claim', 'maxAge'],
)

/** The whole of `identity`. */
export const identity = object(
  'Who issues tokens, and what is asked of whom they name.',
  {
    issuers: { type: 'array', minItems: 1, maxItems: 20, items: issuer },
    dpop,
    cookie,
    tokenHeader,
    assurance,
    revocation,
    training,
  },
  ['issuers'],
)

/** The name of a level, at what needs it. */
export const assuranceNeeded = text(
  'The assurance level that it needs, a name under identity.assurance.',
  {
    pattern: NAME,
  },
)
