/** Laws of safe writes, on records, policies and requests at random, against an upstream that does what it is told. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { parse } from 'yaml'
import { isDeepStrictEqual } from 'node:util'
import { DEFAULT_LIMITS } from '../../src/json/limits.ts'
import { maskDocument } from '../../src/json/program.ts'
import { readDocument } from '../../src/json/read-document.ts'
import { childrenOf, isContainer } from '../../src/json/tape/children.ts'
import { KIND_OBJECT } from '../../src/json/tape/tape.ts'
import { decide, ofRoles } from '../../src/rules/decide.ts'
import type { PolicyDocument, WriteDocument } from '../../src/rules/policy/document.ts'
import { DocumentSight } from '../../src/rules/writes/document-sight.ts'
import type { WriteOutcome } from '../../src/rules/writes/guard-write.ts'
import { shownName } from '../../src/rules/writes/shown-form.ts'
import { shownLeaves } from '../../src/rules/writes/returned.ts'
import type { WriteFormat } from '../../src/rules/writes/write-rules.ts'
import { applyWrite, type Json } from '../helpers/apply-write.ts'
import { hidingPolicies, type HidingPolicy } from '../helpers/hiding-policies.ts'
import { PRELUDE } from '../rules/policy-text.ts'
import { compileWithKeys, guardOf, write } from '../rules/writes/guard-of.ts'

const CLASSES = ['one', 'two', 'three'] as const
const ROLES = ['a', 'b'] as const
const QUERIES = ['$.a', '$.a.b', '$.c[*]', '$.c[0]', '$.b[-1]', '$["a","b"]', '$.*', '$.c[*].a']
  .concat(['$..b', '$..email', '$.a..c', '$..a[?@.b]', '$.b[?@.email].c', '$.d'])
  .concat(['$..[?@.email].b', '$.a[?count(@.*) > 1]', '$.c[::2]', '$..a[-2:]', '$.c[?@.id==2]'])

interface Policy extends HidingPolicy {
  readonly fields: Readonly<Record<string, readonly string[]>>
  readonly plain: readonly string[]
  readonly unlisted: 'mask' | 'show'
}

const queries = fc.uniqueArray(fc.constantFrom(...QUERIES), { minLength: 1, maxLength: 3 })
const policies: fc.Arbitrary<Policy> = fc.record({
  ...hidingPolicies(CLASSES, ROLES),
  fields: fc.dictionary(fc.constantFrom(...CLASSES), queries, { noNullPrototype: true }),
  plain: fc.uniqueArray(fc.constantFrom(...QUERIES, '$..*', '$..*'), { maxLength: 3 }),
  unlisted: fc.constantFrom('mask', 'show'),
})
const roleSets = fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1 })

const rules: fc.Arbitrary<WriteDocument> = fc.record({
  read: fc.constant('GET /x'),
  update: fc.constantFrom('partial', 'replace'),
  returned: fc.constantFrom('restore', 'refuse'),
  absent: fc.constantFrom('restore', 'refuse'),
  empty: fc.constantFrom('keep', 'remove'),
  lists: fc.constantFrom([], [{ at: '$.c', key: '@.id', update: 'replace' as const }]),
  precondition: fc.constant('none'),
})
const removing = rules.map((one) =>
  one.update === 'partial' ? { ...one, returned: 'remove' as const } : one,
)
const formats = fc.constantFrom<WriteFormat>('json', 'merge-patch', 'json-patch')

/** One of them looks like data, and is masked where values are. */
const NAMES = ['a', 'b', 'c', 'email', 'd', 'no 12345'] as const

/** Documents whose strings are all different: `<1>`, `<2>`... Member `c` is often a list of records. */
const documents = fc
  .letrec<{ value: Json; list: Json; record: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'large', withCrossShrink: true },
      fc.constantFrom<Json>('leaf', 'leaf', 'leaf', null, 7, true, ''),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ) as fc.Arbitrary<Json>,
    list: fc
      .uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 })
      .chain((ids) =>
        fc.tuple(
          ...ids.map((id) => fc.record({ id: fc.constant(id), a: tie('value'), b: tie('value') })),
        ),
      ),
    record: fc.record(
      {
        a: tie('value'),
        b: tie('value'),
        c: fc.oneof(tie('list'), tie('value')),
        email: tie('value'),
        d: tie('value'),
      },
      { requiredKeys: ['a'] },
    ) as fc.Arbitrary<Json>,
  }))
  .record.map((value) => {
    let count = 0
    return JSON.stringify(value).replaceAll('"leaf"', () => `"<${(count += 1)}>"`)
  })

