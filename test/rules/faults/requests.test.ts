/** What is wrong with methods, effects, parameters and bodies in a policy. */
import { test } from 'tap'
import { BODY, checkFaults } from './table.ts'

const post = (...lines: readonly string[]) =>
  `${BODY}  - match: POST /users\n    upstream: desk\n${lines.map((line) => `    ${line}\n`).join('')}`

test('methods and their effects', (t) => {
  checkFaults(t, [
    {
      name: 'methods that are no route of their own',
      policy: `${BODY}  - { match: ▸HEAD /users, upstream: desk }\n  - { match: ▸OPTIONS /users, upstream: desk }\n  - { match: ▸TRACE /users, upstream: desk }\n`,
      says: [/GET, POST, PUT, PATCH, DELETE/, /one of the methods/, /one of the methods/],
      hints: [/answers HEAD too/],
    },
    {
      name: 'effects that a method cannot have',
      policy: `${BODY}  - { match: GET /users, upstream: desk, effect: ▸write }\n  - { match: DELETE /users, upstream: desk, effect: ▸read }\n  - { match: PATCH /users, upstream: desk, effect: ▸read }\n`,
      says: [/the effect of GET is read/, /of DELETE is write/, /of PATCH is write/],
      hints: [/only a POST/],
    },
    {
      name: 'an effect that is none',
      policy: post('effect: ▸search'),
      says: [/must be one of: read, write/],
    },
    {
      name: 'a GET with a body',
      policy: `${BODY}  - match: GET /users\n    upstream: desk\n    ▸body: { types: [application/json] }\n`,
      says: [/a GET has no body/],
    },
  ])
  t.end()
})

test('query parameters', (t) => {
  const get = (query: string) =>
    `${BODY}  - { match: GET /users, upstream: desk, query: ${query} }\n`
  checkFaults(t, [
    { name: 'a word that is not any', policy: get('▸all'), says: [/form asked for/] },
    { name: 'a list of names', policy: get('▸[page]'), says: [/a map or text/] },
    {
      name: 'a type that is none',
      policy: get('{ page: ▸number, ids: ▸{ list: number } }'),
      says: [/none of the forms/, /none of the forms/],
    },
    {
      name: 'lists without a list, or with other bounds',
      policy: get(
        '{ ids: ▸{ max: 3 }, tags: ▸{ list: slug, max: 0 }, x: ▸{ list: slug, min: 1 } }',
      ),
      says: [/none of the forms/, /none of the forms/, /none of the forms/],
    },
    {
      name: 'names that are none',
      policy: get('{ ▸"a b": slug, ▸"a&b": slug, "fields[Queue]": slug, $filter: slug }'),
      says: [/not a name allowed/, /not a name allowed/],
    },
  ])
  t.end()
})

test('bodies', (t) => {
  checkFaults(t, [
    { name: 'no types', policy: post('▸body: {}'), says: [/lacks `types`/] },
    {
      name: 'what is no media type',
      policy: post(
        'body: { types: [▸JSON, ▸Application/json, ▸"application/json; charset=utf-8", ▸"*/*"] }',
      ),
      says: [/form asked for/, /form asked for/, /form asked for/, /form asked for/],
    },
    {
      name: 'types that cannot be read',
      policy: post('body: { types: [▸multipart/form-data, ▸text/plain, application/json] }'),
      says: [/`multipart\/form-data` cannot be read/, /`text\/plain` cannot be read/],
      hints: [/pass: opaque/],
    },
    {
      name: 'nothing to pass',
      policy: post('body: { types: [application/json], ▸pass: opaque }'),
      says: [/every type of the body is read/],
    },
    {
      name: 'queries for what is not read',
      policy: post(
        'body: { types: ▸[multipart/form-data], pass: opaque, plain: [$.a], fixture: none }',
      ),
      says: [/no type that is read/],
    },
    {
      name: 'queries without a fixture',
      policy: post('body: ▸{ types: [application/json], plain: [$.a] }'),
      says: [/no fixture to hold them against/],
    },
    {
      name: 'queries that match nothing in the fixture',
      policy: post(
        'body:',
        '  types: [application/json]',
        '  fields: { contact.email: ▸$.user.mail, ▸contact.mail: $.user.email }',
        '  plain: [$.user.id, ▸$.id]',
        '  text: [▸$.comment]',
        '  fixture: new.json',
      ),
      fixtures: { 'new.json': '{"user":{"id":1,"email":"x"}}' },
      says: [
        /`\$\.user\.mail` matches nothing/,
        /unknown class `contact.mail`/,
        /`\$\.id` matches nothing/,
        /`\$\.comment` matches nothing/,
      ],
    },
    {
      name: 'values that do not exist',
      policy: post(
        'body: { types: [application/json], unlisted: ▸mask, pass: ▸all, ▸write: allowed }',
      ),
      says: [/one of: refuse, pass/, /one of: opaque/, /unknown key/],
    },
  ])
  t.end()
})

const NO_ROUTES = BODY.replace('routes:\n', 'routes: []\n')

test('proxies in front', (t) => {
  checkFaults(t, [
    {
      name: 'networks that are none',
      policy: `${NO_ROUTES}forwarded: { trust: [▸10.0.0.1, ▸"::/0", 10.0.0.0/8, ▸localhost/8], header: forwarded }\n`,
      says: [/`10.0.0.1` is no network/, /is no network/, /is no network/],
      hints: [/10.0.0.0\/8/],
    },
    {
      name: 'headers of others',
      policy: `${NO_ROUTES}forwarded: { trust: [10.0.0.0/8], header: ▸x-real-ip }\n`,
      says: [/one of: x-forwarded-for, forwarded/],
    },
    {
      name: 'half of it',
      policy: `${NO_ROUTES}▸forwarded: { trust: [10.0.0.0/8] }\n`,
      says: [/lacks `header`/],
    },
  ])
  t.end()
})

test('origins', (t) => {
  checkFaults(t, [
    {
      name: 'what is no origin as browsers write it',
      policy: `${NO_ROUTES}cors: { origins: [▸"*", ▸"https://*.example.com", ▸"https://a.example/", ▸https://A.example, ▸"https://a.example:443", ▸"null", ▸a.example, https://a.example] }\n`,
      says: Array.from({ length: 7 }, () => /is no origin/),
      hints: [/there is no wildcard/],
    },
    {
      name: 'the rest',
      policy: `${NO_ROUTES}cors: { origins: [https://a.example], headers: [▸"*"], expose: [▸Celosia-Masked], ▸methods: [GET] }\n`,
      says: [/form asked for/, /form asked for/, /unknown key/],
    },
    {
      name: 'a preflight that is kept too long',
      policy: `${NO_ROUTES}cors: { origins: [https://a.example], maxAge: ▸2d }\n`,
      says: [/1d at most/],
    },
  ])
  t.end()
})
