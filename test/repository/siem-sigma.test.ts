/** The rules of deploy/siem/sigma: in the form of Sigma, with fields that are there, and finding what they are about. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'tap'
import { parse as parseYaml } from 'yaml'
import { dayOfRecords } from '../helpers/siem/day.ts'
import { FORMS, valuesOf, type Values } from '../helpers/siem/record-forms.ts'
import { fieldsOf, fits, type SigmaRule } from '../helpers/siem/sigma.ts'
import { readDocument, ROOT, tableBelow } from './markdown.ts'

const FOLDER = join(ROOT, 'deploy/siem/sigma')
const RULES = readdirSync(join(FOLDER, 'rules')).map((name) => ({
  name: basename(name, '.yml'),
  rule: parseYaml(readFileSync(join(FOLDER, 'rules', name), 'utf8')) as SigmaRule,
}))
const PIPELINE = parseYaml(readFileSync(join(FOLDER, 'pipelines/celosia_ecs.yml'), 'utf8')) as {
  readonly transformations: readonly [{ readonly mapping: Readonly<Record<string, string>> }]
}
const MAPPING = PIPELINE.transformations[0].mapping

/** Of the specification, as far as our rules use them. */
const MEMBERS = new Set([
  'title',
  'id',
  'name',
  'status',
  'description',
  'license',
  'references',
  'date',
  'tags',
  'logsource',
  'detection',
  'correlation',
  'fields',
  'falsepositives',
  'level',
])

/** Kinds of records that each finds, and whether it finds something in the made-up day. */
const FINDS: Readonly<Record<string, readonly string[]>> = {
  celosia_access_refused: ['access-refused', 'day'],
  celosia_audit_purged: ['retention-purged'],
  celosia_break_glass_refused: ['day'],
  celosia_break_glass_used: ['day', 'finding-break-glass'],
  celosia_chain_broken: ['writer-after-a-break'],
  celosia_look_ups_over_threshold: ['day', 'finding', 'finding-of-a-role'],
  celosia_outcome_unknown: ['outcome-unknown'],
  celosia_policy_refused: ['policy-refused'],
  celosia_self_test_failed: ['finding-self-test', 'finding-self-test-direct'],
  celosia_tokens_refused: ['many-refusals'],
}

/** Kinds of which there is no sample: made of one. */
const MADE: readonly (readonly [
  kind: string,
  of: string,
  change: Readonly<Record<string, unknown>>,
])[] = [
  ['outcome-unknown', 'access', { status_detail: 'outcome-unknown' }],
  ['many-refusals', 'refusals', { count: 100 }],
]
const EVENTS: readonly (readonly [kind: string, event: Values])[] = [
  ...FORMS.map(({ kind, ocsf }) => [kind, ocsf] as const),
  ...dayOfRecords(0).map(
    (line) => ['day', valuesOf((JSON.parse(line) as { event: object }).event)] as const,
  ),
  ...MADE.map(([kind, of, change]) => {
    const whole = FORMS.find((form) => form.kind === of)?.ocsf ?? new Map()
    return [
      kind,
      new Map([...whole, ...Object.entries(change).map(([k, v]) => [k, [v]] as const)]),
    ] as const
  }),
]

test('each rule has the form of Sigma, and an id of its own', (t) => {
  t.ok(RULES.length >= 10)
  t.equal(new Set(RULES.map(({ rule }) => rule.id)).size, RULES.length)
  for (const { name, rule } of RULES) {
    t.match(rule.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, name)
    t.ok(rule.title.length > 10 && rule.title.length <= 256, name)
    t.match(rule.date, /^\d{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12]\d|3[01])$/, name)
    t.ok(['informational', 'low', 'medium', 'high', 'critical'].includes(rule.level), name)
    t.ok(rule.falsepositives.length > 0, name)
    for (const tag of rule.tags ?? []) t.match(tag, /^[a-z0-9_-]+\.[a-z0-9._-]+$/, name)
    const members = Object.keys(rule).filter((member) => !MEMBERS.has(member))
    t.same(members, [], name)
    if (rule.correlation === undefined)
      t.same(rule.logsource, { product: 'celosia', service: 'audit' }, name)
  }
  t.end()
})

test('each rule finds the records that it is about, and no others', (t) => {
  const single = RULES.filter(({ rule }) => rule.detection !== undefined)
  t.same(
    single.map(({ name }) => name),
    Object.keys(FINDS),
  )
  for (const { name, rule } of single) {
    const found = EVENTS.filter(([, event]) => fits(rule, event)).map(([kind]) => kind)
    t.same([...new Set(found)].toSorted(), FINDS[name], name)
  }
  t.end()
})

test('with the pipeline each finds the same in ECS, and each field is there', (t) => {
  const rename = (field: string): string => {
    const name = MAPPING[field]
    if (name === undefined) throw new Error(`${field} is not in the pipeline`)
    return name
  }
  const used = new Set(RULES.flatMap(({ rule }) => fieldsOf(rule)))
  t.same(Object.keys(MAPPING).toSorted(), [...used].toSorted(), 'no field too many or too few')
  for (const field of used) {
    t.ok(
      EVENTS.some(([, event]) => event.has(field)),
      field,
    )
    t.ok(
      FORMS.some(({ ecs }) => ecs.has(rename(field))),
      rename(field),
    )
  }
  for (const { name, rule } of RULES.filter((one) => one.rule.detection !== undefined)) {
    for (const { kind, ocsf, ecs } of FORMS) {
      t.equal(fits(rule, ecs, rename), fits(rule, ocsf), `${name} on ${kind}`)
    }
  }
  t.end()
})

test('a correlation names rules that are there, and fields that they have', (t) => {
  const names = new Set(RULES.map(({ rule }) => rule.name))
  const correlations = RULES.flatMap(({ rule }) => rule.correlation ?? [])
  t.ok(correlations.length > 0)
  for (const correlation of correlations) {
    t.equal(correlation.type, 'event_count')
    t.match(correlation.timespan, /^\d+[smhd]$/)
    t.same(Object.keys(correlation.condition), ['gte'])
    for (const rule of correlation.rules) t.ok(names.has(rule), rule)
    for (const field of correlation['group-by']) t.ok(field in MAPPING, field)
  }
  t.end()
})

test('the table of rules equals the rules', (t) => {
  const rows = tableBelow(readDocument('deploy/siem/sigma/README.md'), '# Sigma rules')
  t.same(
    rows.map(([name, level]) => [name, level]).toSorted(),
    RULES.map(({ name, rule }) => [name, rule.level]).toSorted(),
  )
  t.end()
})
