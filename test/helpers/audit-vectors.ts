/** The files of test/fixtures/audit-chain, made anew: a journal of one writer with fixed times and ids. */
import { apiActivity } from '../../src/audit/api-activity.ts'
import { detectionFinding } from '../../src/audit/detection-finding.ts'
import { policyActivity } from '../../src/audit/policy-activity.ts'
import { recordLine } from '../../src/audit/record-codec.ts'
import { writerActivity } from '../../src/audit/writer-activity.ts'
import { STREAM_OF } from '../../src/core/audit-record.ts'
import type { AuditRecord, StreamName } from '../../src/core/audit-record.ts'
import { ACCESS, FINDING, INTENT, POLICY_LOADED, WRITER_BEGAN } from './audit-facts.ts'
import { newChain, sealAll } from './audit-writers.ts'

const FILES = {
  records: 'audit-20261119T101320123Z-00000001.jsonl',
  findings: 'findings-20261119T101320123Z-00000001.jsonl',
  chain: 'chain-20261119T101320123Z-00000001.jsonl',
} as const satisfies Readonly<Record<StreamName, string>>

/** Name and content of each file. */
export function auditVectors(): Promise<ReadonlyMap<string, string>> {
  const records: readonly AuditRecord[] = [
    writerActivity(WRITER_BEGAN),
    policyActivity(POLICY_LOADED),
    apiActivity(ACCESS),
    detectionFinding(FINDING),
    apiActivity(INTENT),
    apiActivity({
      ...ACCESS,
      id: '019ab000-0000-7000-8000-000000000007',
      method: 'PATCH',
      intentId: INTENT.id,
      subject: { ...ACCESS.subject, id: 'agente-ñ-\u{1f600}' },
    }),
    writerActivity({
      ...WRITER_BEGAN,
      id: '019ab000-0000-7000-8000-000000000008',
      activity: 'ended',
    }),
  ]
  const sealed = sealAll(records, newChain(WRITER_BEGAN.writer))
  const files = new Map<string, string>()
  for (const one of sealed) {
    const name = FILES[STREAM_OF[one.envelope.type]]
    files.set(name, (files.get(name) ?? '') + recordLine(one).toString())
  }
  const hashes = sealed.map(({ envelope, hash }) => ({ sequence: envelope.sequence, hash }))
  files.set(
    'expected.json',
    `${JSON.stringify({ writer: WRITER_BEGAN.writer, hashes }, null, 2)}\n`,
  )
  return Promise.resolve(files)
}
