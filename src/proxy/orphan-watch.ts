/** Sees to it that accesses which a dead gateway left open are closed: before the first request, and from then on. */
import { createReconciler } from '../audit/reconcile/reconciler.ts'
import type { OrphanSource } from '../audit/reconcile/reconciler.ts'
import type { Logger } from './logger.ts'
import { repeat } from './repeat.ts'
import type { Repetition } from './repeat.ts'
import type { Services } from './services.ts'

/** Looks once, and then again and again until it is stopped. Never rejects: what cannot be closed now is closed later. */
export async function watchOrphans(
  source: OrphanSource,
  { audit, clock, log }: Pick<Services, 'audit' | 'clock' | 'log'>,
): Promise<Repetition> {
  const notes = (problem: string): void => log.warn('audit', { problem })
  const reconciler = createReconciler({ source, audit, clock, notes })
  const look = async (): Promise<boolean> => {
    try {
      await reconciler.run()
      return true
    } catch (error) {
      logUnlessAway(log, error)
      return false
    }
  }
  await look()
  return repeat(look)
}

// The store that is away is told of by whoever watches it.
function logUnlessAway(log: Logger, error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ERR_AUDIT_UNAVAILABLE') log.failure('open accesses not closed', error)
}
