/** What a privacy officer and an incident team ask an audit: who saw this person, what did this agent see. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test, type Test } from 'tap'
import { Spool } from '../../src/audit/spool/spool.ts'
import { systemClock } from '../../src/core/clock.ts'
import { auditRecords } from '../helpers/audit-records.ts'
import { newChain, sealAll } from '../helpers/audit-writers.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere, type ProgramEnd } from '../helpers/program.ts'
import { header, request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

/** What no terminal may be sent: all but the ends of lines. */
const CONTROLS = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u

interface Case {
  readonly world: World
  /** Runs a command on the audit of the world. */
  readonly audit: (...args: readonly string[]) => Promise<ProgramEnd>
  readonly look: (subject: string, roles: readonly string[], path: string) => Promise<string>
}

async function makeCase(t: Test): Promise<Case> {
  const world = await startWorld(t)
  const { gateway, upstream, canaries } = world
  upstream.answer(({ target }) => jsonAnswer(userBody(canaries, Number(target.split('/').at(-1)))))
  return {
    world,
    audit: (...args) =>
      runHere(['audit', ...args, '--journal', gateway.journal], { env: gateway.environment }),
    look: async (subject, roles, path) => {
      const token = await world.token({ subject, roles })
      const answer = await request(gateway.port, { path, token })
      return header(answer, 'celosia-request-id') ?? ''
    },
  }
}

