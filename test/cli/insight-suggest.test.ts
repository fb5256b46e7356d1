/** Suggestions from an audit of our own making: what is proposed, what is not, and a patch that tools apply and the check accepts. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test, type Test } from 'tap'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { purgeActivity } from '../../src/audit/retention/retention-activity.ts'
import type { AccessFacts } from '../../src/core/audit-facts.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { ACCESS, PURGE } from '../helpers/audit-facts.ts'
import { openFileWriter } from '../helpers/audit-writers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'

const run = promisify(execFile)
const DAY_MS = 86_400_000
const TO = '2026-03-01'
const TO_MS = Date.parse(TO)
const USER = 'GET /api/v2/users/{id:integer}'
const SEARCH = 'GET /api/v2/users/search'

interface Seen extends Partial<Omit<AccessFacts, 'subject'>> {
  readonly daysAgo: number
  readonly agent?: string
  readonly roles: readonly string[]
}

function access({ daysAgo, agent = 'agent-1', roles, ...facts }: Seen): AuditRecord {
  return apiActivity({
    ...ACCESS,
    id: uuidV7(),
    timeMs: TO_MS - daysAgo * DAY_MS,
    subject: { ...ACCESS.subject, id: agent, roles },
    classes: [],
    dataSubjects: [],
    route: USER,
    ...facts,
  })
}

function of(name: string, counts: { shown?: number; masked?: number; revealed?: number }) {
  return { class: name, shown: 0, masked: 0, revealed: 0, ...counts }
}

/** A copy of the shipped policy beside an audit of these records. */
async function world(
  t: Test,
  records: readonly AuditRecord[],
  change: (policy: string) => string = (policy) => policy,
) {
  const folder = await mkdtemp(join(tmpdir(), 'celosia-suggest-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await cp(join(import.meta.dirname, '../../config'), folder, { recursive: true })
  const directory = join(folder, 'journal')
  const writer = await openFileWriter({ directory })
  if (records.length > 0) await writer.append(records)
  await writer.close()
  const policy = join(folder, 'policies.yaml')
  await writeFile(policy, change(await readFile(policy, 'utf8')))
  const suggest = async (...args: readonly string[]) => {
    const given = ['--config', policy, '--journal', directory, '--to', TO, ...args]
    return runHere(['insight', 'suggest', ...given])
  }
  const found = async (...args: readonly string[]) => {
    const { stdout, stderr, code } = await suggest('--format', 'json', ...args)
    t.equal(code, 0, stderr)
    const lines = stdout.split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  return { folder, policy, suggest, found }
}

const kinds = (all: readonly Record<string, unknown>[]) =>
  all.map(({ kind, role, class: name, route }) =>
    [kind, role, name ?? route].filter((part) => typeof part === 'string').join(' '),
  )

/** Something of each: older than the span, shown, searched by, revealed, asked for in vain, written. */
const RECORDS: readonly AuditRecord[] = [
  access({ daysAgo: 60, roles: ['lead'], classes: [of('contact.ip', { shown: 1 })] }),
  access({ daysAgo: 9, roles: ['agent'], classes: [of('person.name', { shown: 3 })] }),
  access({
    daysAgo: 8,
    roles: ['agent'],
    route: SEARCH,
    terms: [{ class: 'person.name', pseudonym: 'v1:a' }],
  }),
  access({
    daysAgo: 7,
    roles: ['lead'],
    agent: 'lead-1',
    classes: [of('person.name', { shown: 1 }), of('contact.email', { shown: 2 })],
    reveal: { classes: ['id.national'], reason: undefined, ticket: undefined },
    effect: 'deny',
    reasons: ['reveal-reason-missing'],
    status: 403,
  }),
  access({
    daysAgo: 6,
    roles: ['billing'],
    agent: 'billing-1',
    classes: [of('payment.card', { shown: 1 })],
    terms: [{ class: 'payment.card', pseudonym: 'v1:b' }],
  }),
  access({
    daysAgo: 5,
    roles: ['lead', 'nobody'],
    agent: 'lead-2',
    classes: [of('payment.card', { revealed: 1 })],
    reveal: {
      classes: ['payment.card'],
      reason: 'refund',
      ticket: '1',
      grant: { id: uuidV7(), approver: 'dana' },
    },
  }),
  access({
    daysAgo: 4,
    roles: ['agent'],
    route: 'PUT /api/v2/tickets/{id:integer}',
    method: 'PUT',
    write: {
      read: 'GET /api/v2/tickets/{id:integer}',
      readStatus: 200,
      precondition: 'none',
      changes: [],
      places: [],
    },
  }),
]

test('what was not used is proposed, what was used is not, and what nobody can know is told apart', async (t) => {
  const { found } = await world(t, RECORDS)
  const all = await found('--unused', '30d')
  t.same(kinds(all), [
    'unused-show billing payment.iban',
    'unused-show billing person.name',
    'unused-show lead contact.ip',
    'unused-show lead contact.phone',
    'unused-show lead person.birthdate',
    // What a grant revealed is not the role's own.
    'unused-reveal lead payment.card',
    'unused-route GET /api/v2/organizations/{id:integer}',
    'unused-route GET /api/v2/tickets',
    'unused-route GET /api/v2/tickets/{id:integer}/comments',
    'unused-route GET /api/v2/users',
    'unused-route GET /api/v2/users/{id:integer}/identities',
    'unused-route PUT /api/v2/users/{id:integer}',
    // The route that a write reads by is called by who writes.
    'unused-route-role GET /api/v2/tickets/{id:integer}',
    'unused-route-role GET /api/v2/users/search',
    'unused-route-role PUT /api/v2/tickets/{id:integer}',
    'unproven-show lead contact.email',
    'unproven-show lead person.name',
  ])
  t.match(all[2], {
    sort: 'certain',
    patched: true,
    evidence: 'never shown to it, nor used, in 2 requests of 2 agents',
    counts: { requests: 2, agents: 2 },
  })
  t.match(
    all.find(({ route }) => route === SEARCH),
    { roles: ['lead', 'billing'], evidence: 'called 1 time, never by lead, billing' },
  )
  t.match(all.at(-2), {
    sort: 'open',
    patched: false,
    counts: { shown: 2, routes: 1 },
    shown_on: { [USER]: 2 },
  })
  t.match(all.at(-2)?.['evidence'], /^shown 2 times on GET \/api\/v2\/users\/\{id:integer\}; never/)

  t.same(
    kinds(await found('--unused', '60d', '--role', 'lead')).slice(0, 3),
    [
      'unused-show lead contact.phone',
      'unused-show lead person.birthdate',
      'unused-reveal lead payment.card',
    ],
    'by a longer time the look of 60 days ago counts; routes are told of the role',
  )
})

test('the patch is one that tools apply, comments stay, and the check accepts what comes out', async (t) => {
  if (!requirePeer(t, 'patch') || !requirePeer(t, 'git')) return
  const { folder, policy, suggest } = await world(t, RECORDS)
  const before = await readFile(policy, 'utf8')
  const patchFile = join(folder, 'tighter.patch')
  const { stdout, stderr, code } = await suggest('--patch', patchFile)
  t.equal(code, 0)
  t.match(stdout, /^kind +role +class or route +in the patch\n/)
  t.match(stderr, /: 15 changes; look/)
  t.equal(await readFile(policy, 'utf8'), before, 'nothing is applied by itself')
  t.equal((await suggest('--format', 'patch')).stdout, await readFile(patchFile, 'utf8'))

  for (const there of [patchFile, policy])
    t.match(await suggest('--patch', there), { code: 2, stderr: /is there already/ })
  t.equal(await readFile(policy, 'utf8'), before, 'nor is anything written over it')

  await run('git', ['apply', '--check', patchFile], { cwd: folder })
  await run('patch', ['-p1', '--input', patchFile], { cwd: folder })
  const after = await readFile(policy, 'utf8')
  const checked = await runHere(['check', policy])
  t.equal(checked.code, 0, checked.stderr)
  const kept = before.split('\n').filter((line) => /^\s*#/.test(line))
  const left = after.split('\n')
  t.same(
    kept.filter((line) => !left.includes(line)),
    [],
    'every comment line is still there',
  )
  t.match(
    after,
    /^ +# suggested \(unused-show\): lead no longer sees contact\.ip; contact\.ip was never shown to it, nor used, in 2 requests of 2 agents, in the 30d until 2026-03-01T00:00:00\.000Z$/m,
  )
  t.match(after, '    show: [person.name, contact.email]\n')
  t.notMatch(after, /match: GET \/api\/v2\/tickets\n/)
  t.match(
    after,
    /match: PUT \/api\/v2\/tickets\/\{id:integer\}\n +# suggested.*\n +roles: \[agent\]\n/,
  )
  t.match(await suggest('--patch', join(folder, 'again.patch')), {
    code: 0,
    stderr: /there is nothing to patch, and no file was written/,
  })
})

test('what only somebody who knows can decide comes into the patch where it is named', async (t) => {
  if (!requirePeer(t, 'git')) return
  const reveals = Array.from({ length: 60 }, (_, n) =>
    access({
      daysAgo: 1 + (n % 3),
      roles: ['lead'],
      agent: `lead-${n % 4}`,
      classes: [of('id.national', { revealed: 1 }), of('payment.card', { revealed: 1 })],
      reveal: {
        // All cards are revealed by one.
        classes: n % 4 === 0 ? ['id.national', 'payment.card'] : ['id.national'],
        reason: 'refund',
        ticket: '1',
      },
    }),
  )
  const { folder, policy, suggest, found } = await world(t, [...RECORDS, ...reveals])
  const open = (await found()).filter(({ sort }) => sort === 'open')
  t.same(kinds(open), [
    'unproven-show lead contact.email',
    'unproven-show lead person.name',
    'frequent-reveal lead id.national',
  ])
  t.match(open.at(-1), {
    proposal: 'lead always sees id.national: this loosens the policy',
    evidence: 'revealed in 60 of 60 answers that held it, on 3 of 5 days, by 4 agents',
    patched: false,
  })
  const patchFile = join(folder, 'open.patch')
  const kindsAsked = 'frequent-reveal,unproven-show'
  t.equal((await suggest('--with', kindsAsked, '--patch', patchFile)).code, 0)
  await run('git', ['apply', patchFile], { cwd: folder })
  t.equal((await runHere(['check', policy])).code, 0)
  const after = await readFile(policy, 'utf8')
  t.match(after, '    show: [id.national]\n')
  t.match(after, '      person.name: { reason: required }\n')
  t.match(await suggest('--with', 'unused-show'), {
    code: 2,
    stderr: /--with takes unproven-show and frequent-reveal/,
  })
})

test('what the check refuses is left out of the patch, and said', async (t) => {
  // The policy reads users by a route that nobody calls and another one needs.
  const { suggest, found } = await world(t, [
    access({ daysAgo: 40, roles: ['agent'] }),
    access({
      daysAgo: 2,
      roles: ['agent', 'lead', 'billing'],
      route: 'PUT /api/v2/users/{id:integer}',
    }),
  ])
  const { stderr } = await suggest()
  t.ok(
    stderr.includes(`not in the patch: ${USER}: the route goes: unknown route`),
    'with the route that it is about',
  )
  const routes = (await found()).filter(({ kind }) => kind === 'unused-route')
  t.match(
    routes.find(({ route }) => route === USER),
    { patched: false, left: /\S/ },
  )
  t.ok(
    routes.filter(({ patched }) => patched === true).length > 3,
    'the others are in it all the same',
  )
})

test('a route whose paths another one would take over does not go by a patch', async (t) => {
  const route = (match: string, rest: string) =>
    `  - match: ${match}\n    upstream: helpdesk\n    fixture: none\n${rest}\n`
  const [own, wide, narrow] = [
    'GET /api/v2/people/me',
    'GET /api/v2/people/{name:slug}',
    'GET /api/v2/people/{name:slug}/files',
  ]
  const added = [
    route(own, '    unlisted: mask'),
    route(wide, '    unlisted: show'),
    route(narrow, '    unlisted: mask'),
  ]
  const { suggest, found } = await world(
    t,
    [access({ daysAgo: 40, roles: ['agent'] }), access({ daysAgo: 2, roles: ['agent'] })],
    (policy) => policy.replace(/^routes:\n/m, (line) => `${line}${added.join('')}`),
  )
  const all = await found()
  const of = (text: string) => all.find((one) => one['route'] === text)
  t.match(of(own), {
    kind: 'unused-route',
    patched: false,
    left: `its paths would be those of ${wide}`,
  })
  for (const text of [wide, narrow]) t.match(of(text), { kind: 'unused-route', patched: true })
  const { stdout } = await suggest('--format', 'patch')
  t.notMatch(stdout, /^-.*people\/me/m)
  t.match(stdout, /^-.*people\/\{name:slug\}$/m)
})

test('what no record can tell of is an error, and no suggestion', async (t) => {
  const young = await world(t, [access({ daysAgo: 5, roles: ['agent'] })])
  t.match(await young.suggest(), {
    code: 2,
    stdout: '',
    stderr:
      /the audit begins at 2026-02-24T00:00:00\.000Z, .* the 30d before 2026-03-01\S+ the most that can be asked for is --unused 5d \(/,
  })
  t.equal((await young.suggest('--unused', '5d')).code, 0)
  const empty = await world(t, [])
  t.match(await empty.suggest(), { code: 2, stderr: /there is no record in this audit/ })
  const idle = await world(t, [access({ daysAgo: 40, roles: ['agent'] })])
  t.match(await idle.suggest(), { code: 2, stderr: /there is no access on record in the 30d/ })
  // What a hold kept of before a purge tells nothing of what went.
  const purged = await world(t, [
    access({ daysAgo: 40, roles: ['agent'] }),
    access({ daysAgo: 2, roles: ['agent'] }),
    purgeActivity({ ...PURGE, before: { records: TO_MS - 3 * DAY_MS } }),
  ])
  t.match(await purged.suggest(), { code: 2, stderr: /the audit begins at 2026-02-26/ })
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--unused', 'a month'], /--unused is a duration, such as 30d/],
    [['--to', 'yesterday'], /--to is a date or a time/],
    [['--to', '2999-01-01'], /--to lies in the future/],
    [['--role', 'leed'], /the policy has no role leed; did you mean lead\?/],
    [['--role', 'zzzzzz'], /the policy has no role zzzzzz \(/],
    [['--format', 'xml'], /--format is table, json or patch/],
    [['--patch', '/nowhere/at/all'], /--patch \/nowhere\/at\/all cannot be written/],
  ]
  for (const [args, stderr] of wrong)
    t.match(await young.suggest('--unused', '5d', ...args), { code: 2, stderr }, args.join(' '))
})

test('what the policy grants since it was changed had less time to be used, and that is said', async (t) => {
  const { suggest, policy } = await world(t, RECORDS)
  t.match((await suggest()).stderr, /no record is of this policy/)
  const { stdout } = await runHere(['check', policy])
  const sha256 = /sha256 ([0-9a-f]{64})/.exec(stdout)?.[1] ?? ''
  const later = await world(t, [
    ...RECORDS,
    access({ daysAgo: 3, roles: ['agent'], policy: sha256 }),
  ])
  t.match(
    (await later.suggest()).stderr,
    /this policy is on record since 2026-02-26T00:00:00\.000Z; what it grants since then had less time/,
  )
})

test('a class that somebody may have set is not unused, and a record cannot loosen what is masked', async (t) => {
  const { found } = await world(t, [
    ...RECORDS,
    access({
      daysAgo: 3,
      roles: ['lead'],
      route: 'PUT /api/v2/users/{id:integer}',
      method: 'PUT',
      classes: [],
    }),
  ])
  const all = kinds(await found())
  t.ok(all.includes('unused-show lead contact.ip'), 'requests carry no addresses of the Internet')
  for (const name of ['contact.phone', 'person.birthdate', 'contact.email', 'person.name'])
    t.notOk(
      all.some((one) => one.endsWith(`-show lead ${name}`)),
      name,
    )
  t.ok(all.includes('unused-reveal lead payment.card'), 'a reveal is for looking only')
})

test('what samples found where no line names anything is proposed by its class, or by a class of texts', async (t) => {
  const open = (text: string) => text.replace('  unlisted: mask', '  unlisted: show')
  const unnamed = await world(t, RECORDS, open)
  const { stdout } = await runHere(['check', unnamed.policy])
  const policy = /sha256 ([0-9a-f]{64})/.exec(stdout)?.[1] ?? ''
  const find = (at: string, name: string, [count, whole]: readonly [number, number]) => ({
    at,
    class: name,
    named: true,
    count,
    whole,
  })
  const sampled = (n: number, finds: readonly ReturnType<typeof find>[], of = policy) =>
    Array.from({ length: n }, () =>
      access({
        daysAgo: 2,
        roles: ['agent'],
        policy: of,
        unlisted: { finds, truncated: false },
      }),
    )
  const tags = "$['user']['tags'][*]"
  const records = [
    ...RECORDS,
    ...sampled(3, [
      find("$['user']['photo']", 'contact.email', [2, 2]),
      find(tags, 'payment.card', [4, 1]),
      find(tags, 'contact.phone', [4, 0]),
      { ...find("$['user'][*]", 'contact.email', [1, 1]), named: false },
      find("$['user']['locale']", 'no.such', [1, 1]),
    ]),
    ...sampled(2, [find("$['user']['role']", 'contact.email', [1, 1])]),
    ...sampled(9, [find("$['user']['time_zone']", 'contact.email', [1, 1])], '0'.repeat(64)),
  ]
  const { found, suggest, folder, policy: file } = await world(t, records, open)
  const all = (await found()).filter(({ kind }) => kind === 'unlisted-data')
  t.match(all, [
    {
      class: 'contact.email',
      proposal: '$.user.photo is of contact.email',
      evidence: 'found in 3 of 5 sampled answers',
      counts: { answers: 3, sampled: 5, strings: 6, whole: 6 },
      patched: true,
    },
    { proposal: '$.user[*] is of contact.email', patched: false, left: /neither in the policy/ },
    {
      class: 'text.conversation',
      proposal: '$.user.tags[*] is of text.conversation',
      evidence: 'with payment.card in it, found in 3 of 5 sampled answers',
      patched: true,
    },
  ])
  if (!requirePeer(t, 'git')) return
  const patchFile = join(folder, 'unlisted.patch')
  await suggest('--patch', patchFile)
  await run('git', ['apply', patchFile], { cwd: folder })
  t.equal((await runHere(['check', file])).code, 0)
  const after = await readFile(file, 'utf8')
  t.match(after, /^ +contact\.email: "?\$\.user\.photo"?$/m)
  t.match(after, /^ +text\.conversation: "?\$\.user\.tags\[\*\]"?$/m)
  // Where it is masked, a class would show it to those who see the class, whatever a record says.
  const masked = await world(t, records)
  t.same(
    (await masked.found()).filter(({ kind }) => kind === 'unlisted-data'),
    [],
  )
})
