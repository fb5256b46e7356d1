/** The folder of a sink beside a journal: one process at a time. */
import { mkdir } from 'node:fs/promises'
import { AuditUnavailableError } from '../../audit/errors.ts'
import { lockJournal, type JournalLock } from '../../audit/journal-lock.ts'
import type { Clock } from '../../core/clock.ts'

/** Makes the folder where it is missing, and takes its lock. Rejects with AuditUnavailableError where another has it. */
export async function lockFolder(folder: string, clock: Clock): Promise<JournalLock> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return await lockJournal(folder, clock)
  } catch (error) {
    const taken = error instanceof AuditUnavailableError
    throw new AuditUnavailableError(
      taken
        ? `Another process ships from this journal to this sink; its lock is in ${folder}`
        : `The folder ${folder} cannot be used`,
    )
  }
}
