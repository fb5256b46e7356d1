/**
 * No change of policy shows a value that a role, or several together, did not see before, without being told as looser: the diff
 * against what the programs of both policies do to documents.
 */
import * as fc from 'fast-check'
import { test } from 'tap'
import { isLoosening } from '../../src/insight/policy-diff/change.ts'
import { policyDiff } from '../../src/insight/policy-diff/policy-diff.ts'
import { maskDocument } from '../../src/json/program.ts'
import { FILE, compileText, PRELUDE } from '../rules/policy-text.ts'
import { parsePolicy } from '../../src/rules/policy/parse-policy.ts'
import { hidingPolicies } from '../helpers/hiding-policies.ts'

const CLASSES = ['one', 'two', 'three']
const ROLES = ['reader', 'writer']
const SETS = [['reader'], ['writer'], ROLES]
const QUERIES =
  `$.a $.b $..a $..b $.a.b $.a.a $.* $.*.b $.c[*] $.c[0] $.c[1:] $.c[?@.a].b $.c[*].a $..c[*].b
  $["a","b"].c $.c[?@.b=="x"] $..*`.split(/\s+/)
const PARTS = ['classes', 'roles', 'defaults', 'anywhere', 'fields', 'plain'] as const
const RUNS = 150

const { classes, roles } = hidingPolicies(CLASSES, ROLES)
const some = (least: number) =>
  fc.uniqueArray(fc.constantFrom(...QUERIES), { maxLength: 3, minLength: least })
const policies = fc.record({
  classes,
  roles,
  defaults: fc.record({ unlisted: fc.constantFrom('mask', 'mask', 'show') }),
  anywhere: fc.dictionary(fc.constantFrom(...CLASSES), some(1), {
    maxKeys: 1,
    noNullPrototype: true,
  }),
  fields: fc.dictionary(fc.constantFrom(...CLASSES), some(1), { noNullPrototype: true }),
  plain: some(0),
})

/** Documents in which each text is another one. */
const { shape } = fc.letrec<{ shape: unknown }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant('leaf'),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('shape'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    fc.array(tie('shape'), { maxLength: 3 }),
  ),
}))

function numbered(node: unknown, texts: string[]): unknown {
  if (node === 'leaf') return texts[texts.push(`text ${texts.length} of this document`) - 1]
  if (Array.isArray(node)) return node.map((one) => numbered(one, texts))
  return Object.fromEntries(
    Object.entries(node as object).map(([name, one]) => [name, numbered(one, texts)]),
  )
}

function policyOf({
  fields,
  plain,
  ...parts
}: typeof policies extends fc.Arbitrary<infer T> ? T : never) {
  const rest = {
    ...parts,
    routes: [{ match: 'GET /x', upstream: 'desk', fields, plain, fixture: 'none' }],
  }
  const prelude = PRELUDE.split('\n').filter((line) => !line.startsWith('defaults'))
  const text = [
    ...prelude,
    ...Object.entries(rest).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
  ].join('\n')
  const { document } = parsePolicy({ file: FILE, bytes: Buffer.from(text), environment: {} })
  return { compiled: compileText(text), document }
}

type Policy = ReturnType<typeof policyOf>

function seenBy(
  set: readonly string[],
  { compiled }: Policy,
  body: string,
  texts: readonly string[],
) {
  const masking = compiled.routeList[0]?.maskingFor(set)
  if (masking === undefined) throw new Error('the policy has a route')
  const answer = maskDocument(masking.program, Buffer.from(body)).bytes.toString()
  return new Set(texts.filter((text) => answer.includes(text)))
}

test('what a role comes to see is told as looser, whatever the document', (t) => {
  let shown = 0
  let silent = 0
  fc.assert(
    fc.property(
      policies,
      policies,
      // What of the first one changes: of two that have nothing in common one nearly always shows more somewhere.
      fc.constantFrom(...PARTS, undefined),
      fc.array(shape, { minLength: 1, maxLength: 6 }),
      (a, b, part, shapes) => {
        const changed = part === undefined ? b : { ...a, [part]: b[part] }
        const [before, after] = [policyOf(a), policyOf(changed)]
        const looser = policyDiff(before, after).some(isLoosening)
        if (!looser) silent += 1
        for (const node of shapes) {
          const texts: string[] = []
          const body = JSON.stringify(numbered(node, texts))
          for (const set of SETS) {
            const more = seenBy(set, after, body, texts).difference(
              seenBy(set, before, body, texts),
            )
            if (more.size > 0) shown += 1
            if (more.size > 0 && !looser) return false
          }
        }
        return true
      },
    ),
    { numRuns: RUNS },
  )
  t.ok(shown > RUNS / 20, `${shown} times somebody came to see more`)
  t.ok(silent > 0, `${silent} changes were told to be no looser`)
  t.end()
})

test('a policy beside itself is no change', (t) => {
  fc.assert(
    fc.property(policies, (one) => policyDiff(policyOf(one), policyOf(one)).length === 0),
    { numRuns: 50 },
  )
  t.pass('none')
  t.end()
})
