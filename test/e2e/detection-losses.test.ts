/** Counters in Redis that have lost what they counted: the rules say what then, until an officer says that it is all there is. */
import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import type { DetectDocument } from '../../src/rules/policy/detect-document.ts'
import { answerUsers, findings, look } from '../helpers/look-ups.ts'
import { requirePeer } from '../helpers/peers.ts'
import { runHere as runProgram } from '../helpers/program.ts'
import { startRedis } from '../helpers/redis.ts'
import { searchBudgets, startWorld } from '../helpers/world.ts'

test('counts that Redis lost are not taken for zero: refused, or told of, until somebody accepts it', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const rule: DetectDocument = {
    name: 'shown',
    classes: ['contact.*'],
    count: { distinct: 'dataSubject', over: 3, within: '1h' },
    whenUnknown: 'flag',
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
    then: ['flag', 'block'],
  }
  const world = await startWorld(t, {
    store: { redisUrl: redis.url },
    change: (policy) => ({
      ...policy,
      detect: [...searchBudgets(policy), rule],
      audit: { ...policy.audit, whenUnavailable: 'refuse' },
    }),
  })
  answerUsers(world)
  for (const id of [1, 2]) t.equal(await look(world, id), 200)
  const admin = redis.admin()
  const loseAll = async () => admin.del(...(await admin.keys('celosia:{lookups}:*')))
  await loseAll()
  t.equal(await look(world, 3), 200)
  t.match(await findings(world), [{ rule: 'shown', observed: null }])
  for (const id of [4, 5]) t.equal(await look(world, id), 200)
  t.equal(await look(world, 6), 403, 'what is counted anew is too much all the same')
  const policy = await readFile(world.gateway.policyFile, 'utf8')
  const refusing = policy.replace('"whenUnknown": "flag"', '"whenUnknown": "refuse"')
  t.equal(await world.gateway.reload(refusing), 'reloaded')
  const asked = world.upstream.requests.length
  t.equal(await look(world, 1, { subject: 'agent-2' }), 503)
  t.equal(world.upstream.requests.length, asked, 'nothing is asked for')
  const { policyFile, environment: env, journal } = world.gateway
  const accept = ['unblock', '--config', policyFile, '--lost-counts', '--by', 'Privacy Officer']
  const wrong = [
    [...accept, '--redis', redis.url, '--subject', 'a'],
    [...accept, '--journal', journal],
  ]
  for (const args of wrong) t.equal((await runProgram(args, { env })).code, 2)
  const done = await runProgram([...accept, '--redis', redis.url], { env })
  t.match(done.stdout, /^unblocked: counters lost counts; .*shown/)
  t.equal(await look(world, 1, { subject: 'agent-2' }), 200)
  const closed = async () =>
    (await world.gateway.records()).find(
      (event) => event['activity_id'] === 3 && event['class_uid'] === 2004,
    )
  for (let tries = 0; tries < 100 && (await closed()) === undefined; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
  t.match(await closed(), {
    message: /^Privacy Officer took what the counters have for all that was counted: .*shown/,
    unmapped: { celosia: { rule: 'unblock', per: 'counters', by: 'Privacy Officer' } },
  })
  await loseAll()
  t.equal(await look(world, 1, { subject: 'agent-3' }), 503, 'it was accepted once')
})
