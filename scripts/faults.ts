/**
 * Tries every fault at every place where a request waits, with each kind of store, and prints a table: what the caller got, and
 * whether T1 to T5 of the threat model held. Ends with 1 where one did not. Some minutes, since hanging takes time.
 */
import { faultTable, runFaults, type FaultStore } from '../test/helpers/faults/run-faults.ts'
import type { FaultResult } from '../test/helpers/faults/try-faults.ts'

const STORES: readonly FaultStore[] = ['journal', 'redis, spool', 'redis, refuse']

let wrong = 0
for (const store of STORES) {
  const teardowns: (() => unknown)[] = []
  const results: FaultResult[] = []
  try {
    const scope = { teardown: (act: () => unknown) => void teardowns.unshift(act) }
    await runFaults(scope, {
      store,
      onResult: (result) => void results.push(result),
    })
  } finally {
    for (const act of teardowns) await act()
  }
  wrong += results.filter(({ faults }) => faults.length > 0).length
  console.log([`store: ${store}`, ...faultTable(results), ''].join('\n'))
}
console.log(wrong === 0 ? 'T1 to T5 held each time.' : `${wrong} faults broke a promise.`)
process.exit(wrong === 0 ? 0 : 1)
