/** Retention in use: what a gateway wrote is looked at, held, purged and verified by commands. */
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { createChainWriter } from '../../src/audit/chain/chain-writer.ts'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { createJwsSigner } from '../../src/keys/jws-signer.ts'
import { DAY_MS, oldAccess } from '../helpers/aged-audit.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { auditSettings, signingKeyPem } from '../helpers/signed-audit.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

type Change = NonNullable<NonNullable<Parameters<typeof startWorld>[1]>['change']>

const kept: Change = (policy) => ({
  ...policy,
  keys: { ...policy.keys, checkpoint: { version: 1, env: 'CELOSIA_CHECKPOINT_KEY' } },
  audit: { checkpoints: { every: 5 }, retention: { records: '1d', findings: '2y' } },
})

interface Preview {
  readonly records: number
  readonly held: Readonly<Record<string, number>>
  readonly waits: readonly string[]
}

function commands({ gateway }: World, place: readonly string[]) {
  const run = (...args: readonly string[]) =>
    runHere(['audit', ...args, ...place], { env: gateway.environment })
  const config = ['--config', gateway.policyFile]
  return {
    run,
    config,
    preview: async () => {
      const { stdout } = await run('purge', ...config, '--format', 'json')
      return JSON.parse(stdout) as Preview
    },
  }
}

/** The same for both stores, with nothing in them that is old. */
async function assertHolds(t: Test, world: World, place: readonly string[]): Promise<void> {
  const { run, config, preview } = commands(world, place)
  t.match(await preview(), { records: 0, waits: [] })
  const words = await run('purge', ...config)
  t.match(words.stdout, /findings +\S+ +0\n[^]*0 records would go\. Nothing was changed\./)
  const by = ['--by', 'dana']
  t.match(await run('hold', 'case-1', '--agent', 'agent-1', ...by), { code: 0 })
  t.match(await run('hold', 'case-2', '--kind', 'user', '--id', '7', ...by, ...config), { code: 0 })
  const holds = (await run('holds', '--format', 'json')).stdout.trim().split('\n')
  t.match(holds.map((line) => JSON.parse(line) as object).toSorted(byName), [
    { name: 'case-1', agent: 'agent-1', placed: { by: 'dana' } },
    { name: 'case-2', pseudonyms: [/^v1:/] },
  ])
  t.match((await run('holds')).stdout, /case-1 +agent-1/)
  t.match(await run('release', 'case-1', ...by), { code: 0 })
  for (const args of [
    ['hold', 'case-1', '--agent', 'a', ...by],
    ['hold', 'Case 1', '--agent', 'a', ...by],
    ['hold', 'case-3', '--agent', 'a'],
    ['hold', 'case-3', ...by],
    ['hold', 'case-3', '--agent', 'a', '--id', '7', ...by],
    ['release', 'case-1', ...by],
    ['release', 'case-9', ...by],
  ])
    t.match(await run(...args), { code: 2 }, args.join(' '))
  const nowhere = ['--journal', join(t.testdir({}), 'nowhere')]
  const lost = await runHere(['audit', 'hold', 'case-4', '--agent', 'a', ...by, ...nowhere])
  t.match(lost, { code: 5, stderr: /journal cannot be read/ }, 'a place that is none')
  const empty = ['--journal', t.testdir({})]
  const none = await runHere(['audit', 'hold', 'case-4', '--agent', 'a', ...by, ...empty])
  t.match(none, { code: 2, stderr: /no audit in this place/ })
}

const byName = (a: { name?: string }, b: { name?: string }): number =>
  (a.name ?? '') < (b.name ?? '') ? -1 : 1

/** Ten accesses of three days ago, and what signed them. */
async function writeOld(directory: string, pem: string): Promise<void> {
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() - 3 * DAY_MS }
  const store = await openFileRecordStore({ directory, clock })
  const writer = createChainWriter({ store, clock, ids: uuidV7, notes: () => undefined })
  const signer = createJwsSigner({ text: pem, version: 1 })
  writer.configure(auditSettings({ signer, anchors: [], everyRecords: 4, withinMs: 60_000 }))
  for (let i = 0; i < 10; i += 1) await writer.append([oldAccess(clock, `old-${i}`)])
  await writer.close()
  const old = new Date(clock.nowMs())
  for (const name of await readdir(directory))
    if (name.endsWith('.jsonl')) await utimes(join(directory, name), old, old)
}

test('with a journal', async (t) => {
  const pem = signingKeyPem()
  const journal = join(t.testdir({}), 'journal')
  await writeOld(journal, pem)
  const world = await startWorld(t, {
    change: kept,
    env: { CELOSIA_CHECKPOINT_KEY: pem },
    store: { journal },
  })
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  await request(gateway.port, { path: '/api/v2/users/7', token: await world.token() })
  const { run, config, preview } = commands(world, ['--journal', journal])
  const before = await preview()
  t.ok(before.records > 10, 'ten accesses, and what signed them')
  t.match(await run('hold', 'case-7', '--agent', 'old-7', '--by', 'dana'), { code: 0 })
  t.match(await preview(), { records: before.records - 1, held: { 'case-7': 1 } })
  const busy = await run('purge', ...config, '--apply')
  t.match(busy, { code: 5, stderr: /Another process writes to this journal/ })
  const keys = join(t.testdirName, 'keys.json')
  const jwks = await runHere(['audit', 'keys', ...config], { env: gateway.environment })
  await writeFile(keys, jwks.stdout)
  await gateway.process.stop()
  const done = await run('purge', ...config, '--apply')
  t.match(done, { code: 0, stdout: `purged: ${before.records - 1} records\n` })
  const verified = await run('verify', '--keys', keys)
  t.match(verified, {
    code: 0,
    stdout: /more were purged, by 1 purges on record[^]*its end was purged/,
  })
  const left = (await run('search', '--format', 'line')).stdout
  t.match(left, /old-7/, 'what is held is there')
  t.notMatch(left, /old-[0-689]/)
  t.match(await run('release', 'case-7', '--by', 'erin'), { code: 0 })
  t.match(await run('purge', ...config, '--apply'), { stdout: /^purged: 1 record\n/ })
  t.notMatch((await run('search', '--format', 'line')).stdout, /old-7/, 'released, it goes at once')
  t.match(await run('verify', '--keys', keys), { code: 0 })
  const exported = join(t.testdirName, 'export.jsonl')
  await writeFile(exported, (await run('export')).stdout)
  const file = await runHere(['audit', 'verify', '--file', exported, '--keys', keys])
  t.match(file, { code: 0 }, 'an export with the purge in it verifies')
})

test('with a journal in which nothing is old', async (t) => {
  const env = { CELOSIA_CHECKPOINT_KEY: signingKeyPem() }
  const world = await startWorld(t, { change: kept, env })
  await assertHolds(t, world, ['--journal', world.gateway.journal])
})

test('with Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const env = { CELOSIA_CHECKPOINT_KEY: signingKeyPem() }
  const world = await startWorld(t, { change: kept, env, store: { redisUrl: redis.url } })
  const place = ['--redis', redis.url]
  await assertHolds(t, world, place)
  const { run, config } = commands(world, place)
  const done = await run('purge', ...config, '--apply')
  t.match(done, { code: 0, stdout: 'purged: 0 records\n' })
  t.match(await run('purge', ...config, '--apply'), { code: 2, stderr: /at the moment/ })
  t.match(await run('verify'), { code: 0 })
})