const linesOf = ({ stdout }: ProgramEnd): readonly Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('who saw this person, and what did this agent see', async (t) => {
  const { world, audit, look } = await makeCase(t)
  const { gateway } = world
  const hostile = 'agent-\u001b[2J\u202e-x\u009b2J\u{e0041}'
  await look('agent-1', ['agent'], '/api/v2/users/7')
  await look('agent-1', ['agent'], '/api/v2/users/8')
  await look('lead-1', ['lead'], '/api/v2/users/7')
  const refused = await look('agent-1', ['nobody'], '/api/v2/users/7')
  await look(hostile, ['agent'], '/api/v2/users/9')
  await look('agent-1', ['agent'], '/nowhere')
  const config = ['--config', gateway.policyFile]

  await t.test('audit subject', async (row) => {
    const end = await audit('subject', '7', '--kind', 'user', ...config, '--format', 'json')
    row.equal(end.code, 0)
    const accesses = linesOf(end)
    row.match(accesses, [
      { agent: 'agent-1', decision: 'permit', route: 'GET /api/v2/users/{id:integer}' },
      { agent: 'lead-1', decision: 'permit', reasons: ['role-permits'] },
      { agent: 'agent-1', decision: 'deny', classes: [] },
    ])
    row.ok(JSON.stringify(accesses[0]).includes('"class":"person.name"'))
    row.equal(accesses[2]?.['request'], refused)
    const table = await audit('subject', '7', '--kind', 'user', ...config)
    row.match(table.stdout, /^time +agent +roles/)
    row.match(table.stdout, /contact\.email: 1 masked/)
    row.match(table.stdout, /^agent-1 +2 +/m, 'and a sum for each agent')
    const nobody = await audit('subject', '4711', '--kind', 'user', ...config)
    row.match(nobody, { code: 0, stdout: /no access on record/ })
    const other = await audit('subject', '7', '--kind', 'ticket', ...config)
    row.match(other, { code: 0, stdout: /no access on record/ }, 'user 7 is not ticket 7')
    row.match(other.stderr, /no route .* the kind ticket .* they name: user$/m, 'a slip is told')
    const past = await audit('subject', '7', '--kind', 'user', ...config, '--to', '2020-01-01')
    row.match(past.stdout, /no access on record/)
  })
  await t.test('audit subject without the key, and with an older one', async (row) => {
    const withoutKey = await runHere(
      ['audit', 'subject', '7', '--kind', 'user', ...config, '--journal', gateway.journal],
      { env: {} },
    )
    row.match(withoutKey, { code: 5, stderr: /no version of keys.audit is here/ })
    const folder = await mkdtemp(join(tmpdir(), 'celosia-keys-'))
    row.teardown(() => rm(folder, { recursive: true }))
    const rotated = join(folder, 'policies.yaml')
    const { CELOSIA_AUDIT_KEY: old = '' } = gateway.environment
    await writeFile(join(folder, 'old'), old)
    await writeFile(
      rotated,
      `version: 1
upstreams: { d: { url: "http://127.0.0.1:9" } }
identity: { issuers: [{ issuer: "http://127.0.0.1:9", audience: c, algorithms: [ES256], roles: "$.r[*]" }] }
keys: { audit: { version: 2, env: NEW, previous: [{ version: 1, file: old }] } }
classes: {}
roles: { a: {} }
routes: []
`,
    )
    const asked = (env: Record<string, string>) =>
      runHere(
        [
          'audit',
          'subject',
          '7',
          '--kind',
          'user',
          '--config',
          rotated,
          '--journal',
          gateway.journal,
        ],
        { env },
      )
    const both = await asked({ NEW: randomBytes(32).toString('base64') })
    row.match(both, { code: 0, stdout: /^agent-1/m, stderr: /^$/ })
    const half = await asked({})
    row.match(half, { code: 0, stdout: /^agent-1/m, stderr: /keys\.audit \(NEW\) is not here/ })
  })
  await t.test('audit agent', async (row) => {
    const end = await audit('agent', 'agent-1', '--format', 'json')
    row.match(linesOf(end), [
      {
        agent: 'agent-1',
        accesses: 4,
        refused: 2,
        writes: 0,
        at_least: false,
        routes: { 'GET /api/v2/users/{id:integer}': 3, '(no route)': 1 },
      },
    ])
    const [{ people } = { people: [] }] = linesOf(end) as { people: Record<string, unknown>[] }[]
    const emails = people.find(({ class: name }) => name === 'contact.email')
    row.match(emails, { kind: 'user', inClear: 0, inAnyForm: 2 })
    const words = await audit('agent', 'agent-1')
    row.match(words.stdout, /^agent-1: 4 accesses, 2 of them refused/)
    row.match((await audit('agent', 'nobody')).stdout, /nobody: no access on record/)
  })
  await t.test('audit search', async (row) => {
    const byRequest = await audit('search', '--request', refused, '--format', 'json')
    row.equal(linesOf(byRequest).length, 1)
    row.match(linesOf(byRequest), [{ type: 'access', event: { status: 'Failure' } }])
    const denied = await audit('search', '--decision', 'deny', '--agent', 'agent-1')
    row.equal(denied.stdout.split('\n').length, 4, 'a header and two rows')
    const email = ['--class', 'contact.email', '--format', 'line']
    row.equal((await audit('search', ...email)).stdout.split('\n').length, 5)
    row.equal((await audit('search', ...email, '--limit', '2')).stdout.split('\n').length, 3)
    row.equal((await audit('search', '--reason', 'route-unlisted')).stdout.split('\n').length, 3)
    row.equal((await audit('search', '--type', 'policy')).stdout.split('\n').length, 3)
    row.equal((await audit('search', '--agent', 'none')).stdout, '')
    for (const bad of [
      ['--limit', '0'],
      ['--format', 'xml'],
      ['--from', 'noon'],
    ])
      row.equal((await audit('search', ...bad)).code, 2)
  })
  await t.test('M132 an agent’s name cannot reach the terminal', async (row) => {
    const ends = await Promise.all([
      audit('search'),
      audit('search', '--format', 'line'),
      audit('tail', '--format', 'line'),
      audit('agent', hostile),
      audit('subject', '9', '--kind', 'user', ...config),
    ])
    for (const { stdout } of ends) {
      row.match(stdout, /agent-\ufffd\[2J\ufffd-x/)
      row.notMatch(stdout, CONTROLS)
    }
    const asJson = ['--format', 'json']
    for (const [command, ...args] of [
      ['tail', ...asJson],
      ['cat', ...asJson],
      ['search', ...asJson],
      ['agent', hostile, ...asJson],
      ['subject', '9', '--kind', 'user', ...config, ...asJson],
      ...['json', 'record', 'ocsf', 'ecs'].map((format) => ['export', '--format', format]),
    ]) {
      const end = await audit(command ?? '', ...args)
      row.notMatch(end.stdout, CONTROLS, `${command} ${args.join(' ')}`)
      const told = linesOf(end).map((line) => JSON.stringify(line))
      row.ok(told.join().includes(JSON.stringify(hostile).slice(1, -1)), 'the same text, escaped')
    }
    for (const format of ['table', 'cef']) {
      const { stdout } = await audit('export', '--format', format)
      row.notMatch(stdout, CONTROLS)
      row.match(stdout, /agent-\ufffd\[2J/)
    }
    const wrong = await audit(hostile)
    row.match(wrong, { code: 2, stderr: /unknown command/ })
    row.notMatch(wrong.stderr, CONTROLS, 'nor what was typed')
    const file = join(row.testdir({}), 'export.jsonl')
    for (const format of ['json', 'record']) {
      await writeFile(file, (await audit('export', '--format', format)).stdout)
      const read = await runHere(['audit', 'verify', '--file', file])
      row.match(read, { code: 0 }, `${format} verifies, escaped as it is`)
    }
  })
  await t.test('each command prints people a table and programs JSON', async (row) => {
    const forms: readonly (readonly [args: readonly string[], table: string, start: RegExp])[] = [
      [['tail'], 'table', /^time +type +agent +route +status +decision +reasons +classes\n/],
      [['cat'], 'table', /^time +type +agent /],
      [['search'], 'table', /^time +type +agent /],
      [['export'], 'table', /^time +type +agent /],
      [['subject', '7', '--kind', 'user', ...config], 'table', /^time +agent +roles /],
      [['agent', 'agent-1'], 'table', /^agent-1: 4 accesses/],
      [['verify'], 'text', /^\d+ records? of \d+ writers?/],
    ]
    for (const [args, table, start] of forms) {
      const [command = ''] = args
      row.match(await audit(...args, '--format', table), { code: 0, stdout: start }, command)
      const asJson = await audit(...args, '--format', 'json')
      row.ok(linesOf(asJson).length > 0, `${command} as JSON`)
      const bad = await audit(...args, '--format', 'xml')
      row.match(bad, {
        code: 2,
        stdout: '',
        stderr: /--format is [a-z, ]+ or [a-z]+ \(ERR_USAGE\)/,
      })
      const help = await audit(command, '--help')
      row.match(help, { code: 0, stdout: new RegExp(`^Usage: celosia audit ${command} `) })
      row.match(help.stdout, /--format/)
    }
  })
  await t.test('a span of time', async (row) => {
    const none = ['--from', '2001-01-01', '--to', '2001-01-02']
    const person = ['subject', '7', '--kind', 'user', ...config]
    for (const args of [['tail'], ['cat'], ['search'], ['export'], ['agent', 'agent-1'], person]) {
      const [command] = args
      const empty = await audit(...args, ...none)
      row.match(
        empty,
        { code: 0, stdout: /^(?:|.*no access on record\n)$/ },
        `${command}: nothing then`,
      )
      const since = await audit(...args, '--from', '2001-01-01')
      row.equal(since.stdout, (await audit(...args)).stdout, `${command}: all since`)
      const turned = await audit(...args, '--from', '2001-01-02', '--to', '2001-01-01')
      row.match(turned, { code: 2, stderr: /--from is before --to/ })
      const noon = await audit(...args, '--to', 'noon')
      row.match(noon, { code: 2, stderr: /--to is a date or a time, such as/ })
    }
  })
})

test('groups, and putting back what Redis has lost', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const { world, look } = await makeCase(t)
  for (let i = 0; i < 5; i += 1) await look('agent-1', ['agent'], '/api/v2/users/7')
  await world.gateway.process.stop()
  const { journal } = world.gateway
  const run = (...args: readonly string[]) =>
    runHere(['audit', ...args], { env: { REDIS_URL: redis.url } })

  await t.test('a journal is put into Redis, each record once', async (row) => {
    row.match(await run('groups'), { code: 0, stdout: /no consumer groups/ })
    const first = await run('replay', '--journal', journal)
    row.match(first, { code: 0, stdout: /^(\d+) of \1 records were put into Redis\n$/ })
    const second = await run('replay', '--journal', journal)
    row.match(second, { code: 0, stdout: /^0 of \d+ records[^]*Redis has had the others/ })
    row.match(await run('verify'), { code: 0 })
    row.equal(await redis.admin().xlen('celosia:audit'), 6)
    await redis.admin().xtrim('celosia:audit', 'MAXLEN', 3)
    const third = await run('replay', '--journal', journal)
    row.match(third.stdout, /^0 of \d+ records/, 'it does not say that they are there again')
    row.match(await run('verify'), { code: 4, stdout: /^missing: record/m })
    await redis.admin().flushall()
    await run('replay', '--journal', journal)
  })
  await t.test('an export too, whatever its order', async (row) => {
    const exported = await run('export')
    const lines = exported.stdout.split('\n').filter((line) => line !== '')
    const file = join(row.testdir({}), 'export.jsonl')
    await writeFile(file, lines.toReversed().join('\n'))
    await redis.admin().flushall()
    row.match(await run('replay', '--file', file), { code: 0 })
    row.match(await run('verify'), { code: 0 })
  })
  await t.test('what is in neither place is told of', async (row) => {
    await redis.admin().flushall()
    const segment = (await readdir(journal)).find((name) => name.startsWith('chain-')) ?? ''
    await rm(join(journal, segment))
    const end = await run('replay', '--journal', journal)
    row.match(end, { code: 0, stdout: /1 parts follow on records that are in neither place/ })
    row.match(await run('verify'), { code: 4, stdout: /^missing: record 1/m })
  })
  await t.test('a spool whose gateway is gone, which is then empty', async (row) => {
    await redis.admin().flushall()
    const directory = join(row.testdir({}), 'spool')
    const options = { directory, clock: systemClock, notes: () => undefined }
    const spool = await Spool.open(options)
    await spool.append(sealAll(auditRecords(3), newChain()), 1_000_000)
    const locked = await run('replay', '--spool', directory)
    row.match(locked, { code: 5, stderr: /Another process/ }, 'not while one is at work in it')
    await spool.close()
    row.match(await run('replay', '--spool', directory), { code: 0, stdout: /^3 of 3 records/ })
    row.equal(await redis.admin().xlen('celosia:audit'), 3)
    row.same(await readdir(directory), [])
  })
  await t.test('groups that read, and one that hangs', async (row) => {
    const admin = redis.admin()
    await run('replay', '--journal', journal)
    await admin.xgroup('CREATE', 'celosia:audit', 'siem', '0')
    await admin.xreadgroup('GROUP', 'siem', 'one', 'COUNT', 2, 'STREAMS', 'celosia:audit', '>')
    const table = await run('groups')
    row.match(table.stdout, /^records +siem +1 +2 +\d+ +\d+-\d+$/m)
    row.match(linesOf(await run('groups', '--format', 'json')), [{ name: 'siem', pending: 2 }])
    const again = await run('replay', '--journal', journal, '--format', 'json')
    row.match(linesOf(again), [{ stored: 0, gaps: 0 }])
    row.equal((await runHere(['audit', 'groups', '--journal', journal])).code, 2)
  })
  await t.test('whoever reads the output goes before its end', async (row) => {
    const command = `"${process.execPath}" bin/celosia.js schema policy | head -c 1`
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', command], {
      cwd: join(import.meta.dirname, '../..'),
    })
    row.same([stdout, stderr], ['{', ''], 'nobody is told of an error')
  })
  await t.test('what is asked wrongly', async (row) => {
    for (const args of [
      ['replay'],
      ['replay', '--journal', journal, '--file', 'x'],
      ['subject', '--kind', 'user'],
      ['subject', '7'],
      ['agent'],
    ])
      row.equal((await run(...args)).code, 2, args.join(' '))
    const nowhere = await runHere(['audit', 'replay', '--journal', journal])
    row.match(nowhere, { code: 2, stderr: /--redis or REDIS_URL is needed/ })
  })
})
