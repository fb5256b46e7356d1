/** Responses where the counters are away between the count and the response. */
import { test } from 'tap'
import { CounterUnavailableError } from '../../../src/detection/errors.ts'
import type { LookupCounter } from '../../../src/detection/lookup-counter.ts'
import { respondToRequest } from '../../../src/proxy/detect/respond.ts'
import { createUnknownRules } from '../../../src/proxy/detect/unknown-rules.ts'
import type { Exchange } from '../../../src/proxy/exchange.ts'
import type { Services } from '../../../src/proxy/services.ts'
import type { DetectionRule } from '../../../src/rules/detect/detection-rule.ts'

/** What comes of a throttled request where nothing can be reserved. */
async function throttle(whenUnknown: readonly DetectionRule['whenUnknown'][]) {
  const clock = { nowMs: () => 0, monotonicMs: () => 0 }
  const counter: Partial<LookupCounter> = {
    reserve: () => Promise.reject(new CounterUnavailableError('away')),
  }
  const services = {
    clock,
    counter,
    ids: () => 'id',
    unknownRules: createUnknownRules(clock),
  } as unknown as Services
  const exchange = { requestId: 'r', storeWaitMs: 0, crossings: [] } as unknown as Exchange
  const active = whenUnknown.map((what) => ({
    rule: {
      name: `slower, else ${what}`,
      actions: ['throttle'],
      throttle: { requests: 1, withinMs: 1_000 },
      whenUnknown: what,
    } as unknown as DetectionRule,
    owner: { kind: 'subject' as const, key: ['ann'], label: undefined },
    window: { key: 'k', members: [], withinMs: 1_000, over: 1 },
  }))
  const refused = await respondToRequest(exchange, services, active).then(
    () => undefined,
    (error: unknown) => (error as { reason?: string }).reason,
  )
  const told = exchange.crossings.map(({ rule, observed }) => [rule.name, observed])
  return { refused, told }
}

test('a throttle that cannot be counted is told of where the rule lets it pass', async (t) => {
  t.same(await throttle(['flag']), {
    refused: undefined,
    told: [['slower, else flag', undefined]],
  })
})

test('and one rule that refuses is enough, whatever the others say', async (t) => {
  t.equal((await throttle(['refuse'])).refused, 'counters-unavailable')
  t.equal((await throttle(['flag', 'refuse'])).refused, 'counters-unavailable')
})