/** One change of a request. `at` picks the place, `what` what comes there. */
const edits = fc.array(
  fc.record({
    at: fc.nat(40),
    what: fc.constantFrom('drop', 'new', 'null', 'swap', 'object', 'mask'),
    other: fc.nat(40),
  }),
  { maxLength: 3 },
)

function textOf(policy: Policy): string {
  const { fields, plain, unlisted, ...rest } = policy
  const routes = [{ match: 'GET /x', upstream: 'desk', fixture: 'none', fields, plain, unlisted }]
  // JSON is YAML.
  return (
    PRELUDE +
    Object.entries({ ...rest, routes })
      .map(([name, part]) => `${name}: ${JSON.stringify(part)}\n`)
      .join('')
  )
}

function masked(text: string, roles: readonly string[], document: string): string {
  const policy = compileWithKeys(parse(text) as PolicyDocument)
  const decision = decide(policy.routes.find('GET', ['x'])?.route, ofRoles(policy, roles))
  if (decision.effect === 'deny') throw new Error('denied')
  return maskDocument(decision.masking.program, Buffer.from(document)).bytes.toString()
}

const canariesIn = (text: string): readonly string[] => text.match(/<\d+>/g) ?? []

/** The document changed, by places counted in document order. */
function edited(
  document: Json,
  changes: readonly { at: number; what: string; other: number }[],
): Json {
  const root: Json = { '': structuredClone(document) }
  for (const { at, what, other } of changes) {
    const places = placesOf(root)
    const place = places[at % places.length]
    const second = places[other % places.length]
    if (place === undefined || second === undefined) continue
    const set = (value: Json) => ((place.parent as Record<string, Json>)[place.name] = value)
    if (what === 'drop') {
      if (Array.isArray(place.parent)) place.parent.splice(Number(place.name), 1)
      else if (place.name !== '') delete (place.parent as Record<string, Json>)[place.name]
    } else if (what === 'new') set('new')
    else if (what === 'null') set(null)
    else if (what === 'object') set({ a: 'new', email: 'new' })
    else if (what === 'mask') set('[redacted]')
    else set(structuredClone((second.parent as Record<string, Json>)[second.name] ?? null))
  }
  return root[''] ?? null
}

function placesOf(root: Json): { parent: Json; name: string }[] {
  if (typeof root !== 'object' || root === null) return []
  return Object.entries(root).flatMap(([name, value]) => [
    { parent: root, name },
    ...placesOf(value),
  ])
}

function asRequest(record: Json, wanted: Json, format: WriteFormat): Json {
  return format === 'json-patch' ? differences(record, wanted, '') : wanted
}

/** A patch that makes one document of another, as an editor would send it. */
function differences(from: Json, to: Json, path: string): Json[] {
  if (isDeepStrictEqual(from, to)) return []
  const isObject = (value: Json) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(from) || !isObject(to)) return [{ op: 'replace', path, value: to }]
  const [a, b] = [from, to] as [Record<string, Json>, Record<string, Json>]
  return [
    ...Object.keys(a)
      .filter((name) => !Object.hasOwn(b, name))
      .map((name) => ({ op: 'remove', path: `${path}/${name}` })),
    ...Object.entries(b).flatMap(([name, value]) =>
      Object.hasOwn(a, name)
        ? differences(a[name] ?? null, value, `${path}/${name}`)
        : [{ op: 'add', path: `${path}/${name}`, value }],
    ),
  ]
}

function sent(outcome: WriteOutcome): Json | undefined {
  return outcome.kind === 'send'
    ? (JSON.parse(Buffer.from(outcome.body).toString()) as Json)
    : undefined
}

