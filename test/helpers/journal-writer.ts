/** A program that writes to a journal as fast as it can and names each record once it is acknowledged. It is there to be killed. */
import { openFileWriter } from './audit-writers.ts'
import { auditRecord } from './audit-records.ts'

const writer = await openFileWriter({
  directory: process.argv[2] ?? '',
  segmentBytes: 64 * 1024,
})
console.log('ready')
let number = 0
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (;;) {
      const record = auditRecord(number)
      number += 1
      await writer.append([record])
      console.log(`ack ${record.id}`)
    }
  }),
)
