/** What can be wrong in `identity`: each fault at its place, with what to do about it. */
import { test } from 'tap'
import { checkFaults } from './table.ts'

/** A policy with these lines below `identity:`, each indented by two. */
const policy = (...lines: readonly string[]) =>
  `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
${lines.map((line) => `  ${line}\n`).join('')}classes: {}
roles: { agent: {}, lead: {} }
routes: []
`

/** A public key of Ed25519. */
const KEY = 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='

const issuer = (rest: string) =>
  policy('issuers:', `  - { issuer: "https://a.example", audience: a, ${rest} }`)

const SIGNED = 'algorithms: [ES256]'
const ASKED = 'introspection: { clientId: a, clientSecret: b }'

test('issuers that could not be believed are refused', (t) => {
  checkFaults(t, [
    {
      name: 'no algorithms, and nobody to ask',
      whole: policy('issuers:', '  - ▸{ issuer: "https://a.example", audience: a, roles: $.r }'),
      says: [/lacks `algorithms`/],
    },
    {
      name: 'keys where the issuer is asked',
      whole: issuer(
        `roles: $.r, ${ASKED}, ▸algorithms: [ES256], ▸typ: at+jwt, ▸jwks: { file: a.json }`,
      ),
      says: [
        /the issuer itself is asked/,
        /the issuer itself is asked/,
        /the issuer itself is asked/,
      ],
    },
    {
      name: 'two issuers to ask',
      whole: policy(
        'issuers:',
        `  - { issuer: "https://a.example", audience: a, roles: $.r, ${ASKED} }`,
        `  - { issuer: "https://b.example", audience: a, roles: $.r, ▸${ASKED} }`,
      ),
      says: [/one issuer at most/],
    },
    {
      name: 'an endpoint that is no address, and too long a memory',
      whole: issuer(
        'roles: $.r, introspection: { clientId: a, clientSecret: b, url: ▸idp, cacheFor: ▸6m }',
      ),
      says: [/not an http or https address/, /at most 5m/],
    },
    {
      name: 'tokens that live too long',
      whole: issuer(`roles: $.r, ${SIGNED}, maxLife: ▸25h`),
      says: [/at most 24h/],
    },
    {
      name: 'a type that is no access token',
      whole: issuer(`roles: $.r, ${SIGNED}, typ: ▸id+jwt`),
      says: [/must be one of: at\+jwt/],
    },
    {
      name: 'symmetric algorithms',
      whole: issuer(`roles: $.r, algorithms: [▸HS256, ▸none]`),
      says: [/must be one of/, /must be one of/],
    },
  ])
  t.end()
})

test('role claims that could not be read are refused', (t) => {
  checkFaults(t, [
    {
      name: 'a query that is none',
      whole: issuer(`roles: { claim: ▸roles }, ${SIGNED}`),
      says: [/query `roles`/],
    },
    {
      name: 'a map to roles that nobody knows',
      whole: issuer(`roles: { claim: $.r, map: { x: ▸agnet, y: ▸[agent, leed] } }, ${SIGNED}`),
      says: [/unknown role `agnet`/, /unknown role `leed`/],
      hints: [/did you mean `agent`/, /did you mean `lead`/],
    },
    {
      name: 'another way to split',
      whole: issuer(`roles: ▸{ claim: $.r, split: comma }, ${SIGNED}`),
      says: [/none of the forms allowed/],
    },
  ])
  t.end()
})

test('levels and training that could not be asked for are refused', (t) => {
  const with_ = (...lines: readonly string[]) =>
    policy(
      'issuers: [{ issuer: "https://a.example", audience: a, roles: $.r, algorithms: [ES256] }]',
      ...lines,
    )
  checkFaults(t, [
    {
      name: 'a level that asks for nothing',
      whole: with_('assurance: { ▸mfa: {} }'),
      says: [/asks for nothing/],
    },
    {
      name: 'values that would break the challenge',
      whole: with_('assurance: { mfa: { acr: [▸"a b", ▸"a\\"", ▸"é"], amr: ▸[] } }'),
      says: [/form asked for/, /form asked for/, /form asked for/, /NOT have fewer/],
    },
    {
      name: 'levels that nobody named',
      whole: `${with_('assurance: { mfa: { amr: [otp] } }')
        .replace('classes: {}', 'classes: { a.b: { mask: redact, assurance: ▸mfaa } }')
        .replace(
          'routes: []',
          'routes:',
        )}  - { match: GET /a, upstream: desk, unlisted: mask, assurance: ▸strong }\n`,
      says: [/unknown assurance level `mfaa`/, /unknown assurance level `strong`/],
      hints: [/did you mean `mfa`/],
    },
    {
      name: 'training without its parts',
      whole: with_('▸training: { claim: x }'),
      says: [/lacks `maxAge`/],
    },
    {
      name: 'training by a query for several claims',
      whole: with_('training: { claim: ▸"$.a[*]", maxAge: 1y }'),
      says: [/must select one claim/],
    },
    {
      name: 'training for a time that is none',
      whole: with_('training: { claim: "$a", maxAge: ▸forever }'),
      says: [/form asked for/],
    },
    {
      name: 'training by a query that is none',
      whole: with_('training: { claim: ▸"$a", maxAge: 1y }'),
      says: [/query `\$a`/],
    },
  ])
  t.end()
})

