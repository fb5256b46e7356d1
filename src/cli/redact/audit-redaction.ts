/** Tells the audit of each change: before it is made, and what came of it. */
import type { Pseudonym, RedactionFacts } from '../../core/audit-facts.ts'
import type { AuditRecord } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import { subjectPseudonym } from '../../proxy/access-facts.ts'
import type { RedactionMoment } from '../../redaction/redact-record.ts'
import type { Pseudonymizer } from '../../rules/pseudonymizer.ts'

export interface RedactionAudit extends Pick<
  RedactionFacts,
  'run' | 'by' | 'connector' | 'policy'
> {
  /** Resolves once the record is durable. */
  readonly append: (record: AuditRecord) => Promise<unknown>
  readonly activity: (facts: RedactionFacts) => AuditRecord
  readonly pseudonymizer: Pseudonymizer
  readonly clock: Clock
  readonly ids: () => string
}

/** Answers the id of the record. */
export function auditRedaction(
  audit: RedactionAudit,
): (moment: RedactionMoment) => Promise<string> {
  const { append, activity, pseudonymizer, clock, ids, ...same } = audit
  return async ({ record, ...moment }) => {
    const id = ids()
    const { name } = record.resource
    // Ids of a part are often unique within its whole only.
    const chain = [...record.ids.values()].join('/')
    const pseudonym: Pseudonym = subjectPseudonym(pseudonymizer, name, chain)
    const facts = {
      ...same,
      ...moment,
      id,
      timeMs: clock.nowMs(),
      resource: name,
      record: pseudonym,
    }
    await append(activity(facts))
    return id
  }
}
