/**
 * Section M of the threat model: a change of policy that shows more than its author says. It is told before it is in force,
 * with an exit code that a build stops at, and the reload puts on record what it was.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { runHere } from '../helpers/program.ts'
import { startWorld } from '../helpers/world.ts'
import { noteVerdict } from './verdicts.ts'

const FIXTURES = fileURLToPath(new URL('../../config/fixtures', import.meta.url))

type Change = (policy: PolicyDocument) => PolicyDocument

/** Ways to show more, each with what must be told. */
const ATTACKS: readonly (readonly [name: string, change: Change, told: RegExp])[] = [
  [
    'one more class for a role, in a list of many',
    (policy) => ({
      ...policy,
      roles: { ...policy.roles, agent: { show: ['person.name', 'contact.*'] } },
    }),
    /visible +GET \/api\/v2\/users\/\{id:integer\} +\$\.\.phone +contact\.phone +agent +keepLast\(2\) +show/,
  ],
  [
    'a field moved to the plain ones',
    route(0, (one) => ({
      ...one,
      fields: { ...one.fields, 'text.note': ['$.user.notes'] },
      plain: [...(one.plain ?? []), '$.user.details'],
    })),
    /\$\.user\.details +text\.note -> no class +agent +redact +show/,
  ],
  [
    'a field that loses its class where another query covers it',
    route(0, (one) => ({
      ...one,
      fields: {
        ...one.fields,
        'person.name': ['$.user.name', '$.user.user_fields.card_on_file'],
        'payment.card': '$.user.card',
      },
      fixture: 'none',
    })),
    /card_on_file +payment\.card -> person\.name +agent +keepLast\(4\) +show/,
  ],
  [
    'what is unlisted shown, by a default far away',
    (policy) => ({ ...policy, defaults: { ...policy.defaults, unlisted: 'show' } }),
    /\(what no line names\) +no class +agent +mask +show/,
  ],
  [
    'a mask that leaves the whole of most values',
    (policy) => ({
      ...policy,
      classes: {
        ...policy.classes,
        'payment.card': { ...policy.classes['payment.card'], mask: { keepLast: 12 } },
      },
    }),
    /classes\.payment\.card\.mask +payment\.card +- +keepLast\(4\) +keepLast\(12\)/,
  ],
  [
    'the second factor for cards dropped',
    (policy) => ({
      ...policy,
      classes: { ...policy.classes, 'payment.card': { mask: { keepLast: 4 }, sensitive: true } },
    }),
    /classes\.payment\.card\.assurance/,
  ],
  [
    'a level that everybody meets',
    (policy) => ({
      ...policy,
      identity: { ...policy.identity, assurance: { 'second-factor': { amr: ['pwd', 'mfa'] } } },
    }),
    /identity\.assurance\.second-factor/,
  ],
  [
    'a rule that counts as high as nobody comes',
    (policy) => ({
      ...policy,
      detect: (policy.detect ?? []).map((rule) => ({
        ...rule,
        count: { ...rule.count, over: 10_000 },
      })),
    }),
    /detect\.repeated sensitive look-ups\.count\.over/,
  ],
  [
    'a route that nobody listed',
    (policy) => ({
      ...policy,
      routes: [
        ...policy.routes,
        { match: 'GET /api/v2/exports', upstream: 'helpdesk', unlisted: 'show', fixture: 'none' },
      ],
    }),
    /allowed +GET \/api\/v2\/exports +- +- +agent/,
  ],
  [
    'another upstream behind the same routes',
    (policy) => ({
      ...policy,
      upstreams: {
        helpdesk: { ...policy.upstreams['helpdesk'], url: 'https://collector.example' },
      },
    }),
    /cannot be told[^]*upstreams\.helpdesk\.url/,
  ],
]

function route(
  index: number,
  change: (one: PolicyDocument['routes'][number]) => PolicyDocument['routes'][number],
): Change {
  return (policy) => ({
    ...policy,
    routes: policy.routes.map((one, at) => (at === index ? change(one) : one)),
  })
}

test('M131: whatever way a change shows more, it is told, and the exit code says so', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-change-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  await cp(FIXTURES, join(directory, 'fixtures'), { recursive: true })
  const place = async (name: string, policy: PolicyDocument) => {
    await writeFile(join(directory, name), JSON.stringify(policy))
    return join(directory, name)
  }
  const before = await place('before.yaml', shippedPolicy())
  for (const [name, change, told] of ATTACKS) {
    const after = await place('after.yaml', change(shippedPolicy()))
    const { code, stdout, stderr } = await runHere(['policy', 'diff', before, after])
    const held = t.equal(code, 6, `${name} ${stderr}`)
    noteVerdict({ id: 'M131', held: t.match(stdout, told, name) && held, due: undefined })
  }
  const same = await runHere(['policy', 'diff', before, before])
  t.same([same.code, same.stdout], [0, 'no change\n'])
})

test('M131: a reload puts on record how much of it was looser', async (t) => {
  const { gateway } = await startWorld(t)
  const text = (change: Change) => JSON.stringify(change(shippedPolicy()))
  t.equal(await gateway.reload(text(ATTACKS[0]?.[1] ?? ((one) => one))), 'reloaded')
  t.equal(await gateway.reload(text((one) => one)), 'reloaded')
  t.equal(await gateway.reload('version: 2'), 'refused')
  const records: readonly Readonly<Record<string, unknown>>[] = (await gateway.records())
    .map((event) => ({
      severity: event['severity_id'],
      ...(event['unmapped'] as { celosia: Record<string, unknown> }).celosia,
    }))
    .filter((one) => 'faults' in one)
  const held = t.match(records, [
    { activity: 'loaded', severity: 1, changes: undefined },
    { activity: 'reloaded', severity: 2, changes: { unclear: 0, stricter: 0 } },
    { activity: 'reloaded', severity: 1, changes: { looser: 0, unclear: 0 } },
    { activity: 'refused', severity: 3, changes: undefined },
  ])
  const [, opened, closed] = records.map(
    ({ changes }) => changes as Record<string, number> | undefined,
  )
  const counted = t.ok((opened?.['looser'] ?? 0) > 0)
  t.equal(closed?.['stricter'], opened?.['looser'], 'taken back, line by line')
  noteVerdict({ id: 'M131', held: held && counted, due: undefined })
})
