/** What cannot be known of a proof or a grant, because its store is away, is no permission. */
import { test } from 'tap'
import { SpentProofsUnavailableError } from '../../src/identity/errors.ts'
import { SharedLogUnavailableError } from '../../src/identity/shared-log/shared-log.ts'
import type { Exchange } from '../../src/proxy/exchange.ts'
import { RefusedError } from '../../src/proxy/refused.ts'
import { decideReveals } from '../../src/proxy/request/decide-reveals.ts'
import { spendProof } from '../../src/proxy/request/possession.ts'
import { refuseEndedGrant } from '../../src/proxy/reveals.ts'
import type { Services } from '../../src/proxy/services.ts'

const GRANT = '019ab000-0000-7000-8000-000000000001'
const PROOF = { id: 'proof', key: 'key', nonce: undefined }
const clock = { nowMs: () => 0, monotonicMs: () => 0 }

/** The reason of the refusal, or what else was thrown. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error instanceof RefusedError ? error.reason : error
  }
}

const away = {
  proofs: { spend: () => Promise.reject(new SpentProofsUnavailableError('away')) },
  grants: {
    inForce: () => Promise.reject(new SharedLogUnavailableError('away')),
    lasts: () => {
      throw new SharedLogUnavailableError('away')
    },
  },
}
const fault = new Error('a fault of ours')
const faulty = {
  proofs: { spend: () => Promise.reject(fault) },
  grants: {
    inForce: () => Promise.reject(fault),
    lasts: () => {
      throw fault
    },
  },
}

const policy = { dpop: undefined, breakGlass: {}, reveal: undefined, tenant: 'default' }
const servicesOf = (stores: object) => ({ clock, policy, ...stores }) as unknown as Services
const exchangeOf = (more: object = {}) =>
  ({
    raw: { headers: { 'celosia-reveal': `classes=(id.national), grant="${GRANT}"` } },
    subject: { assurance: new Set(), trained: true },
    roles: ['agent'],
    storeWaitMs: 0,
    reveal: { approval: {} },
    ...more,
  }) as unknown as Exchange

test('whether a proof was used before', async (t) => {
  const spend = (stores: object, more: object = {}) =>
    outcome(() => spendProof(PROOF, exchangeOf(more), servicesOf(stores)))
  t.equal(await spend(away), 'proofs-unavailable')
  const good = { proofs: { spend: () => Promise.resolve(true) } }
  t.equal(await spend(good), undefined)
  t.equal(await spend(good, { storeWaitMs: 1_900 }), 'proofs-unavailable', 'no time is left')
  t.equal(await spend({ proofs: { spend: () => Promise.resolve(false) } }), 'proof-replayed')
  t.equal(await spend(faulty), fault)
})

test('whether a grant is in force, and still is', async (t) => {
  const decide = (stores: object) => outcome(() => decideReveals(exchangeOf(), servicesOf(stores)))
  t.equal(await decide(away), 'grants-unavailable')
  t.equal(await decide({ grants: { inForce: () => Promise.resolve(undefined) } }), 'grant-invalid')
  t.equal(await decide(faulty), fault)
  const lasts = (stores: object, more?: object) =>
    outcome(() => refuseEndedGrant(exchangeOf(more), servicesOf(stores)))
  t.equal(await lasts(away), 'grants-unavailable')
  t.equal(await lasts({ grants: { lasts: () => false } }), 'grant-invalid')
  t.equal(await lasts({ grants: { lasts: () => true } }), undefined)
  t.equal(await lasts(faulty), fault)
  t.equal(
    await lasts(away, { reveal: undefined }),
    undefined,
    'nothing is asked where none is used',
  )
})
