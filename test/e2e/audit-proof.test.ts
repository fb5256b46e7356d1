/** The chain in use: a gateway under a policy with a checkpoint key and an anchor, and what an auditor does with its audit. */
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { startObjectStore } from '../helpers/object-store.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { signingKeyPem } from '../helpers/signed-audit.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

type Change = NonNullable<NonNullable<Parameters<typeof startWorld>[1]>['change']>

const signed: Change = (policy) => ({
  ...policy,
  keys: { ...policy.keys, checkpoint: { version: 1, env: 'CELOSIA_CHECKPOINT_KEY' } },
  audit: { checkpoints: { every: 5 }, anchors: [{ file: 'anchor.jws' }, { folder: '.' }] },
})

async function ask({ gateway, token }: World, times: number): Promise<void> {
  const bearer = await token()
  for (let i = 0; i < times; i += 1)
    await request(gateway.port, { path: '/api/v2/users/7', token: bearer })
}

test('an auditor verifies, exports, verifies the export, and finds what was changed', async (t) => {
  const env = { CELOSIA_CHECKPOINT_KEY: signingKeyPem() }
  const world = await startWorld(t, { change: signed, env })
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  await ask(world, 12)
  const folder = join(gateway.policyFile, '..')
  const [jwks, exported, anchor] = ['keys.json', 'export.jsonl', 'anchor.jws'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  const place = ['--journal', gateway.journal]

  await t.test('the public key', async (row) => {
    const keys = await runHere(['audit', 'keys', '--config', gateway.policyFile], {
      env: gateway.environment,
    })
    row.equal(keys.code, 0)
    await writeFile(jwks, keys.stdout)
    const merged = await runHere(
      ['audit', 'keys', '--config', gateway.policyFile, '--merge', jwks],
      { env: { ...gateway.environment, CELOSIA_CHECKPOINT_KEY: signingKeyPem('p256') } },
    )
    const kinds = (JSON.parse(merged.stdout) as { keys: { alg: string }[] }).keys
    row.same(
      kinds.map(({ alg }) => alg),
      ['Ed25519', 'ES256'],
    )
    row.notMatch(merged.stdout, /"d"/)
  })
  await t.test('while the gateway runs', async (row) => {
    const busy = ask(world, 20)
    const ends = []
    for (let i = 0; i < 5; i += 1) ends.push(await runHere(['audit', 'verify', ...place]))
    await busy
    for (const end of ends) row.match(end, { code: 0, stdout: /The audit verifies/ })
    row.match(ends[0]?.stdout, /signatures were not checked/)
  })
  await t.test('after it has ended, with keys and anchor', async (row) => {
    row.same(await gateway.process.stop(), { code: 0, signal: null })
    const proof = ['--keys', jwks, '--anchor', anchor]
    const end = await runHere(['audit', 'verify', ...place, ...proof])
    row.match(end, { code: 0, stdout: /confirmed up to \d+, ended in order\nThe audit verifies/ })
    const json = await runHere(['audit', 'verify', ...place, ...proof, '--format', 'json'])
    const report = JSON.parse(json.stdout) as { checkpoints: { signed: number; anchored: number } }
    row.ok(report.checkpoints.signed >= 5)
    row.ok(report.checkpoints.anchored >= 5)
    const inFolder = ['--keys', jwks, '--anchor', folder, '--format', 'json']
    const both = await runHere(['audit', 'verify', ...place, ...inFolder])
    const { anchored } = (JSON.parse(both.stdout) as typeof report).checkpoints
    row.equal(anchored, report.checkpoints.anchored * 2, 'each is in the file, and a file')
  })
  await t.test('an export, whole and in part', async (row) => {
    const whole = await runHere(['audit', 'export', ...place])
    await writeFile(exported, whole.stdout)
    const proof = ['--file', exported, '--keys', jwks]
    const end = await runHere(['audit', 'verify', ...proof, '--anchor', anchor])
    row.match(end, { code: 0, stdout: /The audit verifies/ })
    const reordered = whole.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { event, ...envelope } = JSON.parse(line) as { event: object }
        return JSON.stringify({
          event: Object.fromEntries(Object.entries(event).toReversed()),
          ...envelope,
        })
      })
    await writeFile(exported, reordered.join('\n'))
    row.equal(
      (await runHere(['audit', 'verify', ...proof])).code,
      0,
      'its members in another order',
    )
    const none = await runHere(['audit', 'export', ...place, '--to', '2020-01-01'])
    row.equal(none.stdout, '')
    row.equal((await runHere(['audit', 'export', ...place, '--from', 'noon'])).code, 2)
    await writeFile(exported, reordered.join('\n').replace('"permit"', '"deny"'))
    const faulty = await runHere(['audit', 'verify', ...proof])
    row.match(faulty, { code: 4, stdout: /^altered: record \d+ of writer \S+ at line \d+/m })
  })
  await t.test('what was changed, and what is wrong with the question', async (row) => {
    const names = await readdir(gateway.journal)
    const segment = names.find((name) => name.startsWith('audit-')) ?? ''
    const path = join(gateway.journal, segment)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"agent-1"', '"agent-2"'))
    const end = await runHere(['audit', 'verify', ...place])
    row.match(end, {
      code: 4,
      stdout: /^altered: record .*\nThe audit does not verify: 1 faults\.$/m,
    })
    await writeFile(path, text)
    await appendFile(anchor, 'x.y.z\n')
    const forged = await runHere(['audit', 'verify', ...place, '--keys', jwks, '--anchor', anchor])
    row.match(forged, { code: 4, stdout: /^forged:/m })
    const usage = [
      ['--anchor', anchor],
      ['--format', 'xml'],
    ]
    for (const options of usage)
      row.equal((await runHere(['audit', 'verify', ...place, ...options])).code, 2)
    row.equal((await runHere(['audit', 'verify', ...place, '--keys', '/none'])).code, 5)
    row.equal((await runHere(['audit', 'verify', '--file', '/none'])).code, 5)
    row.equal((await runHere(['audit', 'verify', ...place, '--keys', exported])).code, 5)
  })
})

