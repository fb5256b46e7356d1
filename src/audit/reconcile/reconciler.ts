/**
 * Closes accesses that a dead process left open, as `unknown`: at the start, and again and again for the writers of other
 * processes. Each is closed once, whoever does it.
 */
import type { Clock } from '../../core/clock.ts'
import type { AuditNotes } from '../audit-notes.ts'
import type { AuditWriter } from '../audit-store.ts'
import { unknownOutcome } from './open-access.ts'
import type { OpenAccess } from './open-access.ts'

/** Where open accesses are found. */
export interface OrphanSource {
  /** Those whose writer is dead, at most so many. Rejects with AuditUnavailableError. */
  readonly find: (limit: number) => Promise<readonly OpenAccess[]>
  /** Whether this process may close it: false where another living one is about to. */
  readonly claim: (orphan: OpenAccess) => Promise<boolean>
  /** Says that all that was found is closed, durably. */
  readonly done: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface ReconcilerOptions {
  readonly source: OrphanSource
  readonly audit: AuditWriter
  readonly clock: Clock
  readonly notes: AuditNotes
}

/** Closed together. */
const TOGETHER_MAX = 100
const REMEMBERED_MAX = 10_000

/** Looks for open accesses of the dead, and closes them. */
export interface Reconciler {
  /** Looks once. Gives how many it closed. Rejects with AuditUnavailableError; then it is to be tried again. */
  readonly run: () => Promise<number>
  readonly close: () => Promise<void>
}

export function createReconciler({ source, audit, clock, notes }: ReconcilerOptions): Reconciler {
  // A closing record that waits in a spool has closed nothing in Redis yet.
  const closedHere = new Set<string>()
  return {
    run: async () => {
      let closed = 0
      for (;;) {
        const mine: OpenAccess[] = []
        for (const orphan of await source.find(TOGETHER_MAX)) {
          if (!closedHere.has(orphan.requestId) && (await source.claim(orphan))) mine.push(orphan)
        }
        if (mine.length === 0) break
        await audit.append(mine.map((orphan) => unknownOutcome(orphan, clock.nowMs())))
        for (const { requestId } of mine) remember(closedHere, requestId)
        closed += mine.length
      }
      await source.done()
      if (closed > 0)
        notes(`Closed as unknown: ${closed} accesses of a gateway that ended amid them`)
      return closed
    },
    close: source.close,
  }
}

function remember(known: Set<string>, requestId: string): void {
  const oldest = known.values().next().value
  if (known.size >= REMEMBERED_MAX && oldest !== undefined) known.delete(oldest)
  known.add(requestId)
}
