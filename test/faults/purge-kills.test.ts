/**
 * kill -9 amid a purge: a real process purges a real audit, and is killed before each kind of call that changes a file of its
 * journal, and before and after each kind of command to its Redis: where the kind comes first, and where it comes last. Every
 * time what is left verifies, and the next purge ends where an undisturbed one does.
 */
import { randomBytes } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Redis } from 'ioredis'
import { test, type Test } from 'tap'
import { createChainWriter } from '../../src/audit/chain/chain-writer.ts'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import { PURGING_KEY, STREAM_KEYS } from '../../src/audit/redis-audit-keys.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { createJwsSigner } from '../../src/keys/jws-signer.ts'
import { ageSegments, DAY_MS, oldAccess } from '../helpers/aged-audit.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess } from '../helpers/process.ts'
import { runHere } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import { startCuttingProxy, type Cut } from '../helpers/siem/cutting-proxy.ts'
import { auditSettings, jwksOf, signingKeyPem } from '../helpers/signed-audit.ts'
import { PRELUDE } from '../rules/policy-text.ts'

const ROOT = join(import.meta.dirname, '../..')
const KILLER = pathToFileURL(join(ROOT, 'test/helpers/faults/kill-at.ts')).href
const HELD = 'old-7'
const POLICY = `${PRELUDE.replace(
  /^keys:.*$/m,
  'keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY }, checkpoint: { version: 1, env: CELOSIA_CHECKPOINT_KEY } }',
)}audit: { retention: { records: 1d, findings: 1d } }
classes: { person.name: { mask: redact } }
roles: { agent: {} }
routes:
  - { match: GET /users, upstream: desk, fields: { person.name: $.name }, fixture: none }
`

/** Calls that others see the effect of; what is written aside before is seen by nobody. */
const TAKES_EFFECT = /^(?:rm|rename|unlink|write|datasync) /
/** Commands that change something. */
const CHANGES = /^(?:SET|DEL|EVAL|EVALSHA)$/

interface Case {
  readonly config: string
  readonly keys: string
  /** A journal with accesses of four days, the last of them three days ago. */
  readonly journal: string
  readonly env: Readonly<Record<string, string>>
}

async function makeCase(t: Test): Promise<Case> {
  const folder = t.testdir({ 'policies.yaml': POLICY })
  const pem = signingKeyPem()
  const signer = createJwsSigner({ text: pem, version: 1 })
  const keys = join(folder, 'keys.json')
  await writeFile(keys, jwksOf(signer))
  const journal = join(folder, 'journal')
  let day = 6
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() - day * DAY_MS }
  // Two processes, two days each: what is left of a purge is amid a chain.
  for (const days of [
    [6, 5],
    [4, 3],
  ]) {
    const store = await openFileRecordStore({ directory: journal, clock })
    const writer = createChainWriter({ store, clock, ids: uuidV7, notes: () => undefined })
    writer.configure(auditSettings({ signer, anchors: [], everyRecords: 4, withinMs: 60_000 }))
    for (day of days) {
      for (let i = 0; i < 6; i += 1) {
        const access = oldAccess(clock, `old-${6 * (6 - day) + i}`)
        await writer.append([i % 3 === 2 ? { ...access, type: 'finding' } : access])
      }
    }
    await writer.close()
  }
  await ageSegments(journal)
  const place = ['--agent', HELD, '--by', 'dana', '--journal', journal]
  await runHere(['audit', 'hold', 'case-7', ...place])
  const env = {
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
    CELOSIA_CHECKPOINT_KEY: pem,
  }
  return { config: join(folder, 'policies.yaml'), keys, journal, env }
}

/** It verifies, by the signatures or against itself only. */
async function assertSound(t: Test, place: readonly string[], what: string, keys?: string) {
  const checked = keys === undefined ? [] : ['--keys', keys]
  const end = await runHere(['audit', 'verify', ...checked, ...place])
  t.match(end, { code: 0 }, `${what}: ${end.stdout}`)
}

async function agentsLeft(place: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runHere(['audit', 'search', '--format', 'line', ...place])
  return [...stdout.matchAll(/\bold-\d+/g)].map(([agent]) => agent).toSorted()
}

function purgeArguments({ config }: Case, place: readonly string[]): readonly string[] {
  return ['audit', 'purge', '--config', config, '--apply', ...place]
}

/** Goes on after a kill, as whoever restarts does: at once, and with nothing repaired. */
async function assertGoesOn(t: Test, given: Case, place: readonly string[], what: string) {
  await assertSound(t, place, what, given.keys)
  await assertSound(t, place, what)
  t.ok((await agentsLeft(place)).includes(HELD), `${what}: what is held is there`)
  const next = await runHere(purgeArguments(given, place), { env: given.env })
  t.match(next, { code: 0, stdout: /^purged: / }, `${what}: ${next.stderr}`)
  t.same(await agentsLeft(place), [HELD], `${what}: the next purge ends it`)
  await assertSound(t, place, `${what}, and purged again`, given.keys)
}

/** A call and the kind of its file: `rm chain-20261119T204133291Z-00000001.jsonl` is `rm chain-.jsonl`. */
function kindOfCall(call: string): string {
  return call.replaceAll(/\d+T\d+Z-\d+|[-\da-f]{36}|-\d+$/g, '')
}