test('the sights of single places say what the masking program does', (t) => {
  const law = fc.property(policies, roleSets, documents, (policy, roles, record) => {
    const text = textOf(policy)
    const { sights } = guardOf(
      text,
      { read: 'GET /x', returned: 'refuse', precondition: 'none' },
      roles,
    )
    const sight = new DocumentSight(readDocument(Buffer.from(record), DEFAULT_LIMITS), sights)
    const expected = JSON.parse(masked(text, roles, record)) as Json
    return isDeepStrictEqual(shownValue(sight, 0) ?? null, expected)
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 400 }))
  t.end()
})

function shownValue(sight: DocumentSight, node: number): Json | undefined {
  if (sight.isSuppressed(node)) return undefined
  if (!isContainer(sight.tape, node) || sight.isMaskedWhole(node)) {
    if (sight.of(node).mask === undefined) return rawValue(sight, node)
    const [first] = shownLeaves(sight, node)
    return first?.type === 'string' ? first.text : (JSON.parse(first?.text ?? 'null') as Json)
  }
  const children = Array.from(
    childrenOf(sight.tape, node),
    (child) => [child, shownValue(sight, child)] as const,
  )
  const seen = children.filter((pair): pair is [number, Json] => pair[1] !== undefined)
  if (sight.tape.kind[node] !== KIND_OBJECT) return seen.map(([, value]) => value)
  return Object.fromEntries(seen.map(([child, value]) => [shownName(sight, child), value]))
}

function rawValue({ tape }: DocumentSight, node: number): Json {
  return JSON.parse(
    Buffer.from(tape.bytes.subarray(tape.start[node], tape.end[node])).toString(),
  ) as Json
}

test('T4: the masked form sent back whole changes nothing, or is refused', (t) => {
  const counts = { send: 0, refuse: 0 }
  const law = fc.property(
    policies,
    roleSets,
    documents,
    fc.tuple(removing, formats),
    (policy, roles, record, [rule, format]) => {
      const text = textOf(policy)
      const before = JSON.parse(record) as Json
      const form = asRequest(before, JSON.parse(masked(text, roles, record)) as Json, format)
      const outcome = write(guardOf(text, rule, roles), {
        record,
        body: JSON.stringify(form),
        format,
      })
      counts[outcome.kind] += 1
      const body = sent(outcome)
      if (body === undefined) return true
      const after = applyWrite(before, body, { format, update: rule.update ?? 'partial' })
      // A merge patch cannot say null, and nothing was hidden in one.
      return isDeepStrictEqual(withoutNulls(after, format), withoutNulls(before, format))
    },
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 800 }))
  t.ok(counts.send > 200, `${counts.send} were sent, ${counts.refuse} refused`)
  t.end()
})

function withoutNulls(value: Json, format: WriteFormat): Json {
  if (format !== 'merge-patch' || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => withoutNulls(one, format))
  const members = Object.entries(value).filter(([, one]) => one !== null)
  return Object.fromEntries(members.map(([name, one]) => [name, withoutNulls(one, format)]))
}

test('whatever is written: what is hidden is still there, and still hidden', (t) => {
  const counts = { send: 0, refuse: 0 }
  const law = fc.property(
    policies,
    roleSets,
    documents,
    fc.tuple(removing, formats, edits),
    (policy, roles, record, [rule, format, changes]) => {
      const text = textOf(policy)
      const before = JSON.parse(record) as Json
      const seen = masked(text, roles, record)
      const wanted = edited(JSON.parse(seen) as Json, changes)
      const body = JSON.stringify(asRequest(before, wanted, format))
      const outcome = write(guardOf(text, rule, roles), { record, body, format })
      counts[outcome.kind] += 1
      const hidden = canariesIn(record).filter((canary) => !canariesIn(seen).includes(canary))
      const change = sent(outcome)
      if (change === undefined) {
        const told = JSON.stringify(outcome)
        return hidden.every((canary) => !told.includes(canary))
      }
      const after = JSON.stringify(
        applyWrite(before, change, { format, update: rule.update ?? 'partial' }),
      )
      const shown = masked(text, roles, after)
      return hidden.every((canary) => after.includes(canary) && !shown.includes(canary))
    },
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 1_500 }))
  t.ok(
    counts.send > 200 && counts.refuse > 200,
    `${counts.send} were sent, ${counts.refuse} refused`,
  )
  t.end()
})

