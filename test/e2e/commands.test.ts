/** What operators and authors do on a command line: reload, read the audit, check a policy, try a mask. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import type { AuditEvent } from '../helpers/gateway-under-test.ts'
import { shippedPolicy } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess } from '../helpers/process.ts'
import { runHere, runProcess } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const POLICY = join(ROOT, 'config', 'policies.yaml')
const PATH = '/api/v2/users/7'
const ROUTE = 'GET /api/v2/users/7'

/** The shipped policy, with the address shown to agents. */
function looser(): PolicyDocument {
  const shipped = shippedPolicy()
  return {
    ...shipped,
    roles: { ...shipped.roles, agent: { show: ['person.name', 'contact.email'] } },
  }
}

test('a policy is reloaded whole or not at all, and the audit can be read', async (t) => {
  const world = await startWorld(t)
  const { gateway, upstream, canaries } = world
  const token = await world.token()
  const email = canaries.make('email', 'user.email')
  const ask = () => request(gateway.port, { path: PATH, token }, { timeoutMs: 10_000 })
  const showsEmail = async () => (await ask()).body.toString().includes(email)
  upstream.answer(jsonAnswer(userBody(canaries)))
  t.equal(await showsEmail(), false)

  await t.test(
    'a good one takes its place; who asked before is answered as it was',
    async (row) => {
      let release = () => {}
      const asked = new Promise<void>((resolve) => {
        upstream.answer(async () => {
          resolve()
          await new Promise<void>((go) => (release = go))
          return jsonAnswer(userBody(canaries))
        })
      })
      const under = ask()
      await asked
      row.equal(await gateway.reload(looser()), 'reloaded')
      upstream.answer(jsonAnswer(userBody(canaries)))
      row.equal(await showsEmail(), true, 'the new one is in force')
      release()
      row.equal(
        (await under).body.toString().includes(email),
        false,
        'the old one for who asked before',
      )
      const hashes = (await gateway.records())
        .filter((event) => event['http_request'] !== undefined)
        .map((event) => (event['policy'] as { uid: string }).uid)
      row.equal(hashes.at(-1), hashes[0], 'its record names the old policy')
      row.not(hashes.at(-2), hashes[0], 'the other record the new one')
    },
  )
  await t.test('bad ones change nothing, and say so', async (row) => {
    const bad: readonly (string | PolicyDocument)[] = [
      '',
      '# only a comment\n',
      'version: 1\nroutes: [',
      'x: &a 1\nversion: 1\n',
      JSON.stringify({ ...looser(), acton: 1 }),
      { ...looser(), classes: {} },
    ]
    for (const policy of bad) row.equal(await gateway.reload(policy), 'refused')
    row.equal(await showsEmail(), true)
    row.match(
      gateway.process.stderr(),
      /policy not reloaded, the old one stays in force:\n.*policies\.yaml:\d+:\d+/,
    )
    const changes = (await gateway.records())
      .filter((event) => (event['entity'] as { name?: string } | undefined)?.name === 'policies')
      .map((event) => event['status_detail'])
    row.same(changes, ['loaded', 'reloaded', ...bad.map(() => 'refused')], 'all on record')
    row.match(await gateway.metrics(), /^celosia_policy_loads_total\{result="refused"\} 6$/m)
  })
  await t.test('a stricter one is in force at once', async (row) => {
    row.equal(await gateway.reload(shippedPolicy()), 'reloaded')
    row.equal(await showsEmail(), false)
  })
  await t.test('audit cat and tail, while the gateway runs', async (row) => {
    const events = await gateway.records()
    const place = ['--journal', gateway.journal]
    const [cat, tail, lines] = await Promise.all([
      runProcess(['audit', 'cat', ...place]),
      runHere(['audit', 'tail', '--lines', '2', ...place]),
      runHere(['audit', 'tail', '--lines', '1', '--format', 'line', ...place]),
    ])
    const ofWriter = (event: AuditEvent) =>
      (event['entity'] as { name?: string } | undefined)?.name === 'audit writer'
    const catEvents = eventsOf(cat.stdout)
    row.equal(catEvents.length, events.length, 'all of them')
    row.same(
      catEvents.filter((event) => !ofWriter(event)),
      events.filter((event) => !ofWriter(event)),
      'in order',
    )
    row.same(eventsOf(tail.stdout), catEvents.slice(-2))
    row.match(
      lines.stdout,
      /^\S+Z access agent-1 GET \/api\/v2\/users\/\{id:integer\} 200 permit role-permits /,
    )
    const nowhere = await runHere(['audit', 'cat', '--journal', '/nowhere'])
    row.match(nowhere, { code: 5, stderr: /cannot be read: \/nowhere/ })
  })
})

