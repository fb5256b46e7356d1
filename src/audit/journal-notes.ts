/** What the journal has to say to operators beside its answers: nothing of it is an error, and none of it is silent. */

/** Takes one sentence. It holds positions and numbers, never a value. */
export type JournalNotes = (note: string) => void

/** The default: a warning of the process, on standard error. */
export const noteByWarning: JournalNotes = (note) =>
  process.emitWarning(note, 'AuditJournalWarning')
