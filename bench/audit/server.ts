/**
 * One server of the benchmark as a process of its own: the whole pipeline with the shipped policy, masking and detection, before
 * `HELPDESK_URL` on `PORT`. Its audit is `none`, a store that takes every record at once and keeps nothing, or `journal`, or
 * `redis`, as `celosia serve` has them. Tokens are not verified: a signature would hide what an audit costs.
 */
import { createChainWriter } from '../../src/audit/chain/chain-writer.ts'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import type { AuditWriter } from '../../src/audit/audit-store.ts'
import type { RecordStore } from '../../src/audit/record-store.ts'
import { openRedisRecordStore } from '../../src/audit/redis-record-store.ts'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import { createApp } from '../../src/proxy/app.ts'
import { pipelineServices } from '../../test/helpers/pipeline.ts'
import { BENCH_SUBJECT } from '../proxy/bench-subject.ts'
import { listenAt } from '../proxy/listen-at.ts'

const NO_AUDIT: AuditWriter = {
  append: () => Promise.resolve(),
  health: () => Promise.resolve({ ok: true, problem: undefined, durability: 'strict' }),
  problem: () => undefined,
  close: () => Promise.resolve(),
}

async function auditOf(kind: string | undefined): Promise<AuditWriter> {
  if (kind === 'none') return NO_AUDIT
  const store: RecordStore =
    kind === 'journal'
      ? await openFileRecordStore({ directory: process.env['JOURNAL'] ?? '' })
      : await openRedisRecordStore({ url: process.env['REDIS'] ?? '' })
  return createChainWriter({ store, clock: systemClock, ids: uuidV7, notes: console.error })
}

const policy = loadPolicy({
  file: 'config/policies.yaml',
  environment: process.env,
  mode: 'author',
})
const services = pipelineServices(policy.compiled, await auditOf(process.argv[2]))
const app = await createApp({
  ...services,
  auditPseudonymizer: policy.auditPseudonymizer,
  sealer: policy.sealer,
  verifier: { ...services.verifier, verify: () => Promise.resolve(BENCH_SUBJECT) },
})
const port = Number(process.env['PORT'])
await listenAt(port, app)
console.log('listening')
process.on('SIGTERM', () => process.exit(0))