test('the audit in Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startWorld(t, { store: { redisUrl: redis.url } })
  world.upstream.answer(jsonAnswer(userBody(world.canaries)))
  const token = await world.token()
  const follow = await startProcess(
    t,
    process.execPath,
    ['bin/celosia.js', 'audit', 'tail', '--follow', '--redis', redis.url],
    {
      cwd: ROOT,
      ready: /"loaded"/,
      readyTimeoutMs: 20_000,
    },
  )
  for (const path of [PATH, '/nowhere', PATH]) await request(world.gateway.port, { path, token })
  const entries = await redis.admin().xrange('celosia:audit', '-', '+')
  t.equal(entries.length, 4, 'one entry a record: the policy, and three requests')
  const [, fields = []] = entries[1] ?? []
  t.same(
    fields.filter((_, i) => i % 2 === 0),
    ['v', 'id', 'type', 'severity', 'writer', 'sequence', 'previous', 'event_sha256', 'event'],
  )
  t.same(fields.slice(4, 6), ['type', 'access'])
  const event = JSON.parse(fields[17] ?? '') as { metadata: { uid: string } }
  t.equal(event.metadata.uid, fields[3], 'the id is that of the event')
  t.match(event, {
    unmapped: { celosia: { route: 'GET /api/v2/users/{id:integer}', durability: 'strict' } },
  })
  const cat = await runHere(['audit', 'cat'], { env: { REDIS_URL: redis.url } })
  const records = byId(await world.gateway.records())
  t.same(byId(eventsOf(cat.stdout)), records)
  t.equal((await follow.stop()).code, 0, 'following ends when it is told to')
  t.same(byId(eventsOf(follow.stdout())), records, 'and has seen them all')
})

