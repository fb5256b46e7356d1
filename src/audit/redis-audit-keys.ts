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
