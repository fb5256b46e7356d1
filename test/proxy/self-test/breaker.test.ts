/** What the self-test found to leak is refused: at the door, and where an answer is on its way. */
import { test } from 'tap'
import type { Exchange } from '../../../src/proxy/exchange.ts'
import { RefusedError } from '../../../src/proxy/refused.ts'
import { REQUEST_STEPS } from '../../../src/proxy/request/steps.ts'
import { refuseLeaking } from '../../../src/proxy/self-test/breaker.ts'
import type { Breaker } from '../../../src/proxy/self-test/breaker.ts'
import type { Services } from '../../../src/proxy/services.ts'
import { settle } from '../../../src/proxy/settle.ts'

const LEAKS = 'GET /users/{id:integer}'

const exchangeOf = (route: string | undefined, selfTest?: object) =>
  ({
    match: route === undefined ? undefined : { route: { template: { text: route } } },
    selfTest,
  }) as unknown as Exchange

function refusal(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof RefusedError ? error.reason : error
  }
}

test('the route that leaks is refused, or every route; the self-test goes on asking', (t) => {
  const cases: readonly (readonly [open: Breaker['open'], route: string, refused: boolean])[] = [
    [new Set(), LEAKS, false],
    [new Set([LEAKS]), LEAKS, true],
    [new Set([LEAKS]), 'GET /users', false],
    ['all', 'GET /users', true],
  ]
  for (const [open, route, refused] of cases) {
    const reason = refused ? 'self-test-failed' : undefined
    const breaker = { open }
    t.equal(
      refusal(() => refuseLeaking(exchangeOf(route), { breaker })),
      reason,
    )
    t.equal(
      refusal(() => refuseLeaking(exchangeOf(route, {}), { breaker })),
      undefined,
    )
    // Nothing else is asked of an answer before that: it does not leave, whatever it is.
    const services = { breaker } as unknown as Services
    if (refused)
      t.equal(
        refusal(() => settle(exchangeOf(route), services)),
        reason,
      )
    t.equal(
      settle({ ...exchangeOf(route), selfTest: { roles: [], exchange: undefined } }, services),
      'stands',
    )
  }
  t.end()
})

test('it comes after the decision, so that strangers learn nothing, and before the upstream hears of it', (t) => {
  const names = REQUEST_STEPS.map(({ name }) => name)
  t.equal(names.indexOf('breaker'), names.indexOf('decision') + 1)
  t.ok(names.indexOf('breaker') < names.indexOf('write'))
  t.end()
})
