/**
 * One fault at a time, at every place where a request waits for something between its first byte and its last: services,
 * files, commands to Redis, the upstream's answer. The places are those that a clean run passes. `npm run test:faults` tries
 * all faults and prints them; here those that take long are left out.
 */
import { test } from 'tap'
import type { FaultAction } from '../helpers/faults/fault-plan.ts'
import { faultTable, runFaults, type FaultStore } from '../helpers/faults/run-faults.ts'
import { requirePeer } from '../helpers/peers.ts'

const STORES: readonly FaultStore[] = ['journal', 'redis, spool', 'redis, refuse']
/** Hanging takes seconds each time. */
const QUICK: ReadonlySet<FaultAction> = new Set(['fail', 'fail after', 'caller', 'upstream'])

for (const store of STORES) {
  test(`faults with the store: ${store}`, { timeout: 120_000 }, async (t) => {
    if (store !== 'journal' && !requirePeer(t, 'redis-server')) return
    const results = await runFaults(t, { store, only: ({ action }) => QUICK.has(action) })
    const places = new Set(results.map(({ name }) => name))
    for (const name of [
      'verifier.verify',
      'proofs.spend',
      'sessions.find',
      'sessions.end',
      'counter.add',
      'audit.append',
      'upstream.body',
    ])
      t.ok(places.has(name), `a request waits for ${name}`)
    t.ok(places.has(store === 'journal' ? 'files.datasync' : 'redis.EVALSHA'))
    t.ok(results.length > 100, `${results.length} faults`)
    const wrong = results.filter(({ faults }) => faults.length > 0)
    t.same(faultTable(wrong), [], 'T1 to T5 hold each time')
  })
}
