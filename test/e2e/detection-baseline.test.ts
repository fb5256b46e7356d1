/** A rule that compares an agent's day with the past days of others who have the same role, through a whole gateway. */
import { test } from 'tap'
import type { Redis } from 'ioredis'
import type { DetectDocument } from '../../src/rules/policy/detect-document.ts'
import { answerUsers, findings, look } from '../helpers/look-ups.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'
import { searchBudgets, startWorld } from '../helpers/world.ts'

const RULE: DetectDocument = {
  name: 'more than the role',
  classes: ['contact.*'],
  count: { distinct: 'dataSubject', baseline: { over: 3, days: 7, agentDays: 8, floor: 1 } },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the policy language
  then: ['flag', 'block'],
}

/** Puts all that was counted so far a day back, as if it had been yesterday. */
async function passDay(admin: Redis): Promise<number> {
  const [today, days] = await Promise.all([
    admin.keys('celosia:{lookups}:*:today'),
    admin.keys('celosia:{lookups}:*:days'),
  ])
  for (const key of [...today, ...days]) await admin.hincrby(key, 'day', -1)
  return today.length
}

test('who looks at far more than others of the role on their days is refused, and told of in words', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const world = await startWorld(t, {
    store: { redisUrl: redis.url },
    change: (policy) => ({
      ...policy,
      detect: [...searchBudgets(policy), RULE],
      audit: { ...policy.audit, whenUnavailable: 'refuse' },
    }),
  })
  answerUsers(world)
  for (const [index, count] of [2, 3, 4, 2, 3, 4, 2, 3].entries())
    for (let id = 1; id <= count; id += 1)
      t.equal(await look(world, id, { subject: `other-${index}` }), 200)
  const agent = { subject: 'agent-9' }
  for (let id = 1; id <= 20; id += 1)
    t.equal(await look(world, id, agent), 200, 'there is no past yet')
  t.equal(await passDay(redis.admin()), 1, 'one role')
  for (let id = 1; id <= 7; id += 1) t.equal(await look(world, id, agent), 200)
  t.equal(await look(world, 7, agent), 200, 'the same one again is no other')
  t.same(await findings(world), [])
  t.equal(await look(world, 8, agent), 403, 'the answer does not leave')
  const asked = world.upstream.requests.length
  t.equal(await look(world, 1, agent), 403)
  t.equal(world.upstream.requests.length, asked, 'nor is the next one asked for')
  t.equal(await look(world, 1, { subject: 'other-1' }), 200, 'others work on')
  t.match(await findings(world), [
    {
      rule: 'more than the role',
      counted: 'dataSubject',
      observed: 8,
      over: 7,
      within_ms: 86_400_000,
      baseline: {
        role: 'agent',
        median: 3,
        mad: 1,
        agent_days: 8,
        score: 3.37,
        score_over: 3,
        days_over: 1,
        on: 1,
        of: 1,
      },
    },
  ])
  const records = await world.gateway.records()
  t.match(
    records.find((event) => event['class_uid'] === 2004)?.['message'],
    /^8 data subjects looked at \(contact\..*\) in one day by subject agent-9\. Others with the role agent: median 3 a day, MAD 1, of 8 days of theirs\. Robust z-score 3\.37, too much above 3\. Then: flag, block\.$/,
  )
  const admin = redis.admin()
  const [past = ''] = await admin.keys('celosia:{lookups}:*:past')
  await admin.set(past, 'of a wrong type')
  t.equal(await look(world, 1, { subject: 'agent-10' }), 503, 'unknown is not zero')
})
