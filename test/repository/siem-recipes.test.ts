/** The files of deploy/siem: what can be tried without the products that they are for. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DomUtils, parseDocument } from 'htmlparser2'
import { Redis } from 'ioredis'
import { test } from 'tap'
import { parse as parseYaml } from 'yaml'
import { STREAM_KEYS } from '../../src/audit/redis-audit-keys.ts'
import { createShippingMetrics } from '../../src/shipping/shipping-metrics.ts'
import { SAMPLES } from '../audit/export/samples.ts'
import { openRedisWriter } from '../helpers/audit-writers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'
import { dayOfRecords } from '../helpers/siem/day.ts'
import { FORMS, valuesOf } from '../helpers/siem/record-forms.ts'
import { readDocument, ROOT } from './markdown.ts'

/** What Elasticsearch takes for a type. */
const TAKES: Readonly<Record<string, (value: unknown) => boolean>> = {
  date: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  long: (value) => Number.isSafeInteger(value),
  double: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  ip: (value) => typeof value === 'string' && /^[0-9a-f.:]+$/.test(value),
  match_only_text: (value) => typeof value === 'string',
  nested: (value) => typeof value === 'object',
}

test('the index template gives each field of the documents a type that takes it', (t) => {
  const file = readFileSync(join(ROOT, 'deploy/siem/logstash/index-template.json'), 'utf8')
  const { template } = JSON.parse(file) as { template: { mappings: Mapping } }
  const typed = typesOf(template.mappings)
  t.ok(typed.size >= 15)
  for (const { kind, ecs } of FORMS) {
    for (const [path, values] of ecs) {
      const type = typed.get(path)
      if (type === undefined) continue
      for (const value of values)
        t.ok(value === null || TAKES[type]?.(value), `${kind}: ${path} is ${type}`)
    }
  }
  const unused = [...typed.keys()].filter((path) => !FORMS.some(({ ecs }) => ecs.has(path)))
  t.same(unused, [], 'each is there')
  t.end()
})

test('the alarms for Prometheus look at metrics and labels that are there', async (t) => {
  const file = readFileSync(join(ROOT, 'deploy/prometheus/celosia-shipping.rules.yaml'), 'utf8')
  const { groups } = parseYaml(file) as { groups: { rules: { alert: string; expr: string }[] }[] }
  const rules = groups.flatMap((group) => group.rules)
  t.ok(rules.length >= 6)
  const metrics = createShippingMetrics(() => 0)
  const courier = metrics.courier('siem')
  courier.late(false)
  courier.blocked(false)
  courier.aside('refused')
  courier.failure('misconfigured')
  const text = await metrics.text()
  for (const { alert, expr } of rules) {
    const [, name = '', labels = ''] = /(celosia_\w+)(?:\{(.*)\})?/.exec(expr) ?? []
    t.ok(
      text.split('\n').some((line) => line.startsWith(`${name}{`) && line.includes(labels)),
      alert,
    )
  }
})

test('the conditions of the rules for Wazuh find what they are about', (t) => {
  const events = [
    ...Object.entries(SAMPLES).map(([kind, { record }]) => ({ kind, event: record.event })),
    ...dayOfRecords(0).map((line) => ({
      kind: 'day',
      event: (JSON.parse(line) as { event: object }).event,
    })),
  ]
  const rules = wazuhRules()
  t.ok(rules.size >= 10)
  const found = new Map(
    [...rules.values()].map((rule) => [
      rule.id,
      new Set(events.filter(({ event }) => holds(rule, rules, event)).map(({ kind }) => kind)),
    ]),
  )
  const expected: Readonly<Record<string, readonly string[]>> = {
    '100901': ['finding', 'finding-of-a-role', 'day'],
    '100902': ['finding-break-glass', 'finding-reveal', 'day'],
    '100903': ['finding-break-glass', 'day'],
    '100904': ['access-refused', 'refusals', 'day'],
    '100905': ['day'],
    '100907': ['writer-after-a-break'],
    '100908': ['policy-refused'],
    '100909': ['grant', 'day'],
    '100910': ['checkpoint', 'checkpoint-ended', 'day'],
  }
  t.equal(found.get('100900')?.size, Object.keys(SAMPLES).length + 1, 'each record is ours')
  for (const [id, kinds] of Object.entries(expected)) t.same([...(found.get(id) ?? [])], kinds, id)
  t.end()
})

