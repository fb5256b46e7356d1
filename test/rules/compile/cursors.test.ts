/** Cursors in answers: sealed for the route that takes them back, unless a class that is masked covers them. */
import { test } from 'tap'
import type { Reader } from '../../../src/json/program-source.ts'
import { compileText, faultsOf, PRELUDE } from '../policy-text.ts'

const HEAD = `${PRELUDE.replace('keys: {', 'keys: { cursor: { version: 1, env: CURSOR_KEY },')}publicUrl: https://gateway.example
classes: { contact.email: { mask: email } }
roles: { agent: {}, lead: { show: [contact.email] } }
`
const ROUTE = `routes:
  - match: GET /tickets
    upstream: desk
    query: { "page[after]": sealed, size: integer }
    cursors: [$.meta, $.both]
    links: [$.next, $.both]
    fields: { contact.email: $.meta.email }
    fixture: none
`
const seal = (place: string, text: string) =>
  `${'s'.repeat(43)}${Buffer.from(`${place}|${text}`).toString('base64url')}`
const READER: Reader = { seal, said: new Map() }
const sealed = (text: string) => seal('GET /tickets', text)

function masked(document: string, role = 'agent', reader: Reader = READER): string {
  const route = compileText(HEAD + ROUTE).routes.find('GET', ['tickets'])?.route
  const pushed = route
    ?.maskingFor([role])
    .start(undefined, reader)
    .push(Buffer.from(document), true)
  return pushed?.kind === 'bytes' ? pushed.bytes.toString() : 'nothing'
}

test('cursors leave sealed for their own route, whatever their type', (t) => {
  t.equal(
    masked('{"meta":{"after":"eyJlbWFpbCI6","before":17,"has_more":true,"none":null,"empty":""}}'),
    `{"meta":{"after":"${sealed('eyJlbWFpbCI6')}","before":"${sealed('17')}","has_more":"${sealed('true')}","none":null,"empty":""}}`,
  )
  t.equal(
    masked(`{"meta":{"after":"${'x'.repeat(2_049)}"}}`),
    '{"meta":{"after":"[sealed]"}}',
    'too long',
  )
  t.equal(masked('{"meta":{"after":"\\ud800"}}'), '{"meta":{"after":"[sealed]"}}')
  t.end()
})

test('cursors in links are sealed for the route that the link leads to', (t) => {
  const link = 'http://127.0.0.1:9/tickets?page%5Bafter%5D=eyJ&size=2'
  t.equal(
    masked(`{"next":"${link}"}`),
    `{"next":"https://gateway.example/tickets?page%5Bafter%5D=${sealed('eyJ')}&size=2"}`,
  )
  t.equal(masked(`{"next":"${link.replace('eyJ', 'x'.repeat(2_049))}"}`), '{"next":"[masked]"}')
  t.equal(masked(`{"next":"${link}&other=1"}`), '{"next":"[masked]"}')
  t.end()
})

test('where nobody is there to seal for, nothing of a cursor leaves', (t) => {
  const document = '{"meta":{"after":"eyJ"},"next":"http://127.0.0.1:9/tickets?page[after]=eyJ"}'
  const route = compileText(HEAD + ROUTE).routes.find('GET', ['tickets'])?.route
  const pushed = route?.maskingFor(['agent']).start().push(Buffer.from(document), true)
  t.equal(
    pushed?.kind === 'bytes' && pushed.bytes.toString(),
    '{"meta":{"after":"[sealed]"},"next":"[masked]"}',
  )
  t.end()
})

test('a class that is masked beats a cursor, and a cursor beside a link is neither', (t) => {
  t.equal(masked('{"meta":{"email":"jane@x.io"}}'), '{"meta":{"email":"[redacted]"}}')
  t.equal(
    masked('{"meta":{"email":"jane@x.io"}}', 'lead'),
    `{"meta":{"email":"${sealed('jane@x.io')}"}}`,
  )
  t.equal(masked('{"both":"http://127.0.0.1:9/tickets"}'), '{"both":"[redacted]"}')
  t.end()
})

test('each record of a body seals for the same subject', (t) => {
  const text = ROUTE.replace('cursors:', 'format: ndjson\n    cursors:')
  const route = compileText(HEAD + text).routes.find('GET', ['tickets'])?.route
  const pushed = route
    ?.maskingFor(['agent'])
    .start(undefined, READER)
    .push(Buffer.from('{"meta":"a"}\n{"meta":"b"}\n'), true)
  t.equal(
    pushed?.kind === 'bytes' && pushed.bytes.toString(),
    `{"meta":"${sealed('a')}"}\n{"meta":"${sealed('b')}"}\n`,
  )
  t.end()
})

test('cursors need a key, and a parameter that takes them back', (t) => {
  const keyless = HEAD.replace('cursor: { version: 1, env: CURSOR_KEY },', '')
  t.match(faultsOf(keyless + ROUTE), [{ message: /sealed with a key/, hint: /CELOSIA_CURSOR_KEY/ }])
  t.match(faultsOf(keyless + ROUTE.replace(/ {4}cursors.*\n/, '')), [
    { message: /sealed with a key/ },
  ])
  t.match(faultsOf(HEAD + ROUTE.replace('"page[after]": sealed, ', '')), [
    { message: /takes a sealed cursor back/, hint: /sealed/ },
  ])
  for (const query of ['a: { list: sealed }', 'a: [sealed, { b: 1 }]']) {
    t.ok(faultsOf(HEAD + ROUTE.replace('size: integer', query)).length > 0, query)
  }
  t.match(faultsOf(HEAD + ROUTE.replace('GET /tickets', 'GET /tickets/{id:sealed}')), [
    { message: /unknown parameter type/ },
  ])
  t.match(faultsOf(HEAD + ROUTE.replace('links:', 'answerHeaders: { x-a: sealed }\n    links:')), [
    { message: /none of the forms/ },
  ])
  t.end()
})
