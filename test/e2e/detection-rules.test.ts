/** Rules on who looks too much: what each kind counts, for whom, and that gateways which share a Redis count together. */
import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import type { DetectDocument } from '../../src/rules/policy/detect-document.ts'
import { startGatewayProcess } from '../helpers/gateway.ts'
import { answerUsers, findings, look, worldOf } from '../helpers/look-ups.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'
import { statusAnswer } from '../helpers/upstream-answers.ts'
import { searchBudgets, startWorld } from '../helpers/world.ts'

test('each kind of count raises its finding, once, and no other', async (t) => {
  const world = await worldOf(t, [
    { name: 'requests', count: { sum: 'requests', over: 9, within: '1h' } },
    { name: 'shown', classes: ['person.name'], count: { sum: 'locations', over: 4, within: '1h' } },
    { name: 'run', count: { run: 'ids', over: 3, within: '1h' } },
    { name: 'role', per: 'role', count: { distinct: 'agent', over: 1, within: '1h' } },
    { name: 'network', per: 'address', count: { distinct: 'agent', over: 2, within: '1h' } },
    { name: 'celebrity', per: 'dataSubject', count: { distinct: 'agent', over: 2, within: '1h' } },
    { name: 'session', per: 'session', count: { distinct: 'dataSubject', over: 6, within: '1h' } },
    {
      name: 'elsewhere',
      routes: ['GET /api/v2/users'],
      count: { sum: 'requests', over: 1, within: '1h' },
    },
    { name: 'writes', effect: ['write'], count: { sum: 'requests', over: 1, within: '1h' } },
    {
      name: 'classes',
      classes: ['payment.iban'],
      count: { sum: 'requests', over: 1, within: '1h' },
    },
  ])
  const named = async () => (await findings(world)).map(({ rule }) => rule)
  for (const id of [100, 300, 500, 700]) await look(world, id)
  t.same(await named(), [])
  await look(world, 900)
  t.same(await named(), ['shown'], 'the name of a fifth')
  await look(world, 101)
  await look(world, 103)
  t.same(await named(), ['shown'], 'seven in two sessions, three in a row')
  await look(world, 105)
  t.same((await named()).slice(1), ['run'], '100, 101, 103, 105')
  await look(world, 100)
  await look(world, 100)
  t.same((await named()).slice(2), ['requests'], 'the tenth')
  await look(world, 100, { subject: 'agent-2' })
  t.same((await named()).slice(3), ['role'])
  await look(world, 100, { subject: 'agent-3' })
  t.same((await named()).slice(4).toSorted(), ['celebrity', 'network'])
  for (let id = 2_000; id < 2_070; id += 10)
    await look(world, id, { subject: 'agent-4', claims: { sid: 's-1' } })
  const after = (await named()).slice(6).toSorted()
  t.same(after, ['session', 'shown'], 'of another agent, by itself')
  const all = await findings(world)
  t.match(
    all.find(({ rule }) => rule === 'celebrity'),
    { per: 'dataSubject', owner: /^v1:/, counted: 'agent', observed: 3 },
  )
  t.match(
    all.find(({ rule }) => rule === 'network'),
    { owner: '127.0.0.1' },
  )
  t.match(
    all.find(({ rule }) => rule === 'role'),
    { owner: 'agent', observed: 2 },
  )
})

test('a first look is told once the subject is known, and outside hours of work all the time counts', async (t) => {
  const everyDay = { from: '00:00', to: '24:00' }
  const first = { first: 'class', within: '1h' } as const
  const world = await worldOf(t, [
    { name: 'first', classes: ['person.name', 'contact.email'], count: { ...first, after: '1ms' } },
    { name: 'too new', classes: ['person.name'], count: { ...first, after: '1h' } },
    { name: 'night', outside: everyDay, count: { sum: 'requests', over: 1, within: '1h' } },
  ])
  world.upstream.answer(statusAnswer(404))
  await look(world, 1)
  answerUsers(world)
  await look(world, 1)
  await look(world, 2)
  const found = await findings(world)
  t.same(
    found.map(({ rule }) => rule),
    ['first', 'first'],
    'one of each class',
  )
  t.match(found[0], { counted: 'firstClass' })
})

test('whom nothing is known of does not count, also where the rule blocks', async (t) => {
  const world = await worldOf(t, [
    {
      name: 'cards',
      classes: ['payment.card'],
      count: { distinct: 'dataSubject', over: 3, within: '1h' },
      // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
      then: ['flag', 'block'],
    },
  ])
  world.upstream.answer(statusAnswer(404))
  for (let id = 1; id <= 10; id += 1) t.equal(await look(world, id), 404)
  answerUsers(world)
  for (let id = 1; id <= 3; id += 1) t.equal(await look(world, id), 200)
  const asked = world.upstream.requests.length
  t.equal(await look(world, 4), 403)
  t.equal(world.upstream.requests.length, asked, 'the one too many is not asked for')
  t.equal((await findings(world)).length, 1)
})

test('two gateways that share one Redis count together: 10 and 11 pass a threshold of 20', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startWorld(t, { store: { redisUrl: redis.url } })
  const { policyFile: file, environment } = world.gateway
  answerUsers(world)
  const other = await startGatewayProcess(t, {
    policy: await readPolicy(file),
    upstreamUrl: world.upstream.url,
    issuer: world.issuer.issuer,
    store: { redisUrl: redis.url },
    env: environment,
  })
  const second = { ...world, gateway: other }
  for (let id = 1; id <= 10; id += 1) await look(world, id)
  for (let id = 11; id <= 20; id += 1) await look(second, id)
  t.same(await findings(world), [])
  await look(second, 21)
  t.match(await findings(world), [{ rule: 'repeated sensitive look-ups', observed: 21 }])
})

test('where the counters are away, it is not known: refused, or flagged', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const rule = (whenUnknown: 'refuse' | 'flag'): DetectDocument => ({
    name: 'requests',
    count: { sum: 'requests', over: 100, within: '1h' },
    whenUnknown,
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
    then: ['flag'],
  })
  // Records have a place of their own; only the counters are in Redis, and there they are of a wrong type.
  const world = await startWorld(t, {
    store: { redisUrl: redis.url },
    change: (policy) => ({
      ...policy,
      detect: [...searchBudgets(policy), rule('flag')],
      audit: { ...policy.audit, whenUnavailable: 'refuse' },
    }),
  })
  answerUsers(world)
  t.equal(await look(world, 1), 200)
  const admin = redis.admin()
  for (const key of await admin.keys('celosia:{lookups}:*')) {
    await admin.del(key)
    await admin.set(key, 'of a wrong type')
  }
  t.equal(await look(world, 2), 200)
  t.equal(await look(world, 3), 200)
  t.match(await findings(world), [{ rule: 'requests', observed: null }], 'told once')
  const policy = await readPolicy(world.gateway.policyFile)
  const later: DetectDocument = {
    name: 'shown',
    count: { sum: 'locations', over: 100, within: '1h' },
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
    then: ['flag'],
  }
  const both = JSON.parse(policy) as { readonly detect: readonly unknown[] }
  const mixed = JSON.stringify({ ...both, detect: [...both.detect, later] })
  t.equal(await world.gateway.reload(mixed), 'reloaded')
  t.equal(await look(world, 3), 503, 'the one that refuses counts only the answer')
  const refusing = policy.replace('"whenUnknown": "flag"', '"whenUnknown": "refuse"')
  t.equal(await world.gateway.reload(refusing), 'reloaded')
  t.equal(await look(world, 4), 503)
})

function readPolicy(file: string): Promise<string> {
  return readFile(file, 'utf8')
}
