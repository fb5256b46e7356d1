/** Links to the upstream lead to the gateway, where a route would take them; any other leads nowhere. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import type { Reader } from '../../../src/json/program-source.ts'
import { linkOperator } from '../../../src/rules/links/link-operator.ts'
import { parseLink } from '../../../src/rules/links/link-text.ts'
import { parseTarget } from '../../../src/rules/request/target.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

const GATEWAY = 'https://gateway.example'
const POLICY = `${PRELUDE.replace('url: "http://127.0.0.1:9"', 'url: "http://10.0.0.5:8080/rt", origins: ["https://Desk.example/rt", "https://desk.example", "http://desk.example:8080/rt"]').replace('desk: {', 'other: { url: "https://other.example" }, desk: {')}
publicUrl: ${GATEWAY}/
classes: { contact.email: { mask: email } }
roles: { agent: {} }
routes:
  - { match: "GET /users/{id:integer}", upstream: desk, query: { page: integer, sort: [asc, desc], ids: { list: integer } } }
  - { match: "GET /users/{id:integer}.json", upstream: desk }
  - { match: "GET /search", upstream: desk, query: 'any' }
  - { match: "GET /find", upstream: desk, query: { page: integer }, search: [{ parameter: q, grammar: zendesk, fields: { role: plain } }] }
  - { match: "POST /users", upstream: desk }
  - { match: "GET /elsewhere", upstream: other }
`

function rewriter(policy = POLICY) {
  const { links, upstreams } = compileText(policy)
  const desk = upstreams.get('desk')
  if (links === undefined || desk === undefined) throw new Error('the policy has both')
  return (link: string, method = 'GET', reader?: Reader) =>
    links.rewrite(link, { upstream: desk, method, reader })
}

test('links to the upstream under any of its names lead to the gateway', (t) => {
  const rewrite = rewriter()
  const user = `${GATEWAY}/users/7`
  const led: Readonly<Record<string, string>> = {
    'http://10.0.0.5:8080/rt/users/7': user,
    'https://desk.example/rt/users/7': user,
    'https://desk.example/users/7': user,
    'https://DESK.example:443/users/7': user,
    'HTTPS://desk.example/users/7': user,
    'http://desk.example:8080/rt/users/7': user,
    '//desk.example/users/7': user,
    '//desk.example:8080/rt/users/7': user,
    'https://desk.example/users/7#jane': user,
    'https://desk.example/users/7.json': `${user}.json`,
    'https://desk.example/users/7?page=2&sort=asc': `${user}?page=2&sort=asc`,
    'https://desk.example/users/7?sort=asc&page=2': `${user}?page=2&sort=asc`,
    'https://desk.example/users/7?%70age=2': `${user}?page=2`,
    'https://desk.example/users/7?ids=1,2': `${user}?ids=1%2C2`,
    'https://desk.example/users/7?&page=2&=&&sort=asc&=': `${user}?page=2&sort=asc`,
    'https://desk.example/users/7?=': user,
    'https://desk.example/users/7?': user,
    'https://desk.example/search': `${GATEWAY}/search`,
    'https://desk.example/find?page=2': `${GATEWAY}/find?page=2`,
    '/users/7': '/users/7',
    '/rt/users/7': '/users/7',
    '/rt/users/7?page=2#x': '/users/7?page=2',
  }
  for (const [link, expected] of Object.entries(led)) t.equal(rewrite(link), expected, link)
  t.end()
})

test('what leads elsewhere, or could be read in two ways, leads nowhere', (t) => {
  const rewrite = rewriter()
  const nowhere = [
    'https://evil.example/users/7',
    'https://other.example/elsewhere',
    'https://desk.example/elsewhere',
    'http://desk.example/users/7',
    'https://desk.example:8443/users/7',
    'https://desk.example.evil.example/users/7',
    'https://desk.example./users/7',
    'https://desk.example@evil.example/users/7',
    'https://evil.example@desk.example/users/7',
    'https://agent:secret@desk.example/users/7',
    'https://desk.example/users/7@evil.example/..',
    'https://desk.example\\@evil.example/users/7',
    'https:\\\\desk.example\\users\\7',
    'https:/desk.example/users/7',
    'https:desk.example/users/7',
    'https:///desk.example/users/7',
    '///desk.example/users/7',
    '/\\desk.example/users/7',
    '/\t/desk.example/users/7',
    ' https://desk.example/users/7',
    'https://desk.example/users/7 ',
    'https://desk.example/us\ners/7',
    'https://desk.example/users/%37',
    'https://desk.example/users/7%2f..',
    'https://desk.example/users/../users/7',
    'https://desk.example/./users/7',
    'https://desk.example//users/7',
    'https://desk.example/users/7/',
    'https://desk.example/users/007',
    'https://desk.example/users/jane@example.com',
    'https://desk.example/users/7;jane',
    'https://desk.example/users',
    'https://desk.example/rtusers/7',
    'https://desk.example/rt/rt/users/7',
    'https://desk.example/users/7?email=jane@example.com',
    'https://desk.example/users/7?page=jane',
    'https://desk.example/users/7?page=1&page=2',
    'https://desk.example/users/7?sort=ASC',
    'https://desk.example/users/7?page=%zz',
    'https://desk.example/search?q=email:jane@example.com',
    'https://desk.example/find?q=role:agent&page=2',
    'https://desk.example',
    'https://desk.example?page=1',
    'https://dеsk.example/users/7',
    'https://xn--dsk-qdd.example/users/7',
    'https://[::1]/users/7',
    'https://2130706433/users/7',
    'ftp://desk.example/users/7',
    'javascript:alert(1)//desk.example/users/7',
    'data:text/html,//desk.example/users/7',
    'mailto:jane@example.com',
    'users/7',
    '?page=2',
    '../users/7',
    '#',
    'jane@example.com',
    `https://desk.example/users/7?page=${'1'.repeat(9_000)}`,
  ]
  for (const link of nowhere) t.equal(rewrite(link), undefined, link.slice(0, 80))
  t.end()
})

test('a link is one for the method that follows it', (t) => {
  const rewrite = rewriter()
  t.equal(rewrite('https://desk.example/users', 'POST'), `${GATEWAY}/users`)
  t.equal(rewrite('https://desk.example/users/7', 'POST'), undefined)
  t.end()
})

test('a link may repeat what the caller said, and nothing that is only like it', (t) => {
  const rewrite = rewriter()
  const reader: Reader = {
    seal: undefined,
    said: new Map([
      ['q', 'role:agent x'],
      ['page', '1'],
    ]),
  }
  const led = (link: string) => rewrite(link, 'GET', reader)
  t.equal(
    led('https://desk.example/find?q=role:agent+x&page=2'),
    `${GATEWAY}/find?page=2&q=role%3Aagent%20x`,
  )
  t.equal(
    led('https://desk.example/search?q=role%3Aagent%20x'),
    `${GATEWAY}/search?q=role%3Aagent%20x`,
  )
  const others = [
    'find?q=role:agent',
    'find?q=role:agent+x+y',
    'find?q=Role:agent+x',
    'find?Q=role:agent+x',
  ].concat(['search?q=role:agent+x&z=1', 'search?z=role:agent+x', 'search?q=jane@example.com'])
  for (const link of others) t.equal(led(`https://desk.example/${link}`), undefined, link)
  t.end()
})

test('a document may link to what is only written to', (t) => {
  const { links, upstreams } = compileText(POLICY)
  const desk = upstreams.get('desk')
  if (links === undefined || desk === undefined) throw new Error('the policy has both')
  const { leaf } = linkOperator(links, desk)
  if (leaf?.kind !== 'transform') throw new Error('links are computed')
  const context = { count: () => undefined, limits: DEFAULT_LIMITS, reader: undefined }
  const ledTo = (text: string) => leaf.apply({ type: 'string', text }, context)
  t.same(ledTo('https://desk.example/users'), { kind: 'string', text: `${GATEWAY}/users` })
  t.same(ledTo('https://desk.example/groups'), { kind: 'string', text: '[masked]' })
  t.end()
})

test('the gateway may stand below a path', (t) => {
  const rewrite = rewriter(POLICY.replace(`publicUrl: ${GATEWAY}/`, `publicUrl: ${GATEWAY}/desk/`))
  t.equal(rewrite('https://desk.example/users/7'), `${GATEWAY}/desk/users/7`)
  t.equal(rewrite('/rt/users/7'), '/desk/users/7')
  t.end()
})

test('whatever the text, what comes of it is a request that the gateway takes, at the gateway', (t) => {
  const rewrite = rewriter()
  const { routes } = compileText(POLICY)
  const part = fc.oneof(
    fc.constantFrom(
      'https:',
      'http:',
      '//',
      '/',
      'desk.example',
      '10.0.0.5:8080',
      'evil.example',
      '@',
      ':443',
      '/rt',
      '/users/',
      '7',
      '.json',
      '?page=',
      '&sort=asc',
      '#',
      '\\',
      '%2f',
      '..',
      '\t',
    ),
    fc.string({ maxLength: 3 }),
  )
  let led = 0
  const around = fc.array(part, { maxLength: 3 }).map((parts) => parts.join(''))
  const link = fc.oneof(
    fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
    fc
      .tuple(around, around)
      .map(([before, after]) => `${before}https://desk.example/users/7${after}`),
  )
  fc.assert(
    fc.property(link, (text) => {
      const to = rewrite(text)
      if (to === undefined) return true
      led += 1
      const url = new URL(to, GATEWAY)
      const target = parseTarget(url.pathname + url.search)
      return (
        url.origin === GATEWAY &&
        url.username === '' &&
        url.hash === '' &&
        target !== undefined &&
        routes.find('GET', target.parts)?.route.upstream.name === 'desk' &&
        // A browser takes the link of the upstream for the same place as we did.
        new URL(text, 'https://desk.example/').pathname.replace(/^\/rt/, '') === url.pathname
      )
    }),
    { numRuns: 5_000 },
  )
  t.ok(led > 100, `${led} links led to the gateway`)
  t.end()
})

test('the parts of a link', (t) => {
  t.same(parseLink('HTTP://A.example:080/x?y#z'), {
    origins: ['http://a.example'],
    absolute: true,
    target: '/x?y',
  })
  t.same(parseLink('//a.example:443/'), {
    origins: ['https://a.example', 'http://a.example:443'],
    absolute: true,
    target: '/',
  })
  t.end()
})
