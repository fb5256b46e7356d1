/** How many pseudonyms a second of CPU: every value new, and nine of ten seen before. */
import { randomBytes } from 'node:crypto'
import { createHmacPseudonymizer } from '../../src/keys/hmac-pseudonymizer.ts'

const COLD = 400_000
const WARM = 2_000_000
/** Distinct values among those seen before: fewer than the cache holds. */
const KNOWN = 8_000

export interface PseudonymRates {
  readonly cold: number
  readonly warm: number
}

export function pseudonymRates(): PseudonymRates {
  const made = createHmacPseudonymizer({ key: randomBytes(32), version: 1, tenant: 'bench' })
  const values = Array.from({ length: COLD * 2 }, (_, i) => `customer-${i}@example.com`)
  const rate = (calls: number, value: (call: number) => string) => {
    const before = process.cpuUsage()
    for (let call = 0; call < calls; call++) made.pseudonym('contact.email', value(call))
    const { user, system } = process.cpuUsage(before)
    return calls / ((user + system) / 1e6)
  }
  const known = Array.from({ length: KNOWN }, (_, i) => `known-${i}@example.com`)
  rate(COLD / 4, (call) => values[COLD + call] ?? '')
  const cold = rate(COLD, (call) => values[call] ?? '')
  const fresh = Array.from({ length: WARM / 10 }, (_, i) => `fresh-${i}@example.com`)
  rate(KNOWN, (call) => known[call] ?? '')
  return {
    cold,
    warm: rate(WARM, (call) =>
      call % 10 === 0 ? (fresh[call / 10] ?? '') : (known[call % KNOWN] ?? ''),
    ),
  }
}
