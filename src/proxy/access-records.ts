/** The records of one exchange at the moment of its outcome: the access, and the findings that it raised. */
import { apiActivity } from '../audit/api-activity.ts'
import { detectionFinding } from '../audit/detection-finding.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { accessFacts, auditedSubject } from './access-facts.ts'
import type { Exchange } from './exchange.ts'
import { pendingFinding } from './reveals.ts'
import type { Services } from './services.ts'

/** The access with its findings; nothing of a caller who is not known. */
export function recordsOf(exchange: Exchange, services: Services, status: number): AuditRecord[] {
  const { subject } = exchange
  if (subject === undefined) return []
  const phase = exchange.part?.phase ?? 'outcome'
  const facts = accessFacts(exchange, subject, { phase, status }, services)
  const reveal = pendingFinding(exchange, services, facts.id)
  const records: AuditRecord[] = [apiActivity(facts), ...(reveal === undefined ? [] : [reveal])]
  for (const { findingId, rule, owner, classes, observed, compared } of exchange.crossings) {
    records.push(
      detectionFinding({
        id: findingId,
        timeMs: services.clock.nowMs(),
        requestId: exchange.requestId,
        subject: auditedSubject(subject, exchange.roles),
        address: exchange.address,
        claimedAddress: exchange.claimedAddress,
        policy: services.policy.sha256,
        rule: rule.name,
        counted: rule.counts,
        per: rule.per,
        owner: owner?.label,
        classes,
        observed,
        over: compared?.countMax ?? rule.over,
        compared,
        withinMs: rule.withinMs,
        actions: rule.actions,
        accessId: facts.id,
      }),
    )
  }
  return records
}
