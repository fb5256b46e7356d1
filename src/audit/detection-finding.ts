/** A look-up rule whose threshold was passed, as OCSF Detection Finding (2004). */
import type { ComparedFacts, FindingFacts } from '../core/finding-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { API_ACTIVITY } from './api-activity.ts'
import { actor, CONTROL, endpoint, eventHead, metadata, SEVERITY } from './ocsf.ts'

/** Category and class of all findings. */
export const DETECTION_FINDING = {
  categoryId: 2,
  category: 'Findings',
  classId: 2004,
  class: 'Detection Finding',
  activityId: 1,
  activity: 'Create',
} as const

/** The record of a finding. Its severity is high where somebody shall be notified, and of a trap; else medium. */
export function detectionFinding(facts: FindingFacts): AuditRecord {
  const timeMs = Math.round(facts.timeMs)
  const blocked = facts.actions.includes('block')
  const severity =
    facts.actions.includes('notify') || facts.counted === 'trap' ? SEVERITY.high : SEVERITY.medium
  return {
    id: facts.id,
    type: 'finding',
    severity,
    event: {
      ...eventHead(DETECTION_FINDING, severity, timeMs),
      message: explanation(facts),
      status_id: 1,
      status: 'New',
      is_alert: true,
      risk_level_id: severity - 1,
      risk_level: severity === SEVERITY.high ? 'High' : 'Medium',
      risk_details: explanation(facts),
      ...(blocked ? CONTROL.denied : CONTROL.observed),
      metadata: metadata(facts.id, ['host', 'security_control'], facts.requestId),
      actor: actor(facts.subject),
      evidences: [{ src_endpoint: endpoint(facts.address) }],
      finding_info: {
        uid: facts.id,
        title: titleOf(facts),
        types: ['Look-ups'],
        analytic: { type_id: 1, type: 'Rule', name: facts.rule },
        created_time: timeMs,
        first_seen_time: timeMs - facts.withinMs,
        last_seen_time: timeMs,
        related_events: [{ uid: facts.accessId, type: API_ACTIVITY.class }],
      },
      ...(responds(facts) && { remediation: { desc: LIFTING } }),
      policy: { uid: facts.policy },
      unmapped: {
        celosia: {
          rule: facts.rule,
          counted: facts.counted,
          policy_sha256: facts.policy,
          classes: facts.classes,
          ...(facts.per !== 'subject' && { per: facts.per }),
          ...(facts.owner !== undefined && { owner: facts.owner }),
          observed: facts.observed ?? null,
          over: facts.over,
          within_ms: facts.withinMs,
          ...(facts.compared !== undefined && { baseline: baseline(facts.compared) }),
          actions: facts.actions,
          access_id: facts.accessId,
          ...(facts.claimedAddress !== undefined && { claimed_address: facts.claimedAddress }),
        },
      },
    },
  }
}

/** How a response ends. */
const LIFTING =
  'Responses end by themselves when the count is back and their time is over, or at once by celosia unblock.'

function responds({ actions }: FindingFacts): boolean {
  return actions.some((action) => action !== 'flag' && action !== 'notify')
}

const COUNTED: Readonly<Record<string, string>> = {
  dataSubject: 'data subjects looked at',
  searchTerm: 'values searched by',
  agent: 'agents',
  requests: 'requests',
  locations: 'locations shown',
  runOfIds: 'ids in a row',
}

// For whoever answers for it: who, how much of what, in how long, and what follows.
function explanation(facts: FindingFacts): string {
  const { observed, over, counted, classes, per, owner, actions } = facts
  const who = owner === undefined ? `${per} ${facts.subject.id.toWellFormed()}` : `${per} ${owner}`
  const what = classes.length === 0 ? '' : ` (${classes.join(', ')})`
  const then = `Then: ${actions.join(', ')}.`
  if (observed === undefined)
    return `The counters are away, or have lost counts, so nobody knows.${what} ${then}`
  if (counted === 'trap') return `${who} looked at a trap. ${then}`
  if (facts.compared !== undefined) {
    const { role, median, mad, agentDays, score, scoreMax, daysOver, of } = facts.compared
    const others = `Others with the role ${role}: median ${median} a day, MAD ${mad}, of ${agentDays} days of theirs.`
    const often = of === 1 ? '' : ` Too much on ${daysOver} of the last ${of} days.`
    return `${observed} ${COUNTED[counted] ?? counted}${what} in one day by ${who}. ${others} Robust z-score ${rounded(score)}, too much above ${scoreMax}.${often} ${then}`
  }
  if (over === 0) return `The first look of ${who}${what} in ${span(facts.withinMs)}. ${then}`
  const much = `${observed} ${COUNTED[counted] ?? counted}${what} in ${span(facts.withinMs)}`
  return `${much} by ${who}, more than ${over}. ${then}`
}

function baseline(compared: ComparedFacts) {
  const { role, median, mad, agentDays, score, scoreMax, daysOver, on, of } = compared
  return {
    role,
    median,
    mad,
    agent_days: agentDays,
    score: rounded(score),
    score_over: scoreMax,
    days_over: daysOver,
    on,
    of,
  }
}

function rounded(score: number): number {
  return Math.round(score * 100) / 100
}

function span(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const
  const [size, name] = units.find(([unit]) => ms % unit === 0) ?? [1, 'ms']
  return `${ms / size} ${name}`
}

function titleOf({ rule, observed, over, counted, compared }: FindingFacts): string {
  if (observed === undefined)
    return `Look-ups not known, the counters are away or have lost counts: ${rule}`
  if (counted === 'trap') return `Trap: ${rule}`
  if (compared !== undefined) return `Look-ups far above those of the role: ${rule}`
  return over === 0 ? `First look: ${rule}` : `Look-ups over the threshold: ${rule}`
}
