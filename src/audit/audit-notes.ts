/** What the audit has to say to operators beside its answers: nothing of it is an error, and none of it is silent. */

/** Takes one sentence. It holds positions and numbers, never a value. */
export type AuditNotes = (note: string) => void

/** The default: a warning of the process, on standard error. */
export const noteByWarning: AuditNotes = (note) => process.emitWarning(note, 'AuditWarning')