test('revocations from nowhere, and logouts without effect, are refused', (t) => {
  const transmitter = (parts: string) =>
    policy(
      'issuers: [{ issuer: "https://a.example", audience: a, roles: $.r, algorithms: [ES256] }]',
      `revocation: { transmitters: [${parts}] }`,
    )
  checkFaults(t, [
    {
      name: 'a logout where nothing can be revoked',
      whole: issuer(`roles: $.r, ${SIGNED}, ▸logout: { audience: desk }`),
      says: [/no effect where nothing can be revoked/],
      hints: [/identity\.revocation/],
    },
    {
      name: 'logout tokens of which no algorithm is known',
      whole: policy(
        'issuers:',
        `  - { issuer: "https://a.example", audience: a, roles: $.r, ${ASKED}, ▸logout: { audience: desk } }`,
        'revocation: {}',
      ),
      says: [/name the signature algorithms of logout tokens/],
    },
    {
      name: 'a transmitter twice, and one that is nowhere',
      whole: transmitter(
        '{ issuer: "https://t.example", audience: g, algorithms: [ES256] }, { issuer: ▸"https://t.example", audience: g, algorithms: [ES256] }, { issuer: ▸t, audience: g, algorithms: [ES256] }',
      ),
      says: [/stands twice/, /not an http or https address/],
    },
    {
      name: 'a transmitter whose algorithm is symmetric',
      whole: transmitter('{ issuer: "https://t.example", audience: g, algorithms: [▸HS256] }'),
      says: [/must be one of/],
    },
    {
      name: 'a route of the policy where the gateway has its own',
      whole: `${issuer(`roles: $.r, ${SIGNED}`).replace('routes: []', 'routes:')}  - { match: ▸GET /celosia/users, upstream: desk, unlisted: mask }\n`,
      says: [/those of the gateway itself/],
    },
  ])
  t.end()
})

test('reveals that could not be asked for, or asked for by everybody, are refused', (t) => {
  const reveals = (parts: string, more = 'reveal: { reasons: [refund] }') =>
    policy(
      'issuers: [{ issuer: "https://a.example", audience: a, roles: $.r, algorithms: [ES256] }]',
    )
      .replace('classes: {}', `classes: { a.b: { mask: redact, sensitive: true } }\n${more}`)
      .replace('agent: {}', `agent: { reveal: { ${parts} } }`)
  const granted = (role: string, approvers: string) =>
    reveals('a.b: { justification: x }', `reveal: { reasons: [refund], ${approvers} }`).replace(
      'lead: {}',
      `lead: { ${role} }`,
    )
  checkFaults(t, [
    {
      name: 'a class that nobody named',
      whole: reveals('▸a.c: {}'),
      says: [/unknown class `a\.c`/],
    },
    {
      name: 'a sensitive class without a justification',
      whole: reveals('▸a.b: {}'),
      says: [/without a justification/],
    },
    {
      name: 'a reason, and none to give',
      whole: reveals('▸a.b: { justification: x }', 'reveal: { ticket: integer }'),
      says: [/there is none to give/],
    },
    {
      name: 'too large a budget, hours that end before they begin, a level of nobody',
      whole: reveals(
        'a.b: { justification: x, budget: ▸1001/day, hours: ▸{ from: "18:00", to: "08:00" }, assurance: ▸gold }',
      ),
      says: [/at most 1000/, /begin before they end/, /unknown assurance level/],
    },
    {
      name: 'grants of nobody',
      whole: granted('▸breakGlass: { classes: [a.b], for: 1h, justification: x }', ''),
      says: [/there is nobody to approve/],
    },
    {
      name: 'grants for too long, of no class or level, and of a sensitive one without a word',
      whole: granted(
        'breakGlass: { classes: [▸a.c, ▸a.b], for: ▸25h, assurance: ▸gold }',
        `approvers: { dana: { key: ${KEY} } }`,
      ),
      says: [/unknown class `a\.c`/, /is sensitive/, /at most 24h/, /unknown assurance level/],
    },
    {
      name: 'two approvers who are one, and keys that are none',
      whole: granted(
        'breakGlass: { classes: [a.b], for: 1h, justification: x }',
        `approvers: { dana: { key: ${KEY} }, eve: { key: ▸${KEY} } }`,
      ),
      says: [/have the same key/],
    },
    {
      name: 'keys that are none',
      whole: granted(
        'breakGlass: { classes: [a.b], for: 1h, justification: x }',
        'approvers: { dana: { key: ▸abc } }',
      ),
      says: [/form asked for/],
    },
    {
      name: 'a zone that is nowhere',
      whole: reveals(
        'a.b: { justification: x }',
        'reveal: { reasons: [refund], timeZone: ▸Mars/Olympus }',
      ),
      says: [/unknown time zone/],
    },
    {
      name: 'budgets, hours and reasons of another form',
      whole: reveals(
        'a.b: { justification: x, budget: ▸20/week, hours: { from: ▸"8", to: "18:00", days: [▸monday] }, reason: ▸maybe }',
        'reveal: { reasons: [▸"Refund please"] }',
      ),
      says: [
        /form asked for/,
        /form asked for/,
        /form asked for/,
        /must be one of/,
        /must be one of/,
      ],
    },
    {
      name: 'free text in which nothing is found, or that nobody could read',
      whole: reveals(
        'a.b: { justification: x }',
        'reveal: { reasons: [refund], freeText: { scan: [▸a.b, ▸a.c], key: MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE= } }',
      ),
      says: [/nothing finds `a.b`/, /unknown class/],
    },
    {
      name: 'a key for signatures',
      whole: reveals(
        'a.b: { justification: x }',
        `reveal: { reasons: [refund], freeText: { scan: [a.b], key: ▸"${KEY}" } }`,
      ),
      says: [/form asked for/],
    },
  ])
  t.end()
})
