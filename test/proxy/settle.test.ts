/** Between its masking and its record an answer waits for counters: what became of its caller meanwhile holds. */
import { test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { SharedLogUnavailableError } from '../../src/identity/shared-log/shared-log.ts'
import type { Exchange } from '../../src/proxy/exchange.ts'
import type { Services } from '../../src/proxy/services.ts'
import { settle } from '../../src/proxy/settle.ts'

/** One revealed card, within a budget; `meanwhile` happens while the counter is waited for. */
function waiting(meanwhile: () => void, isRevoked: () => boolean) {
  const grant = { dataClass: 'payment.card', budgetPerDay: 20 }
  const revealed = [{ class: 'payment.card', shown: 0, masked: 0, revealed: 1 }]
  const exchange = {
    subject: { issuer: 'https://idp.example.com', id: 'agent-1' },
    requestId: '1',
    timeMs: 0,
    storeWaitMs: 0,
    heldLookups: [],
    maskedFor: [],
    reveal: { grants: [grant] },
    report: { dataSubjects: [{ kind: undefined, id: undefined, classes: revealed }] },
  }
  const services = {
    clock: systemClock,
    breaker: { open: new Set<string>() },
    policy: { revocation: {}, lookups: [], reveal: { timeZone: 'UTC' } },
    revocations: { isRevoked },
    counter: {
      reserve: async () => {
        meanwhile()
        return [{ exceeded: false }]
      },
    },
  }
  return Promise.resolve(settle(exchange as unknown as Exchange, services as unknown as Services))
}

test('an answer whose token is revoked while it waits for the counters does not leave', async (t) => {
  let revoked = false
  const isRevoked = () => revoked
  t.equal(await waiting(() => {}, isRevoked), 'stands')
  const settled = await waiting(() => (revoked = true), isRevoked).catch((error: unknown) => error)
  t.match(settled, { reason: 'token-revoked' })
})

test('nor does one of which nobody knows it any more', async (t) => {
  let away = false
  const isRevoked = () => {
    if (away) throw new SharedLogUnavailableError('away')
    return false
  }
  const settled = await waiting(() => (away = true), isRevoked).catch((error: unknown) => error)
  t.match(settled, { reason: 'revocations-unavailable' })
})
