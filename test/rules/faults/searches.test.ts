/** What is wrong with searches in a policy: each fault would leave a way to ask for what is hidden, or none to ask at all. */
import { test } from 'tap'
import { BODY, checkFaults } from './table.ts'

const BUDGET =
  'detect: [{ name: terms, classes: ["contact.*", "payment.*"], count: { distinct: searchTerm, over: 5, within: 1h }, then: [flag] }]\n'

function search(entry: string, more = BUDGET): string {
  return `${BODY}  - match: GET /users\n    upstream: desk\n    query: { page: integer }\n    search: [${entry}]\n${more}`
}

test('searches', (t) => {
  checkFaults(t, [
    {
      name: 'in both places, in none, twice, and declared otherwise too',
      policy: search(
        [
          '▸{ parameter: a, body: $.a, grammar: value, class: plain }',
          '▸{ grammar: value, class: plain }',
          '{ parameter: q, grammar: value, class: plain }',
          '▸{ parameter: q, grammar: value, class: plain }',
          '{ parameter: ▸page, grammar: value, class: plain }',
          '{ body: ▸$.q, grammar: value, class: plain }',
        ].join(', '),
      ),
      says: [
        /exactly one of `parameter`, `path` and `body`/,
        /exactly one/,
        /`q` is declared twice/,
        /`page` stands under `query` too/,
        /takes no body/,
      ],
    },
    {
      name: 'languages, classes and forms that do not exist',
      policy: search(
        '{ parameter: q, grammar: ▸lucene, fields: { a: plain } }, { parameter: r, grammar: odata, fields: { a: contact.email }, exact: { contact.email: ▸regex } }',
      ),
      says: [/one of: value, names, zendesk, ticketsql, odata, rt-json/, /one of: email, phone/],
    },
    {
      name: 'classes that are unknown',
      policy: search(
        '{ parameter: q, grammar: zendesk, fields: { a: ▸contact.mail }, words: ▸contact.mail }, { parameter: r, grammar: value, class: ▸contact.mail }',
      ),
      says: [/unknown class/, /unknown class/, /unknown class/],
      hints: [/contact.email/],
    },
    {
      name: 'members that do not go together',
      policy: search(
        [
          '▸{ parameter: a, grammar: value, fields: { a: plain } }',
          '▸{ parameter: b, grammar: odata, class: plain }',
          '▸{ parameter: c, grammar: odata }',
          '{ parameter: d, grammar: odata, fields: { a: plain }, ▸words: plain }',
          '{ parameter: e, grammar: zendesk, fields: { a: plain }, words: ▸[a] }',
          '{ parameter: ▸f, grammar: rt-json, fields: { a: plain } }',
        ].join(', '),
      ),
      says: [
        /asks for `class`, and no `fields`/,
        /asks for `fields`, and no `class`/,
        /asks for `fields`/,
        /no words without a field/,
        /a class, or `plain`/,
        /`rt-json` is for bodies/,
      ],
    },
    {
      name: 'fields whose values are names of fields',
      policy: search(
        '{ parameter: q, grammar: zendesk, fields: { order_by: ▸plain, sort: [asc] } }',
      ),
      says: [/the values of `order_by` are names of fields/],
    },
    {
      name: 'whole values that are none, or of nothing',
      policy: search(
        [
          '{ parameter: a, grammar: zendesk, fields: { a: contact.email }, exact: { contact.email: ▸text } }',
          '{ parameter: b, grammar: odata, fields: { a: plain }, exact: { ▸contact.email: email } }',
          '{ parameter: c, grammar: names, fields: { a: contact.email }, exact: { ▸contact.email: email } }',
        ].join(', '),
      ),
      says: [/may mean a part of a text/, /no field of the search has the class/, /list of names/],
    },
    {
      name: 'whole values that nothing counts',
      policy: search(
        '{ parameter: q, grammar: value, class: contact.email, exact: { ▸contact.email: email } }',
        'detect: [{ name: x, classes: [contact.email], count: { distinct: dataSubject, over: 5, within: 1h }, then: [flag] }]\n',
      ),
      says: [/nothing counts the terms/],
      hints: [/distinct: searchTerm/],
    },
    {
      name: 'whole values that are counted here and there only',
      policy: search(
        '{ parameter: q, grammar: value, class: contact.email, exact: { ▸contact.email: email } }',
        [
          'detect:',
          ...['effect: [search]', 'per: role', 'outside: { from: "08:00", to: "18:00" }'].map(
            (line, i) =>
              `  - { name: x${i}, classes: [contact.email], ${line}, count: { distinct: searchTerm, over: 5, within: 1h }, then: [flag] }`,
          ),
          '  - { name: y, classes: [contact.email], whenUnknown: flag, count: { distinct: searchTerm, over: 5, within: 1h }, then: [flag] }\n',
        ].join('\n'),
      ),
      says: [/nothing counts the terms/],
    },
    {
      name: 'a search on a route that writes',
      policy: `${BODY}  - match: POST /users\n    upstream: desk\n    body: { types: [application/json] }\n    search: [▸{ body: $.q, grammar: value, class: plain }]\n`,
      says: [/a route that writes does not search/],
    },
    {
      name: 'what could be asked in another spelling',
      policy: `${BODY}  - { match: GET /users, upstream: desk, query: "any", search: [{ parameter: ▸q, grammar: value, class: plain }] }\n  - { match: POST /users, upstream: desk, effect: read, body: { types: [application/json], unlisted: pass }, search: [{ body: ▸$.q, grammar: value, class: plain }] }\n`,
      says: [/takes any parameter/, /members that nothing names pass/],
    },
    {
      name: 'a parameter of the path',
      policy: `${BODY}  - { match: "GET /users/{login}", upstream: desk, search: [{ path: ▸name, grammar: value, class: plain }, { path: ▸login, grammar: names, fields: { a: plain } }] }\n`,
      says: [/unknown path parameter `name`/, /is a `value`/],
    },
    {
      name: 'a location that is several',
      policy: `${BODY}  - match: POST /users\n    upstream: desk\n    effect: read\n    body: { types: [application/json] }\n    search: [{ body: ▸"$..q", grammar: value, class: plain }]\n`,
      says: [/can select several locations/],
    },
  ])
  t.end()
})

test('terms are pseudonyms, so that a search needs the key of the audit; and plain is no class', (t) => {
  const policy = search('▸{ parameter: q, grammar: value, class: contact.email }', '')
  checkFaults(t, [
    {
      name: 'no key',
      whole: `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity: { issuers: [{ issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]" }] }
defaults: { unlisted: mask }
${policy}`,
      says: [/keyed pseudonyms, and there is no key/],
    },
    {
      name: 'a class called plain',
      policy: `classes: { plain: { mask: redact } }\nroles: { agent: {} }\nroutes: [{ match: GET /x, upstream: desk, search: [{ parameter: q, grammar: value, class: ▸plain }] }]\n`,
      says: [/nobody can tell what is meant/],
    },
  ])
  t.end()
})
