/** What a policy says of answers beside JSON: formats and errors, compiled and run. */
import { test } from 'tap'
import type { Route } from '../../../src/rules/compiled-policy.ts'
import type { Rewriter } from '../../../src/json/program-source.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

const HEAD = `${PRELUDE}classes:
  contact.email: { mask: email }
  payment.card: { mask: redact }
roles: { agent: {}, lead: { show: [contact.email] } }
anywhere: { contact.email: $..email }
`

function routeOf(text: string): Route {
  const found = compileText(
    `${HEAD}routes:\n  - match: GET /a\n    upstream: desk\n${text}`,
  ).routes.find('GET', ['a'])
  if (found === undefined) throw new Error('the route is there')
  return found.route
}

function run(rewriter: Rewriter, body: string): string {
  const pushed = rewriter.push(Buffer.from(body), true)
  return pushed.kind === 'bytes' ? pushed.bytes.toString() : 'needs keys'
}

test('a route is JSON unless it says otherwise', (t) => {
  t.same(routeOf('    fixture: none\n').format, { kind: 'json' })
  t.same(routeOf('    format: ndjson\n    fixture: none\n').format, { kind: 'ndjson' })
  t.match(routeOf('    format: csv\n    table: { columns: [id] }\n').format, { separator: ',' })
  t.end()
})

test('records are masked by queries from the record, for the role that asks', (t) => {
  const fields = '    fields: { payment.card: $.card }\n    plain: [$.id]\n    fixture: none\n'
  const table = routeOf(`    format: csv\n    table: { columns: [id, email, card, x] }\n${fields}`)
  const rows = 'id,email,card,x\n7,jane@example.com,4111,y\n'
  t.equal(
    run(table.maskingFor(['agent']).start(), rows),
    'id,email,card,x\n7,j***@example.com,[redacted],[masked]\n',
  )
  t.equal(
    run(table.maskingFor(['lead']).start(), rows),
    'id,email,card,x\n7,jane@example.com,[redacted],[masked]\n',
  )
  const lines = routeOf(`    format: ndjson\n${fields}`)
  t.equal(
    run(lines.maskingFor(['agent']).start(), '{"id":7,"card":[1]}\n{"a":{"email":"jane@x.io"}}\n'),
    '{"id":7,"card":"[redacted]"}\n{"a":{"email":"j***@x.io"}}\n',
  )
  const stream = routeOf(
    `    format: event-stream\n    events: { names: [a], id: integer }\n${fields}`,
  )
  t.equal(
    run(
      stream.maskingFor(['agent']).start(),
      'id: 1\nevent: a\ndata: {"id":7,"card":1}\n\nid: x\ndata: 1\n\n',
    ),
    'event: a\nid: 1\ndata: {"id":7,"card":"[redacted]"}\n\ndata: 0\n\n',
  )
  t.end()
})

test('fixtures of records are read record by record', (t) => {
  const text = `${HEAD}routes:
  - match: GET /a
    upstream: desk
    format: csv
    table: { columns: [id, card], separator: ";" }
    dataSubjects: [{ kind: user, at: $, id: "@.id" }]
    fields: { payment.card: $.card }
    plain: [$.id]
    fixture: a.csv
`
  t.doesNotThrow(() => compileText(text, { fixtures: { 'a.csv': 'id;card\n7;4111\n' } }))
  t.end()
})

test('errors are replaced unless the route says otherwise', (t) => {
  t.equal(routeOf('    fixture: none\n').errorMaskingFor, undefined)
  t.equal(routeOf('    errors: replace\n').errorMaskingFor, undefined)
  t.end()
})

test('errors are masked by what holds anywhere; the rest of them too, also where answers show it', (t) => {
  const route = routeOf(
    '    errors: mask\n    unlisted: show\n    fields: { payment.card: $.error }\n    fixture: none\n',
  )
  const error = '{"error":"jane@x.io already taken","email":"jane@x.io"}'
  const agent = route.errorMaskingFor?.(['agent'])
  if (agent === undefined) throw new Error('errors are masked')
  const rewriter = agent.start()
  t.equal(run(rewriter, error), '{"error":"[masked]","email":"j***@x.io"}')
  t.match(agent.report(rewriter.exposures()).classes, [{ class: 'contact.email', masked: 1 }])
  t.equal(
    run(route.maskingFor(['agent']).start(), error),
    '{"error":"[redacted]","email":"j***@x.io"}',
  )
  t.end()
})

