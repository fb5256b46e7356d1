/** A caller who is gone before the first window can leave: the record that has begun is closed. */
import { test } from 'tap'
import { accessViews } from '../helpers/oracle-records.ts'
import type { AuditEvent } from '../helpers/gateway-under-test.ts'
import { request } from '../helpers/raw-client.ts'
import { startRedis } from '../helpers/redis.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { searchBudgets, startWorld } from '../helpers/world.ts'

const LEFT = 'agent-left'

for (const coding of ['identity', 'gzip'] as const) {
  test(`${coding}: gone while the first window is being recorded`, async (t) => {
    const redis = await startRedis(t)
    const { gateway, upstream, token } = await startWorld(t, {
      store: { redisUrl: redis.url },
      change: (policy) => ({
        ...policy,
        limits: { bodyBytesMax: 65_536 },
        // Else the journal takes its place, and the answer goes on.
        audit: { ...policy.audit, whenUnavailable: 'refuse' as const },
        // Nothing but the record waits for the store.
        detect: searchBudgets(policy),
        routes: policy.routes.map((route) => ({ ...route, compress: ['gzip'] as const })),
      }),
    })
    const users = Array.from({ length: 3_000 }, (_, id) => ({
      id,
      email: `canary.${id}@a.example`,
    }))
    const asked = Promise.withResolvers<void>()
    upstream.answer(() => {
      asked.resolve()
      redis.process().signal('SIGSTOP')
      return jsonAnswer({ users })
    })
    const leaving = request(
      gateway.port,
      {
        path: '/api/v2/users',
        token: await token({ subject: LEFT }),
        headers: [['accept-encoding', coding]],
      },
      // The window is masked by then, and its record waits for two seconds.
      { abortFrom: asked.promise, abortAfterMs: 700 },
    )
    const got = await leaving
    t.equal(got.bytes.length, 0, 'nothing has left')
    redis.process().signal('SIGCONT')
    let own: readonly AuditEvent[] = []
    for (let turn = 0; turn < 100 && own.length < 2; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      own = (await gateway.records())
        .filter((event) => accessViews([event]).length > 0)
        .map((event) => (event['unmapped'] as { celosia: AuditEvent }).celosia)
    }
    t.match(own, [
      { phase: 'opening', decision: 'permit' },
      { phase: 'closing', decision: 'deny', reasons: ['request-aborted'] },
    ])
    t.equal(own.length, 2)
    t.match(await gateway.metrics(), /^celosia_held_bytes 0$/m)
  })
}
