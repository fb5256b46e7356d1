/** A redaction whose audit is in Redis: each change is there before it is made, and without Redis nothing is changed. */
import { test } from 'tap'
import { redisEvents } from '../helpers/audit-events.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startRedis } from '../helpers/redis.ts'
import { CARD, holdsNone, lines, startDesk, ticket } from './desk.ts'

test('with Redis', async (t) => {
  if (!requirePeer(t, 'redis-server')) return
  const redis = await startRedis(t)
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', CARD))
  const args = ['--class', 'payment.card', '--apply', '--by', 'dana', '--redis', redis.url]
  const end = await desk.run(...args)
  t.equal(end.code, 0, end.stderr)
  t.same(lines(end), ["ticket 1  $['subject']  payment.card 1  redacted"])
  const events = await (await redisEvents(t, redis.url))()
  t.same(
    events.flatMap((event) => {
      const { celosia } = event['unmapped'] as { celosia: Record<string, unknown> }
      return celosia['run'] === undefined ? [] : [celosia['phase']]
    }),
    ['intent', 'outcome'],
  )
  holdsNone(t, JSON.stringify(events), 'no value is in it')
  await redis.process().stop()
  desk.tickets.set('2', ticket('2', CARD))
  const writes = desk.writes().length
  t.equal((await desk.run(...args)).code, 5)
  t.equal(desk.writes().length, writes, 'nothing was written')
})