/** Of what happens in a run, with its place: each kind where it comes first and where it comes last. */
function firstAndLast(
  all: readonly string[],
  kindOf: (one: string) => string,
): readonly (readonly [at: number, one: string])[] {
  const kinds = all.map(kindOf)
  return [...all.entries()].filter(
    ([at]) => kinds.indexOf(kinds[at] ?? '') === at || kinds.lastIndexOf(kinds[at] ?? '') === at,
  )
}

test(
  'a purge of a journal is killed before each change of a file',
  { timeout: 600_000 },
  async (t) => {
    const given = await makeCase(t)
    const run = async (killAt: number) => {
      const journal = join(t.testdirName, `journal-${killAt}`)
      const log = join(t.testdirName, `calls-${killAt}`)
      await cp(given.journal, journal, { recursive: true, preserveTimestamps: true })
      await writeFile(log, '')
      const place = ['--journal', journal]
      const child = await startProcess(
        t,
        process.execPath,
        ['--import', KILLER, 'bin/celosia.js', ...purgeArguments(given, place)],
        { cwd: ROOT, env: { ...given.env, KILL_AT: String(killAt), KILL_LOG: log, REDIS_URL: '' } },
      )
      const exit = await child.exit
      return {
        exit,
        place,
        said: child.stdout() + child.stderr(),
        log: await readFile(log, 'utf8'),
      }
    }
    const whole = await run(0)
    t.same(whole.exit, { code: 0, signal: null }, whole.said)
    t.same(await agentsLeft(whole.place), [HELD])
    const calls = whole.log.split('\n').filter((line) => line !== '')
    for (const name of ['rm ', 'rename ', 'datasync'])
      t.ok(
        calls.some((line) => line.startsWith(name)),
        name,
      )
    for (const [at, call] of firstAndLast(calls, kindOfCall)) {
      if (!TAKES_EFFECT.test(call)) continue
      const { exit, place } = await run(at + 1)
      const what = `killed before call ${at + 1}, ${call}`
      t.same(exit, { code: null, signal: 'SIGKILL' }, what)
      await assertGoesOn(t, given, place, what)
    }
  },
)

/** Every key of a Redis, with its entries made as old as the audit in them: Redis names entries by the time that it took them. */
async function agedImage(
  admin: Redis,
): Promise<readonly (readonly [key: string, image: Buffer])[]> {
  for (const key of Object.values(STREAM_KEYS)) {
    const entries = await admin.xrange(key, '-', '+')
    await admin.del(key)
    for (const [id, fields] of entries) {
      const [ms, number] = id.split('-')
      await admin.xadd(key, `${Number(ms) - 2 * DAY_MS}-${number}`, ...fields)
    }
  }
  const keys = await admin.keys('*')
  return Promise.all(
    keys.map(async (key) => [key, (await admin.dumpBuffer(key)) ?? NOTHING] as const),
  )
}

const NOTHING = Buffer.alloc(0)

test(
  'a purge of Redis is killed before and after each command',
  { timeout: 600_000 },
  async (t) => {
    if (!requirePeer(t, 'redis-server')) return
    const given = await makeCase(t)
    const redis = await startRedis(t)
    const admin = redis.admin()
    const place = ['--redis', redis.url]
    await runHere(['audit', 'replay', '--journal', given.journal, ...place])
    await runHere(['audit', 'hold', 'case-7', '--agent', HELD, '--by', 'dana', ...place])
    const image = await agedImage(admin)
    const run = async (cut?: Cut) => {
      await admin.flushall()
      for (const [key, dump] of image) await admin.restore(key, 0, dump)
      const proxy = await startCuttingProxy(t, redis.port, cut)
      const through = ['--redis', `redis://127.0.0.1:${proxy.port}`]
      const child = await startProcess(
        t,
        process.execPath,
        ['bin/celosia.js', ...purgeArguments(given, through)],
        { cwd: ROOT, env: { ...given.env, REDIS_URL: '' } },
      )
      void proxy.cut.then(() => child.signal('SIGKILL'))
      const exit = await child.exit
      // As a minute later: whoever purged no longer says so.
      await admin.del(PURGING_KEY)
      return { exit, said: child.stdout() + child.stderr(), commands: proxy.commands }
    }
    const whole = await run()
    t.same(whole.exit, { code: 0, signal: null }, whole.said)
    t.same(await agentsLeft(place), [HELD], whole.said)
    await assertSound(t, place, 'whole', given.keys)
    const { commands } = whole
    for (const name of ['EVAL', 'SET', 'XRANGE']) t.ok(commands.includes(name), name)
    // Before the first one nothing has begun.
    const begun = commands.indexOf('SET')
    const points = firstAndLast(commands, (name) => name).filter(
      ([at, name]) => at >= begun && CHANGES.test(name),
    )
    for (const [at, name] of points) {
      for (const when of ['before', 'after'] as const) {
        const { exit } = await run({ at: at + 1, when })
        const what = `killed ${when} command ${at + 1}, ${name}`
        t.same(exit, { code: null, signal: 'SIGKILL' }, what)
        await assertGoesOn(t, given, place, what)
      }
    }
  },
)
