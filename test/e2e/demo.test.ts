/** The first five minutes of somebody new: the demo starts, each role sees what it may, and the audit names nobody. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'tap'
import type { Test } from 'tap'
import { journalEvents, redisEvents, type EventSource } from '../helpers/audit-events.ts'
import type { AuditEvent } from '../helpers/gateway-under-test.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess } from '../helpers/process.ts'
import { startRedis } from '../helpers/redis.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_MS_MAX = 10_000
/** What a machine that runs other tests beside may add. */
const BUSY_MACHINE_MS = 20_000
const LOOKUPS = 25

interface Running {
  readonly gateway: string
  readonly admin: string
  readonly journal: string | null
  readonly tokens: Readonly<Record<'agent' | 'lead' | 'billing', string>>
  readonly examples: readonly string[]
}

interface User {
  readonly id: string
  readonly values: readonly string[]
}

test('the demo shows each role what it may see', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-demo-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const journal = join(directory, 'journal')
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  }
  t.equal(manifest.scripts.start, 'node bin/celosia.js demo', '`npm start` is the demo')
  const demo = await startDemo(t, ['--journal', journal])
  const users = await readUsers()
  t.ok(users.length > 100 && users.every(({ values }) => values.length > 0), 'there are users')
  const events = journalEvents(journal)
  const ticket = demo.examples[0] ?? ''

  const [agent, lead, billing] = await Promise.all([
    ask(demo, ticket, 'agent'),
    ask(demo, ticket, 'lead'),
    ask(demo, ticket, 'billing'),
  ])
  t.equal(new Set([agent.text, lead.text, billing.text]).size, 3, 'three roles see three things')
  t.match(agent.masked, /contact\.email;n=\d+/, 'the header says what was masked')

  await t.test('an agent sees no address, number, card or id of anybody', async (row) => {
    const answers = await Promise.all(demo.examples.map((path) => ask(demo, path, 'agent')))
    row.same(
      answers.map(({ status }) => status),
      demo.examples.map(() => 200),
    )
    const clear = users
      .flatMap(({ values }) => values)
      .filter((value) => answers.some(({ text }) => text.includes(value)))
    row.same(clear, [])
  })
  await t.test('a lead sees addresses, billing sees cards', async (row) => {
    const path = `/api/v2/users/${users[0]?.id ?? ''}`
    const [email = '', phone = '', card = ''] = users[0]?.values ?? []
    const [asLead, asBilling] = [await ask(demo, path, 'lead'), await ask(demo, path, 'billing')]
    row.same(
      [email, phone, card].map((value) => asLead.text.includes(value)),
      [true, true, false],
    )
    row.same(
      [email, phone, card].map((value) => asBilling.text.includes(value)),
      [false, false, true],
    )
  })
  await assertOneFinding(t, demo, { users, events })
  await t.test('one record a request, and nobody in it', async (row) => {
    const accesses = (await events()).filter((event) => event['http_request'] !== undefined)
    row.equal(accesses.length, 3 + demo.examples.length + 2 + LOOKUPS)
    const bytes = await rawJournal(journal)
    const named = [...users.flatMap(({ values }) => values), ...(await readNames())].filter(
      (value) => bytes.includes(value),
    )
    row.same(named, [], 'no name, address, number or card of the data set')
    row.equal(
      users.some(({ id }) => bytes.includes(id)),
      false,
      'nor an id',
    )
  })
})

test('the demo with Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  // As somebody who tries it out would have it.
  const redis = await startRedis(t, { settings: { appendonly: 'no', appendfsync: 'everysec' } })
  const demo = await startDemo(t, [], { REDIS_URL: redis.url, CELOSIA_SPOOL: t.testdir({}) })
  t.equal(demo.journal, null)
  const events = await redisEvents(t, redis.url)
  await assertOneFinding(t, demo, { users: await readUsers(), events })
  const last = (await events()).findLast((event) => event['http_request'] !== undefined)
  t.match(
    last,
    { unmapped: { celosia: { durability: 'relaxed' } } },
    'records say that this Redis may lose them',
  )
})

async function startDemo(
  t: Test,
  args: readonly string[],
  env: Readonly<Record<string, string>> = { REDIS_URL: '' },
): Promise<Running> {
  const startedMs = performance.now()
  const ports = ['--json', '--port', '0', '--admin-port', '0']
  const running = await startProcess(
    t,
    process.execPath,
    ['bin/celosia.js', 'demo', ...ports, ...args],
    {
      cwd: ROOT,
      env,
      ready: /\n/,
      readyTimeoutMs: START_MS_MAX + BUSY_MACHINE_MS,
    },
  )
  const tookMs = performance.now() - startedMs
  t.ok(tookMs < START_MS_MAX + BUSY_MACHINE_MS, `it is up after ${Math.round(tookMs)} ms`)
  return JSON.parse(running.stdout()) as Running
}

/** Looks up users one after the other: exactly one finding, at the threshold of the shipped policy. */
async function assertOneFinding(
  t: Test,
  demo: Running,
  { users, events }: { readonly users: readonly User[]; readonly events: EventSource },
): Promise<void> {
  await t.test('repeated look-ups raise one finding', async (row) => {
    for (const { id } of users.slice(0, LOOKUPS)) {
      const { status } = await ask(demo, `/api/v2/users/${id}`, 'agent')
      if (status !== 200) row.fail(`user ${id}: ${status}`)
    }
    const findings = (await events()).filter((event: AuditEvent) => event['class_uid'] === 2004)
    row.equal(findings.length, 1)
    row.match(findings[0], {
      actor: { user: { uid: 'agent-1' } },
      unmapped: { celosia: { rule: 'repeated sensitive look-ups', observed: 21, over: 20 } },
    })
  })
}

async function ask(demo: Running, path: string, role: keyof Running['tokens']) {
  const headers = { authorization: `Bearer ${demo.tokens[role]}` }
  const answer = await fetch(`${demo.gateway}${path}`, { headers })
  const masked = answer.headers.get('celosia-masked') ?? ''
  return { status: answer.status, masked, text: await answer.text() }
}

/** Address, number, card and national id of each user. Ids are beyond what JSON numbers of JavaScript hold. */
async function readUsers(): Promise<readonly User[]> {
  const text = await readFile(join(ROOT, 'demo', 'data', 'users.json'), 'utf8')
  return text.split('\n').flatMap((line): User[] => {
    const value = (name: string) => new RegExp(`"${name}": ?"?([^",}]+)`).exec(line)?.[1]
    const id = value('id')
    if (id === undefined || !line.includes('"email"')) return []
    const values = ['email', 'phone', 'card_on_file', 'national_id'].flatMap(
      (name) => value(name) ?? [],
    )
    return [{ id, values: values.filter((one) => one !== 'null') }]
  })
}

async function readNames(): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'demo', 'data', 'users.json'), 'utf8')
  return [...text.matchAll(/"name": ?"([^"]+)"/g)].flatMap(([, name = '']) => [
    name,
    JSON.parse(`"${name}"`) as string,
  ])
}

async function rawJournal(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('')
}
