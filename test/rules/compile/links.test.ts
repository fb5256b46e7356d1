/** Links in answers: led to the gateway, unless a class that is masked covers them. */
import { test } from 'tap'
import { maskDocument } from '../../../src/json/program.ts'
import { compileText, faultsOf, PRELUDE } from '../policy-text.ts'

const HEAD = `${PRELUDE}publicUrl: https://gateway.example
classes:
  contact.email: { mask: email }
  id.url: { mask: suppress }
roles: { agent: {}, lead: { show: ["contact.*", "id.*"] } }
`
const ROUTE = `routes:
  - match: GET /users/{id:integer}
    upstream: desk
    query: { page: integer }
    links: [$..next_page, $.more, $._url]
    fields: { contact.email: $.more.email, id.url: $._url }
    plain: [$.plain, $.more.x]
    fixture: none
`

function masked(role: string, document: string): string {
  const route = compileText(HEAD + ROUTE).routes.find('GET', ['users', '7'])?.route
  if (route === undefined) throw new Error('the route is there')
  const { bytes, exposures } = maskDocument(route.maskingFor([role]).program, Buffer.from(document))
  return `${bytes.toString()} ${route
    .maskingFor([role])
    .report(exposures)
    .classes.map((entry) => `${entry.class} ${entry.shown}/${entry.masked}`)
    .join(' ')}`.trim()
}

const UP = 'http://127.0.0.1:9'

test('links lead to the gateway; what is none is masked by its type', (t) => {
  const document = `{"next_page":"${UP}/users/7?page=2","more":{"a":"${UP}/users/8","b":"https://x.example","c":7,"d":true,"e":null,"f":"","x":"/users/9"},"other":"${UP}/users/7","plain":"${UP}/users/7"}`
  t.equal(
    masked('agent', document),
    `{"next_page":"https://gateway.example/users/7?page=2","more":{"a":"https://gateway.example/users/8","b":"[masked]","c":0,"d":false,"e":null,"f":"","x":"/users/9"},"other":"[masked]","plain":"${UP}/users/7"}`,
  )
  t.equal(
    masked('agent', '{"next_page":"http:\\/\\/127.0.0.1:9\\/users\\/7"}'),
    '{"next_page":"https://gateway.example/users/7"}',
    'escapes are decoded before the link is read',
  )
  t.end()
})

test('a class that is masked beats a link, one that is shown does not', (t) => {
  const document = `{"more":{"email":"${UP}/users/7"},"_url":"${UP}/users/7"}`
  t.equal(masked('agent', document), '{"more":{"email":"[redacted]"}} contact.email 0/1 id.url 0/1')
  t.equal(
    masked('lead', document),
    '{"more":{"email":"https://gateway.example/users/7"},"_url":"https://gateway.example/users/7"} contact.email 1/0 id.url 1/0',
  )
  t.end()
})

test('links need a place to lead to, and match in the fixture', (t) => {
  const without = HEAD.replace('publicUrl: https://gateway.example\n', '')
  for (const key of ['links: $.next', 'redirects: rewrite', 'linkRelations: [next]']) {
    const route = `routes:\n  - match: GET /a\n    upstream: desk\n    ${key}\n    fixture: none\n`
    t.match(
      faultsOf(without + route),
      [{ message: /where callers find it/, hint: /publicUrl/ }],
      key,
    )
    t.same(faultsOf(HEAD + route), [], key)
  }
  const fixture = ROUTE.replace('fixture: none', 'fixture: a.json')
  const a = '{"next_page":"x","more":{"email":"e","x":1},"plain":1}'
  t.match(faultsOf(HEAD + fixture, { fixtures: { 'a.json': a } }), [
    { message: /`\$\._url` matches nothing/ },
    { message: /`\$\._url` matches nothing/ },
  ])
  t.match(faultsOf(HEAD.replace('https://gateway.example', 'https://a@gateway.example') + ROUTE), [
    { message: /no user/ },
  ])
  t.match(
    faultsOf(
      HEAD.replace('url: "http://127.0.0.1:9"', 'url: "http://127.0.0.1:9", origins: ["desk"]') +
        ROUTE,
    ),
    [{ message: /not an http or https address/ }],
  )
  t.end()
})
