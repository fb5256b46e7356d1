/** What a purge says is gone: runs of records, each with the hashes at its ends. Signed, so that nobody else can say it. */
import type { JsonValue } from '../../core/audit-record.ts'
import type { JwsSigner, SignedClaims } from '../../core/signing.ts'

/** `typ` of a purge's signature. */
export const PURGE_TYPE = 'celosia-purge'

/** Records of one writer that are no longer there, by order of a purge: from, to, and the hashes at both ends. */
export interface PurgedRun {
  readonly writer: string
  readonly from: number
  readonly to: number
  /** `previous` of the first, and the hash of the last. */
  readonly previous: string
  readonly hash: string
}

export interface PurgeClaim {
  readonly timeMs: number
  readonly runs: readonly PurgedRun[]
}

/** Runs of one claim, so that its signature stays within what a verifier reads. */
export const RUNS_MAX = 150

/** The claim as it is signed. */
export function purgeClaims({ timeMs, runs }: PurgeClaim): SignedClaims {
  return { v: 1, time: timeMs, runs: runs.map((run) => ({ ...run })) }
}

/** Signs it. */
export function signPurge(signer: JwsSigner, claim: PurgeClaim): Promise<string> {
  return signer.sign(purgeClaims(claim), PURGE_TYPE)
}

/** The claim of a purge's own part or of its signature, or undefined where it is none. */
export function purgeClaimOf(
  claims: SignedClaims | Readonly<Record<string, JsonValue | undefined>> | undefined,
): PurgeClaim | undefined {
  if (claims === undefined || claims['v'] !== 1) return undefined
  const { time, runs } = claims
  if (!Number.isSafeInteger(time) || !Array.isArray(runs)) return undefined
  const read = (runs as readonly unknown[]).map(runOf)
  return read.includes(undefined)
    ? undefined
    : { timeMs: Number(time), runs: read.filter((run) => run !== undefined) }
}

const HASH = /^[0-9a-f]{64}$/

function runOf(value: unknown): PurgedRun | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { writer, from, to, previous, hash } = value as Readonly<Record<string, unknown>>
  if (typeof writer !== 'string' || !isPlace(from) || !isPlace(to) || from > to) return undefined
  if (typeof previous !== 'string' || typeof hash !== 'string') return undefined
  return HASH.test(previous) && HASH.test(hash) ? { writer, from, to, previous, hash } : undefined
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}
