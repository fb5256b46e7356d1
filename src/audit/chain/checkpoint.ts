/** A checkpoint: the claim that a chain had come to this hash, signed, in the chain itself and at its anchors. */
import type { AuditRecord } from '../../core/audit-record.ts'
import type { SignedClaims } from '../../core/signing.ts'
import { eventHead, metadata, outcome, SEVERITY } from '../ocsf.ts'
import { ENTITY_MANAGEMENT } from '../policy-activity.ts'
import type { ChainHead } from './envelope.ts'

/** `typ` of a checkpoint's signature. */
export const CHECKPOINT_TYPE = 'celosia-checkpoint'

/** What a checkpoint says of a writer. */
export interface CheckpointClaim extends ChainHead {
  readonly timeMs: number
  /** The writer ended in order with this record: after it there is only the checkpoint that says so. */
  readonly ended: boolean
  /** Sequence of the oldest access whose outcome was not on record then; the next sequence where there was none. */
  readonly openFrom: number
}

/** The claim as it is signed. */
export function checkpointClaims(claim: CheckpointClaim): SignedClaims {
  const { writer, sequence, hash, timeMs, ended, openFrom } = claim
  return { v: 1, writer, sequence, hash, time: timeMs, ended, open_from: openFrom }
}

/** The claim that was signed, or undefined where it is none. */
export function claimOf(claims: SignedClaims | undefined): CheckpointClaim | undefined {
  if (claims === undefined || claims['v'] !== 1) return undefined
  const { writer, sequence, hash, time, ended, open_from: openFrom } = claims
  const known =
    typeof writer === 'string' &&
    typeof hash === 'string' &&
    isCount(sequence) &&
    isCount(time) &&
    isCount(openFrom) &&
    typeof ended === 'boolean'
  return known ? { writer, sequence, hash, timeMs: time, ended, openFrom } : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

export interface CheckpointFacts {
  readonly id: string
  readonly claim: CheckpointClaim
  /** Undefined where there is no key to sign with. */
  readonly jws: string | undefined
}

/** The record of a checkpoint, as OCSF Entity Management (3004). */
export function checkpointActivity({ id, claim, jws }: CheckpointFacts): AuditRecord {
  const kind = { ...ENTITY_MANAGEMENT, activityId: 3, activity: 'Update' }
  return {
    id,
    type: 'checkpoint',
    severity: SEVERITY.informational,
    event: {
      ...eventHead(kind, SEVERITY.informational, claim.timeMs),
      ...outcome(true),
      status_detail: 'checkpoint',
      metadata: metadata(id, []),
      entity: { uid: claim.writer, name: 'audit writer', type_id: 99, type: 'Other' },
      unmapped: {
        celosia: { activity: 'checkpoint', ...checkpointClaims(claim), jws: jws ?? null },
      },
    },
  }
}
