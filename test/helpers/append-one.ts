/** A program that appends one record to the Redis store at an address, and says `stored` or what stands in the way. */
import { openRedisWriter } from './audit-writers.ts'
import { auditRecord } from './audit-records.ts'

const writer = await openRedisWriter({ url: process.argv[2] ?? '' })
const said = await writer.append([auditRecord(0)]).then(
  () => 'stored',
  (error: unknown) => (error instanceof Error ? error.message : 'no error'),
)
console.log(said)
await writer.close()
