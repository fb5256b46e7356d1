/** The files of test/fixtures/audit-chain, made anew: a journal of one writer with fixed times and ids. */
import { apiActivity } from '../../src/audit/api-activity.ts'
import {
  CHECKPOINT_TYPE,
  checkpointActivity,
  checkpointClaims,
} from '../../src/audit/chain/checkpoint.ts'
import { headOf, type SealedRecord } from '../../src/audit/chain/envelope.ts'
import { detectionFinding } from '../../src/audit/detection-finding.ts'
import { policyActivity } from '../../src/audit/policy-activity.ts'
import { recordLine } from '../../src/audit/record-codec.ts'
import { writerActivity } from '../../src/audit/writer-activity.ts'
import { STREAM_OF } from '../../src/core/audit-record.ts'
import type { AuditRecord, StreamName } from '../../src/core/audit-record.ts'
import { createJwsSigner } from '../../src/keys/jws-signer.ts'
import { ACCESS, FINDING, INTENT, POLICY_LOADED, WRITER_BEGAN } from './audit-facts.ts'
import { newChain, sealAll } from './audit-writers.ts'

const FILES = {
  records: 'audit-20261119T101320123Z-00000001.jsonl',
  findings: 'findings-20261119T101320123Z-00000001.jsonl',
  chain: 'chain-20261119T101320123Z-00000001.jsonl',
} as const satisfies Readonly<Record<StreamName, string>>

/** The key of RFC 8037 A.1, which everybody has. */
const KEY = JSON.stringify({
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
})

/** Name and content of each file. */
export async function auditVectors(): Promise<ReadonlyMap<string, string>> {
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
  const chained = sealAll(records, newChain(WRITER_BEGAN.writer))
  const signer = createJwsSigner({ text: KEY, version: 1 })
  const head = headOf(chained.at(-1) as SealedRecord)
  const claim = { ...head, timeMs: WRITER_BEGAN.timeMs, ended: true, openFrom: head.sequence + 1 }
  const jws = await signer.sign(checkpointClaims(claim), CHECKPOINT_TYPE)
  const id = '019ab000-0000-7000-8000-000000000009'
  const sealed = [...chained, ...sealAll([checkpointActivity({ id, claim, jws })], head)]
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
  files.set('keys.json', `${JSON.stringify({ keys: [signer.publicJwk] }, null, 2)}\n`)
  return files.set('anchor.jws', `${jws}\n`)
}