test('in Redis, a gateway whose records are deleted under it begins another chain, and the verifier names the loss', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const env = { CELOSIA_CHECKPOINT_KEY: signingKeyPem('p256') }
  const store = { redisUrl: redis.url }
  const world = await startWorld(t, { change: signed, env, store })
  world.upstream.answer(jsonAnswer(userBody(world.canaries)))
  await ask(world, 6)
  const { gateway } = world
  const keys = await runHere(['audit', 'keys', '--config', gateway.policyFile], {
    env: gateway.environment,
  })
  const jwks = join(gateway.policyFile, '..', 'keys.json')
  await writeFile(jwks, keys.stdout)
  const anchor = join(gateway.policyFile, '..', 'anchor.jws')
  const verify = () =>
    runHere(['audit', 'verify', '--redis', redis.url, '--keys', jwks, '--anchor', anchor])
  t.equal((await verify()).code, 0)
  await redis.admin().flushall()
  await ask(world, 2)
  t.match(await verify(), { code: 4, stdout: /^missing: record 1 to \d+ of writer/m })
  const chain = (await gateway.records()).find(
    (event) => event['status_detail'] === 'began' && event['severity_id'] === 4,
  )
  t.match(chain, { unmapped: { celosia: { broken: { sequence: Number, hash: String } } } })
})

test('a policy whose checkpoint key is missing or none does not start', async (t) => {
  for (const [CELOSIA_CHECKPOINT_KEY, says] of [
    ['', /keys\.checkpoint: CELOSIA_CHECKPOINT_KEY is not there/],
    ['s3cr3t', /keys\.checkpoint \(CELOSIA_CHECKPOINT_KEY\): the key is no private key/],
  ] as const) {
    const env = { CELOSIA_CHECKPOINT_KEY }
    const { gateway } = await startWorld(t, { change: signed, env, waitUntilReady: false })
    t.same(await gateway.process.exit, { code: 5, signal: null })
    t.match(gateway.process.stderr(), says)
    t.notMatch(gateway.process.stderr(), /s3cr3t/)
  }
})

test('checkpoints go to an object store that wants signed requests', async (t) => {
  const keys = { region: 'eu-central-1', service: 's3', id: 'AKIDCELOSIA', secret: 's3cr3t/+key' }
  const store = await startObjectStore(t, keys)
  const world = await startWorld(t, {
    change: (policy) => ({
      ...policy,
      keys: { ...policy.keys, checkpoint: { version: 1, env: 'CELOSIA_CHECKPOINT_KEY' } },
      audit: {
        checkpoints: { every: 5 },
        anchors: [
          {
            objects: `${store.url}/vault/celosia`,
            sign: { region: keys.region, keyId: '${VAULT_KEY_ID}', secret: '${VAULT_SECRET}' },
          },
        ],
      },
    }),
    env: {
      CELOSIA_CHECKPOINT_KEY: signingKeyPem(),
      VAULT_KEY_ID: keys.id,
      VAULT_SECRET: keys.secret,
    },
  })
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  await ask(world, 12)
  t.same(await gateway.process.stop(), { code: 0, signal: null })
  t.same(store.refusals, [])
  t.ok(store.objects.size >= 3, `${store.objects.size} checkpoints`)
  t.notMatch(gateway.process.stdout() + gateway.process.stderr(), /s3cr3t/)
  const folder = t.testdir(
    Object.fromEntries([...store.objects].map(([path, jws]) => [path.split('/').at(-1), jws])),
  )
  const jwks = join(gateway.policyFile, '..', 'keys.json')
  const printed = await runHere(['audit', 'keys', '--config', gateway.policyFile], {
    env: gateway.environment,
  })
  await writeFile(jwks, printed.stdout)
  const proof = ['--journal', gateway.journal, '--keys', jwks, '--anchor', folder]
  const end = await runHere(['audit', 'verify', ...proof])
  t.match(end, { code: 0, stdout: new RegExp(`${store.objects.size} at the anchor`) })
})
