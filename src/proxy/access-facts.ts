/** What the audit is told of one exchange: taken from its state at the moment of the outcome. */
import { PROXY_MARKS } from '../core/transports.ts'
import type {
  AccessFacts,
  AccessPhase,
  AuditedSubject,
  Pseudonym,
  RevealFacts,
  SubjectExposure,
} from '../core/audit-facts.ts'
import type { Pseudonymizer } from '../rules/pseudonymizer.ts'
import { isReason } from '../rules/reveal/decide-reveal.ts'
import type { Subject } from '../identity/subject.ts'
import type { Exchange } from './exchange.ts'
import type { Services } from './services.ts'

/** Data subjects that one record names; the rest is counted as truncated. */
export const RECORD_SUBJECTS_MAX = 1_200

/** The subject as the audit names it. */
export function auditedSubject(subject: Subject, roles: readonly string[]): AuditedSubject {
  const { id, issuer, session } = subject
  return { id, issuer, roles, session, assurance: [...subject.assurance].toSorted() }
}

/** The pseudonym under which the audit knows a data subject: the same for 7 and "7", another for another kind. */
export function subjectPseudonym(
  pseudonymizer: Pseudonymizer,
  kind: string,
  id: string,
): Pseudonym {
  return `v${pseudonymizer.version}:${pseudonymizer.pseudonym(`data-subject:${kind}`, id)}`
}

/** The pseudonym of a value that is searched by: another for another class, and never that of a data subject. */
export function termPseudonym(
  pseudonymizer: Pseudonymizer,
  dataClass: string,
  text: string,
): Pseudonym {
  return `v${pseudonymizer.version}:${pseudonymizer.pseudonym(`search-term:${dataClass}`, text)}`
}

/** What a record is to be made of, beside the state of the exchange. */
export interface AccessMoment {
  readonly phase: AccessPhase
  /** Left out where the caller is not answered yet. */
  readonly status?: number
}

/** The facts of an exchange at this moment. */
export function accessFacts(
  exchange: Exchange,
  subject: Subject,
  { phase, status }: AccessMoment,
  services: Services,
): AccessFacts {
  const { clock, policy, durability } = services
  const named = dataSubjects(exchange, services)
  return {
    id: recordId(exchange, phase),
    phase,
    intentId: phase === 'intent' ? undefined : exchange.intentId,
    timeMs: clock.nowMs(),
    durationMs: clock.monotonicMs() - exchange.startedMs,
    requestId: exchange.requestId,
    subject: auditedSubject(subject, exchange.roles),
    ...transportFacts(exchange, subject),
    address: exchange.address,
    claimedAddress: exchange.claimedAddress,
    method: exchange.raw.method ?? '',
    route: exchange.match?.route.template.text,
    upstream: exchange.match?.route.upstream.name,
    upstreamStatus: exchange.upstreamStatus,
    status,
    effect: exchange.effect,
    reasons: exchange.reasons,
    policy: policy.sha256,
    classes: exchange.report?.classes ?? [],
    dataSubjects: named.slice(0, RECORD_SUBJECTS_MAX),
    locations: exchange.report?.locations,
    dataSubjectsTruncated:
      exchange.report?.truncated === true || named.length > RECORD_SUBJECTS_MAX,
    durability: durability(),
    part: exchange.part,
    terms: exchange.terms,
    unchecked: exchange.unchecked,
    write: exchange.recordWrite?.facts,
    purpose: exchange.purpose,
    inbound: exchange.inbound,
    unlisted: exchange.unlisted,
    reveal: revealFacts(exchange, services),
    selfTest: exchange.selfTest !== undefined,
    writes: exchange.match && exchange.match.route.effect === 'write',
  }
}

function transportFacts(
  { ambient }: Exchange,
  { proof }: Subject,
): Pick<AccessFacts, 'transport' | 'proxy'> {
  if (ambient === undefined) return { transport: proof === undefined ? 'bearer' : 'dpop' }
  if (ambient.kind !== 'header') return { transport: ambient.kind }
  const { networks, certificates } = ambient
  const proxy = PROXY_MARKS.filter(
    (mark) => (mark === 'network' ? networks : certificates) !== undefined,
  )
  return { transport: ambient.kind, proxy }
}

/** What was asked to be revealed. Words of the caller that the policy does not know are nobody's to keep. */
export function revealFacts({ reveal }: Exchange, { policy }: Services): RevealFacts | undefined {
  const rules = policy.reveal
  if (reveal === undefined || rules === undefined) return undefined
  const { approval } = reveal
  const { classes, reason } = reveal.request
  const known = reason !== undefined && isReason(rules, reason)
  return {
    classes: classes.filter((name) => policy.classes.has(name)),
    reason: known ? reason.code : undefined,
    ticket: known ? reason.ticket : undefined,
    text: reveal.text,
    grant: approval && { id: approval.terms.id, approver: approval.approver.name },
  }
}

// A record keeps its id however often it is tried.
function recordId({ intentId, recordId, part }: Exchange, phase: AccessPhase): string {
  if (phase === 'intent') return intentId ?? recordId
  return part?.recordId ?? recordId
}

// Those the answer exposed, and those the request asked for by id, also where nothing came back.
function dataSubjects(exchange: Exchange, { auditPseudonymizer }: Services): SubjectExposure[] {
  const entries: SubjectExposure[] = (exchange.report?.dataSubjects ?? []).map((entry) => ({
    kind: entry.kind,
    pseudonym: pseudonymOf(auditPseudonymizer, entry.kind, entry.id),
    classes: entry.classes,
  }))
  const { route, parameters } = exchange.match ?? {}
  if (route === undefined) return entries
  const places = [...route.dataSubjects, route.requestedSubject]
  if (places.every((place) => place?.pathParameter === undefined)) return entries
  const known = new Set(entries.map((entry) => entry.pseudonym))
  for (const place of places) {
    if (place?.pathParameter === undefined) continue
    const id = parameters?.get(place.pathParameter)
    const pseudonym = pseudonymOf(auditPseudonymizer, place.kind, id)
    if (pseudonym === undefined || known.has(pseudonym)) continue
    known.add(pseudonym)
    entries.unshift({ kind: place.kind, pseudonym, classes: [] })
  }
  return entries
}

function pseudonymOf(
  pseudonymizer: Pseudonymizer | undefined,
  kind: string | undefined,
  id: string | undefined,
): Pseudonym | undefined {
  if (pseudonymizer === undefined || kind === undefined || id === undefined) return undefined
  return subjectPseudonym(pseudonymizer, kind, id)
}