test('Redpanda Connect reads the streams that are written, by a user who can only read', async (t) => {
  const config = parseYaml(
    readFileSync(join(ROOT, 'deploy/siem/redpanda-connect/connect.yaml'), 'utf8'),
  ) as { input: { redis_streams: { streams: string[]; body_key: string } } }
  const { streams, body_key } = config.input.redis_streams
  t.same(streams, Object.values(STREAM_KEYS))
  if (!requirePeer(t, 'redis-server')) return
  const { text } = readDocument('deploy/siem/redpanda-connect/README.md')
  const user = /^ *user (redpanda-connect .*)$/m.exec(text)?.[1] ?? ''
  const redis = await startRedis(t, { users: [user] })
  const writer = await openRedisWriter({ url: redis.url })
  t.teardown(() => writer.close())
  await writer.append(Object.values(SAMPLES).map(({ record }) => record))
  const reader = new Redis(redis.url, {
    username: 'redpanda-connect',
    password: 'password',
    enableReadyCheck: false,
  })
  reader.on('error', () => undefined)
  t.teardown(() => reader.disconnect())
  for (const stream of streams) {
    await reader.xgroup('CREATE', stream, 'redpanda-connect', '0')
    const places = ['STREAMS', stream, '>'] as const
    const reply = (await reader.xreadgroup('GROUP', 'redpanda-connect', 'a', ...places)) as [
      string,
      [id: string, fields: string[]][],
    ][]
    const entries = reply[0]?.[1] ?? []
    t.ok(entries.length > 0)
    for (const [id, fields] of entries) {
      t.ok(fields.includes(body_key))
      t.equal(await reader.xack(stream, 'redpanda-connect', id), 1)
    }
    await t.rejects(reader.xadd(stream, '*', 'event', '{}'), /NOPERM/)
    await t.rejects(reader.xtrim(stream, 'MAXLEN', 0), /NOPERM/)
  }
})

interface Mapping {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Mapping>>
}

function typesOf({ properties = {} }: Mapping, path = ''): ReadonlyMap<string, string> {
  const types = new Map<string, string>()
  for (const [name, mapping] of Object.entries(properties)) {
    const at = path === '' ? name : `${path}.${name}`
    if (mapping.type !== undefined) types.set(at, mapping.type)
    for (const [inner, type] of typesOf(mapping, at)) types.set(inner, type)
  }
  return types
}

interface WazuhRule {
  readonly id: string
  readonly parent: string | undefined
  readonly fields: readonly (readonly [name: string, pattern: RegExp])[]
}

/** Rules that look at one record; those that count are left out. */
function wazuhRules(): ReadonlyMap<string, WazuhRule> {
  const file = readFileSync(join(ROOT, 'deploy/siem/wazuh/local_rules.xml'), 'utf8')
  const document = parseDocument(file, { xmlMode: true })
  const rules = DomUtils.getElementsByTagName('rule', document)
    .filter((rule) => rule.attribs['frequency'] === undefined)
    .map((rule): WazuhRule => {
      const [parent] = DomUtils.getElementsByTagName('if_sid', rule)
      const fields = DomUtils.getElementsByTagName('field', rule).map(
        (field) => [field.attribs['name'] ?? '', new RegExp(DomUtils.textContent(field))] as const,
      )
      return {
        id: rule.attribs['id'] ?? '',
        parent: parent && DomUtils.textContent(parent),
        fields,
      }
    })
  return new Map(rules.map((rule) => [rule.id, rule]))
}

function holds(rule: WazuhRule, rules: ReadonlyMap<string, WazuhRule>, event: object): boolean {
  const values = valuesOf(event)
  const parent = rule.parent === undefined ? undefined : rules.get(rule.parent)
  if (rule.parent !== undefined && (parent === undefined || !holds(parent, rules, event)))
    return false
  return rule.fields.every(([name, pattern]) =>
    (values.get(name) ?? []).some((value) => pattern.test(String(value))),
  )
}
