/** Keys of the audit in Redis. A user of the gateway needs them all; who only reads needs the streams. */
import type { StreamName } from '../core/audit-record.ts'

/** The stream of each class of retention. */
export const STREAM_KEYS = {
  records: 'celosia:audit',
  findings: 'celosia:findings',
  chain: 'celosia:chain',
} as const satisfies Readonly<Record<StreamName, string>>

/** A hash: for each writer `<sequence> <hash>` of the last record that the streams have of it. */
export const HEADS_KEY = 'celosia:audit:heads'

/** A hash: for each access that is open, by its request, what its closing record is made of. */
export const OPEN_KEY = 'celosia:audit:open'

/** A hash: for each open access of a dead writer, which other is about to close it. */
export const CLAIMS_KEY = 'celosia:audit:claims'

/** A hash: each legal hold by its name. */
export const HOLDS_KEY = 'celosia:audit:holds'

/** Who purges at the moment, so that others need not. */
export const PURGING_KEY = 'celosia:audit:purging'

/** A key that is there as long as a writer lives, and a little longer. */
export function aliveKey(writer: string): string {
  return `celosia:audit:alive:${writer}`
}
