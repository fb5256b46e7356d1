/** What one access did with each class: what left, and what was searched by or written. */
import type { AuditRecord } from '../core/audit-record.ts'
import { numberAt, objectsAt, textAt } from '../audit/export/event-fields.ts'
import type { AccessView } from '../audit/query/access-view.ts'

/** Counts of one class in one record. */
export interface ClassUse {
  /** Locations that left in clear by the role, masked in whole or in part, and in clear by a reveal. */
  readonly shown: number
  readonly masked: number
  readonly revealed: number
  /** 1 where the request searched by it. */
  readonly searched: number
  /** Places that were set by somebody who does not see the class. */
  readonly written: number
}

const NOTHING: ClassUse = { shown: 0, masked: 0, revealed: 0, searched: 0, written: 0 }

/** By class. */
export function classUses(
  { event }: AuditRecord,
  { classes }: Pick<AccessView, 'classes'>,
): ReadonlyMap<string, ClassUse> {
  const uses = new Map<string, ClassUse>(
    classes.map(({ class: name, shown, masked, revealed }) => [
      name,
      { ...NOTHING, shown, masked, revealed },
    ]),
  )
  for (const term of objectsAt(event, 'unmapped.celosia.search_terms')) {
    const name = textAt(term, 'class') ?? ''
    uses.set(name, { ...(uses.get(name) ?? NOTHING), searched: 1 })
  }
  for (const change of objectsAt(event, 'unmapped.celosia.write.classes')) {
    const name = textAt(change, 'name')
    const written = numberAt(change, 'written') ?? 0
    if (name !== undefined && written > 0)
      uses.set(name, { ...(uses.get(name) ?? NOTHING), written })
  }
  return uses
}
