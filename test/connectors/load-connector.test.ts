/** Connectors that are refused: each fault with its line and what it says. And the shipped ones, which are not. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { ConnectorInvalidError } from '../../src/connectors/errors.ts'
import { loadConnector } from '../../src/connectors/load-connector.ts'
import { fillBody, fillPath, parseBody, parsePath } from '../../src/connectors/templates.ts'

const FOLDER = join(import.meta.dirname, '../../config/connectors')
const ENVIRONMENT = { HELPDESK_URL: 'https://desk.example', HELPDESK_TOKEN: 'x' }

const GOOD = `version: 1
url: https://desk.example/desk/
resources:
  ticket:
    list: { get: /t, items: "$.t[*]", next: $.next }
    id: $.id
    read: { get: "/t/{ticket.id}" }
    texts: [{ at: $.a, write: { put: "/t/{ticket.id}", body: "{changed}" } }]
  note:
    of: ticket
    list: { get: "/t/{ticket.id}/n", items: "$[*]" }
    id: $.id
`

function faults(t: Test, text: string): readonly string[] {
  const file = join(t.testdir({ 'connector.yaml': text }), 'connector.yaml')
  try {
    loadConnector(file, ENVIRONMENT)
    return []
  } catch (error) {
    if (!(error instanceof ConnectorInvalidError)) throw error
    return error.faults.map(({ line, message }) => `${line}: ${message}`)
  }
}

test('the shipped connectors load', (t) => {
  const files = readdirSync(FOLDER)
  t.ok(files.length >= 2)
  for (const file of files) {
    const { url, resources } = loadConnector(join(FOLDER, file), ENVIRONMENT)
    t.equal(url, 'https://desk.example')
    t.ok(resources.length > 0)
  }
  t.end()
})

const BAD: readonly (readonly [from: string | RegExp, to: string, says: readonly RegExp[]])[] = [
  ['https://desk.example/desk/', 'http://desk.example', [/^2: without TLS/]],
  ['https://desk.example/desk/', 'https://u:p@desk.example', [/^2: no address/]],
  ['https://desk.example/desk/', 'ftp://desk.example', [/^2: no address/]],
  ['https://desk.example/desk/', 'https://${NOT_SET}', [/^2: the environment variable NOT_SET/]],
  ['$.t[*]', '$.t[', [/^5: /]],
  ['next: $.next', 'next: "$..next"', [/^5: a query of at most one node/]],
  ['next: $.next', 'next: $.next, page: p', [/^5: .*not by both/]],
  ['id: $.id', 'id: "$[*]"', [/^6: a query of at most one node/]],
  ['get: /t,', 'get: t,', [/^5: /]],
  ['{ticket.id}" }', '{note.id}" }', [/^7: the id of `note` is not known here/]],
  ['{ticket.id}" }', '{ticket}" }', [/^7: no path/]],
  ['"{changed}"', '"{changes}"', [/^8: exactly one kind of place/]],
  ['"{changed}"', '{ a: "{changed}", b: "{value}" }', [/^8: exactly one kind of place/]],
  ['write: {', 'byHand: no, write: {', [/^8: exactly one of `write` and `byHand`/]],
  ['put: "/t/{ticket.id}"', 'put: /a, post: /b', [/^8: exactly one of put, patch and post/]],
  ['    read: { get: "/t/{ticket.id}" }\n', '', [/^5: it stands by itself/]],
  ['of: ticket', 'of: ticked', [/^11: the id of|there is no resource `ticked`/]],
  ['of: ticket', 'of: note', [/`note` is part of itself/]],
  ['of: ticket', 'of: constructor', [/there is no resource `constructor`/]],
  [
    'id: $.id\n    read',
    'id: $.id\n    copies: { note: $.a }\n    read',
    [/^7: `note` is no resource/],
  ],
  ['version: 1', 'version: 2', [/^1: /]],
  ['resources:', 'resource:', [/resource/]],
]

test('each fault is told with its line', (t) => {
  t.same(faults(t, GOOD), [], 'the whole one has none')
  for (const [from, to, says] of BAD) {
    const found = faults(t, GOOD.replace(from, to))
    t.ok(found.length > 0, to)
    for (const pattern of says)
      t.ok(
        found.some((fault) => pattern.test(fault)),
        to,
        { found },
      )
  }
  t.throws(() => loadConnector('/none', {}), ConnectorInvalidError)
  t.end()
})

test('paths take ids that are one segment in every reading', (t) => {
  const path = parsePath('/t/{ticket.id}/n?x={ticket.id}')
  if (path === undefined) throw new Error('it is a path')
  t.equal(fillPath(path, new Map([['ticket', 'a@b']])), '/t/a%40b/n?x=a%40b')
  for (const id of ['', '.', '..', 'a/b', 'a b', 'a%2fb', 'é', 'a?b', 'a#b', 'x'.repeat(257)]) {
    t.throws(() => fillPath(path, new Map([['ticket', id]])), /cannot stand in a path/, id)
  }
  for (const text of ['/{}', '/{a}', '/{a.b}', '/a b', '/a#b', '/{A.id}']) {
    t.equal(parsePath(text), undefined, text)
  }
  t.end()
})

test('bodies are filled where a place is, and nowhere else', (t) => {
  const body = parseBody({ a: ['{value}', 'x {value}', 1, null], 'b"': true })
  if (body === undefined) throw new Error('it has a place')
  const parts = { changed: '{}', record: '{}', text: '""', value: '"{text} \\" "' }
  t.equal(body.per, 'value')
  t.equal(fillBody(body, parts), '{"a":["{text} \\" ","x {value}",1,null],"b\\"":true}')
  const named = parseBody({ text: '{value}', kind: 'toString' })
  t.equal(named && fillBody(named, { ...parts, value: '1' }), '{"text":1,"kind":"toString"}')
  for (const json of ['x', {}, 'constructor', ['{text}', '{record}']])
    t.equal(parseBody(json), undefined)
  t.end()
})