test('errors have queries of their own, whose classes count for the rules on look-ups', (t) => {
  const own = '{ fields: { payment.card: $.card }, plain: [$.code], unlisted: show, fixture: none }'
  const route = routeOf(`    errors: ${own}\n    fixture: none\n`)
  const masking = route.errorMaskingFor?.(['agent'])
  if (masking === undefined) throw new Error('errors are masked')
  t.equal(
    run(masking.start(), '{"card":"4111","code":7,"text":"shown","email":"jane@x.io"}'),
    '{"card":"[redacted]","code":7,"text":"shown","email":"j***@x.io"}',
  )
  t.same([...route.classes].toSorted(), ['contact.email', 'payment.card'])
  t.end()
})

test('a shape says what stands where, and a document that differs is told by its query alone', (t) => {
  const shape = `    shape:
      $.users: array
      $.users[*]: object
      $.users[*].email: [string, "null"]
      $.next: [string, "null", absent]
`
  const { shapeFault } = routeOf(`${shape}    fixture: none\n`)
  if (shapeFault === undefined) throw new Error('the route has a shape')
  const fault = (json: string) => shapeFault([Buffer.from(json)])
  t.equal(fault('{"users":[]}'), undefined)
  t.equal(fault('{"users":[{"id":1},{"email":"a"},{"email":null}],"next":"x"}'), undefined)
  t.equal(fault('{"users":{"1":{"email":"a"}}}'), 'no array at $.users')
  t.equal(fault('[]'), 'no array at $.users')
  t.equal(fault('{"users":[[1]]}'), 'no object at $.users[*]')
  t.equal(fault('{"users":[{"email":{"a":1}}]}'), 'no string or null at $.users[*].email')
  t.equal(fault('{"users":[{"email":true}]}'), 'no string or null at $.users[*].email')
  t.equal(fault('{"users":[],"next":7}'), 'no string or null at $.next')
  t.equal(shapeFault([Buffer.from('{"users"'), Buffer.from(':[]}')]), undefined, 'in parts')
  t.match(fault(`{"users":[],"x":"${'x'.repeat(1_048_576)}"}`), /more than 1048576 bytes/)
  const filter = routeOf(`    shape: { "$[?@.a == 1]": object }\n    fixture: none\n`)
  t.match(filter.shapeFault?.([Buffer.from('[{"a":1,"a":2}]')]), /cannot be decided/)
  t.end()
})

test('check complains of a shape', (t) => {
  const faultsOf = (text: string, answer?: string) => {
    const head = `${HEAD}routes:\n  - match: GET /a\n    upstream: desk\n`
    const fixture = answer === undefined ? 'none' : 'a.json'
    return () =>
      compileText(`${head}${text}    fixture: ${fixture}\n`, {
        fixtures: { 'a.json': answer ?? '' },
      })
  }
  t.doesNotThrow(faultsOf('    shape: { $.user: object }\n', '{"user":{}}'))
  for (const [text, answer, message] of [
    ['    shape: { $.user: object }\n', '{"user":[]}', /the fixture has no object there/],
    ['    shape: { $.user: object }\n', '{}', /the fixture has no object there/],
    ['    shape: { "$.user[": object }\n', undefined, /expected a quoted name/],
    ['    shape: { $.user: absent }\n', undefined, /names at least one type/],
    ['    shape: { "$.users[*]": [object, absent] }\n', undefined, /may select none/],
    ['    shape: { $.user: text }\n', undefined, /has none of the forms allowed/],
    ['    shape: {}\n', undefined, /fewer than 1/],
    ['    format: ndjson\n    shape: { $.user: object }\n', undefined, /one JSON document/],
  ] as const)
    t.throws(faultsOf(text, answer), { message }, text)
  t.end()
})