test('authors: mask, check, help', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-author-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const bad = join(directory, 'bad.yaml')
  const shipped = await readFile(POLICY, 'utf8')
  await writeFile(
    bad,
    shipped
      .replace('text.note: { mask: redact }', 'text.note: { mask: redcat }')
      .replaceAll('fixtures/', `${ROOT}config/fixtures/`),
  )
  const fixture = await readFile(join(ROOT, 'config', 'fixtures', 'user.json'), 'utf8')
  const mask = (role: string, route: string, input: string, ...more: readonly string[]) =>
    runHere(['mask', '--role', role, '--route', route, ...more], { stdin: input })

  await t.test('mask', async (row) => {
    const [agent, lead, cut, broken, noRole, noRoute, badPolicy] = await Promise.all([
      mask('agent', ROUTE, fixture, '--report'),
      mask('lead', ROUTE, fixture),
      mask('agent', ROUTE, fixture.slice(0, -20)),
      mask('agent', ROUTE, `${fixture}{}`),
      mask('admin', ROUTE, fixture),
      mask('agent', 'GET /api/v2/users/../7', fixture),
      mask('agent', ROUTE, fixture, '--config', bad),
    ])
    row.match(agent, {
      code: 0,
      stdout: /"email": "a\*\*\*@example\.net"/,
      stderr: /contact\.email: 0 shown, 1 masked/,
    })
    row.match(lead, { code: 0, stdout: /"email": "alvaro\.fernandez@example\.net"/ })
    row.match(
      cut,
      { code: 4, stdout: /^$/, stderr: /\(ERR_JSON_SYNTAX\)/ },
      'nothing is written of what is refused',
    )
    row.match(broken, { code: 4, stdout: /^$/ })
    const args = ['mask', '--role', 'agent', '--route', ROUTE]
    const [real, realCut] = await Promise.all([
      runProcess(args, { stdin: fixture }),
      runProcess(args, { stdin: fixture.slice(0, -20) }),
    ])
    row.same([real.code, real.stdout], [0, agent.stdout], 'a process of its own says the same')
    row.same([realCut.code, realCut.stdout], [4, ''])
    row.match(noRole, { code: 2, stdout: /^$/, stderr: /no role admin/ })
    row.match(noRoute, { code: 2, stdout: /^$/ })
    row.match(badPolicy, { code: 3, stdout: /^$/, stderr: /bad\.yaml:\d+:\d+/ })
    for (const { stderr } of [cut, broken])
      row.notMatch(stderr, /alvaro|99425349Y|3566004852791724/, 'nor told')
  })
  await t.test('mask, of a search', async (row) => {
    const users = await readFile(join(ROOT, 'config', 'fixtures', 'users.json'), 'utf8')
    const by = (role: string, query: string) =>
      mask(role, `GET /api/v2/users/search?query=${query}`, users)
    const [whole, part, lead, unknown] = await Promise.all([
      by('agent', 'email:jane@x.example'),
      by('agent', 'email:j*'),
      by('lead', 'email:j*'),
      by('lead', 'card_on_file:4111'),
    ])
    row.equal(whole.code, 0, 'an agent may ask for a whole address')
    row.match(part, { code: 2, stdout: /^$/, stderr: /refused: search-forbidden/ })
    row.equal(lead.code, 0, 'a lead for a part of one')
    const half = await runHere(['audit'])
    row.match(half, { code: 2, stderr: /audit needs another word: audit tail, audit cat/ })
    row.match(unknown, { code: 2, stderr: /refused: search-forbidden/ })
  })
  await t.test('check', async (row) => {
    const [good, faulty, missing] = await Promise.all([
      runHere(['check', POLICY]),
      runHere(['check', bad]),
      runHere(['check', join(directory, 'none')]),
    ])
    row.match(good, {
      code: 0,
      stdout: /\d+ routes, 3 roles, no faults \(sha256 [0-9a-f]{64}\)/,
      stderr: /^$/,
    })
    row.match(faulty, { code: 3, stdout: /^$/, stderr: /bad\.yaml:\d+:\d+.*redact[^]*1 fault\n$/ })
    row.match(missing, { code: 3, stderr: /none:1:1: the policy is not there/ })
  })
  await t.test('help', async (row) => {
    const commands = [
      'serve',
      'demo',
      'check',
      'mask',
      'audit tail',
      'audit cat',
      'audit ship',
      'schema',
    ]
    const [overview, nothing, unknown, version, ...helps] = await Promise.all([
      runHere(['--help']),
      runHere([]),
      runHere(['chekc']),
      runHere(['--version']),
      ...commands.map((command) => runHere([...command.split(' '), '--help'])),
    ])
    for (const command of commands)
      row.ok(overview.stdout.includes(`\n  ${command} `), `${command} is listed`)
    row.match(nothing, { code: 2, stdout: /Usage: celosia COMMAND/ })
    row.match(unknown, { code: 2, stderr: /unknown command: chekc; did you mean check\?/ })
    row.match(version, { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ })
    for (const [index, { code, stdout }] of helps.entries()) {
      row.equal(code, 0)
      row.ok(
        stdout.startsWith(`Usage: celosia ${commands[index] ?? ''}`),
        `the help of ${commands[index] ?? ''}`,
      )
    }
  })
})

/** Records of several streams have no order that is the same for all readers. */
function byId(events: readonly AuditEvent[]): readonly AuditEvent[] {
  const id = (event: AuditEvent) => (event['metadata'] as { uid: string }).uid
  return events.toSorted((a, b) => (id(a) < id(b) ? -1 : 1))
}

function eventsOf(lines: string): AuditEvent[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { event: AuditEvent }).event)
}
