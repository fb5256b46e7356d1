/** A small audit with a signed chain and an anchor, in a journal or in Redis, and its verification. */
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditReader } from '../../src/audit/audit-store.ts'
import {
  createChainWriter,
  type AuditSettings,
  type ChainedWriter,
} from '../../src/audit/chain/chain-writer.ts'
import { CHECKPOINT_TYPE, checkpointClaims } from '../../src/audit/chain/checkpoint.ts'
import type { CheckpointSettings } from '../../src/audit/chain/checkpoints.ts'
import { fileAnchor } from '../../src/audit/chain/file-anchor.ts'
import { readAllStreams } from '../../src/audit/read-all.ts'
import { linesOf } from '../../src/audit/read-export.ts'
import type { RecordStore, StoreSettings } from '../../src/audit/record-store.ts'
import { readSettled } from '../../src/audit/verify/read-settled.ts'
import { verifyAudit, type VerifyReport } from '../../src/audit/verify/verify-audit.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import type { JwsSigner } from '../../src/core/signing.ts'
import { createJwsSigner, createJwsVerifier } from '../../src/keys/jws-signer.ts'
import { auditRecord } from './audit-records.ts'

/** A new private key in PEM. */
export function signingKeyPem(kind: 'ed25519' | 'p256' = 'ed25519'): string {
  const { privateKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' })
}

/** A signer with a new key. */
export function newSigner(version = 1): JwsSigner {
  return createJwsSigner({ text: signingKeyPem(), version })
}

/** The public keys of signers as a JWKS. */
export function jwksOf(...signers: readonly JwsSigner[]): string {
  return JSON.stringify({ keys: signers.map(({ publicJwk }) => publicJwk) })
}

/** Where an audit is signed and anchored. */
export interface SignedAudit {
  readonly directory: string
  readonly signer: JwsSigner
  readonly anchorFile: string
}

/** Prepares one in a folder. */
export async function signedAudit(directory: string): Promise<SignedAudit> {
  const anchorFile = join(directory, 'anchor.jws')
  await writeFile(anchorFile, '')
  return { directory, signer: newSigner(), anchorFile }
}

/** What a policy would ask, with these checkpoints. */
export function auditSettings(
  checkpoints: CheckpointSettings,
  store: Partial<StoreSettings> = {},
): AuditSettings {
  return { checkpoints, store: { spool: false, spoolBytesMax: 0, replicas: 0, ...store } }
}

/** Begins a chain over a store, with a checkpoint every ten records. */
export function signedWriter(
  { signer, anchorFile }: SignedAudit,
  store: RecordStore,
): ChainedWriter {
  const writer = createChainWriter({
    store,
    clock: systemClock,
    ids: uuidV7,
    notes: () => undefined,
  })
  const anchors = [fileAnchor(anchorFile)]
  writer.configure(auditSettings({ signer, anchors, everyRecords: 10, withinMs: 60_000 }))
  return writer
}

/** Writes numbered accesses with a finding after every seventh, one append each, and waits for their checkpoints. */
export async function writeRecords(
  writer: ChainedWriter,
  count: number,
  from = 0,
): Promise<readonly AuditRecord[]> {
  const records = Array.from({ length: count }, (_, i): AuditRecord => {
    const number = from + i
    return number % 7 === 6 ? { ...auditRecord(number), type: 'finding' } : auditRecord(number)
  })
  for (const record of records) {
    await writer.append([record])
    // Signing is not waited for by who appends.
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  return records
}

/** Verifies it by its keys and its anchor. */
export async function verifySigned(
  { signer, anchorFile }: SignedAudit,
  reader: AuditReader,
): Promise<VerifyReport> {
  return verifyAudit({
    records: (corrupt) => readSettled(reader, { corrupt }),
    verifyJws: createJwsVerifier(jwksOf(signer)),
    purges: () => readAllStreams(reader, { streams: ['chain'], corrupt: () => undefined }),
    anchored: () => linesOf(anchorFile),
    partial: false,
  })
}

/** A checkpoint as it goes to anchors. */
export async function signedCheckpoint(sequence: number): Promise<string> {
  const claim = {
    writer: uuidV7(),
    sequence,
    hash: 'a'.repeat(64),
    timeMs: 1,
    ended: false,
    openFrom: 1,
  }
  return newSigner().sign(checkpointClaims(claim), CHECKPOINT_TYPE)
}