test('operations at random leave what is hidden there, and hidden', (t) => {
  // Places of the record by number, and now and then one below or beside.
  const pointers = fc.record({
    at: fc.nat(30),
    below: fc.constantFrom('', '', '', '/a', '/0', '/-', '/email'),
  })
  const values = fc.constantFrom<Json>(
    'new',
    null,
    { a: 'new' },
    ['new'],
    '[redacted]',
    '[masked]',
    0,
    'x',
  )
  const operations = fc.array(
    fc.oneof(
      fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: pointers, value: values }),
      fc.record({ op: fc.constantFrom('move', 'copy'), path: pointers, from: pointers }),
      fc.record({ op: fc.constant('remove'), path: pointers }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  const counts = { send: 0, refuse: 0, failed: 0 }
  const law = fc.property(
    policies,
    roleSets,
    documents,
    operations,
    (policy, roles, record, drawn) => {
      const text = textOf(policy)
      const paths = pathsOf(JSON.parse(record) as Json)
      const patch = operationsOf(drawn, paths)
      const seen = masked(text, roles, record)
      const rule: WriteDocument = { read: 'GET /x', returned: 'remove', precondition: 'none' }
      const outcome = write(guardOf(text, rule, roles), {
        record,
        body: JSON.stringify(patch),
        format: 'json-patch',
      })
      counts[outcome.kind] += 1
      const change = sent(outcome)
      if (change === undefined) return true
      const hidden = canariesIn(record).filter((canary) => !canariesIn(seen).includes(canary))
      const after = attempt(() =>
        JSON.stringify(
          applyWrite(JSON.parse(record) as Json, change, {
            format: 'json-patch',
            update: 'partial',
          }),
        ),
      )
      if (after === undefined) {
        counts.failed += 1
        return false
      }
      const shown = masked(text, roles, after)
      return hidden.every((canary) => after.includes(canary) && !shown.includes(canary))
    },
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 1_500 }))
  t.ok(counts.send > 50 && counts.refuse > 50, JSON.stringify(counts))
  t.end()
})

interface Drawn {
  readonly op: string
  readonly path: { readonly at: number; readonly below: string }
  readonly from?: { readonly at: number; readonly below: string }
  readonly value?: Json
}

function operationsOf(drawn: readonly Drawn[], paths: readonly string[]): Json[] {
  const pointer = ({ at, below }: Drawn['path']) => `${paths[at % paths.length] ?? ''}${below}`
  return drawn.map(({ op, path, from, value }) => ({
    op,
    path: pointer(path),
    ...(from !== undefined && { from: pointer(from) }),
    ...(value !== undefined && { value }),
  }))
}

function pathsOf(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return ['']
  return [
    '',
    ...Object.entries(value).flatMap(([name, one]) =>
      pathsOf(one).map((path) => `/${name}${path}`),
    ),
  ]
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

test('the order of members makes no difference', (t) => {
  const law = fc.property(
    policies,
    roleSets,
    documents,
    fc.tuple(removing, edits),
    (policy, roles, record, [rule, changes]) => {
      const text = textOf(policy)
      const wanted = edited(JSON.parse(masked(text, roles, record)) as Json, changes)
      const guard = guardOf(text, rule, roles)
      const one = write(guard, { record, body: JSON.stringify(wanted) })
      const other = write(guard, { record, body: JSON.stringify(turned(wanted)) })
      if (one.kind !== other.kind) return false
      return isDeepStrictEqual(sent(one), sent(other))
    },
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
  t.end()
})

function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, one]) => [name, turned(one)]),
  )
}

test('who sees all writes all, byte for byte', (t) => {
  const law = fc.property(
    policies,
    documents,
    documents,
    fc.tuple(rules, formats),
    (policy, record, body, [rule, format]) => {
      const open: Policy = {
        ...policy,
        unlisted: 'show',
        roles: { a: { show: [...CLASSES] }, b: { show: [] } },
      }
      const request = JSON.stringify(
        asRequest(JSON.parse(record) as Json, JSON.parse(body) as Json, format),
        undefined,
        1,
      )
      const outcome = write(guardOf(textOf(open), rule, ['a']), { record, body: request, format })
      return outcome.kind === 'send' && Buffer.from(outcome.body).toString() === request
    },
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
  t.end()
})
