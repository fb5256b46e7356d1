/**
 * One access of an authenticated caller as OCSF API Activity (6003). What OCSF has no place for stands under
 * `unmapped.celosia`: the route, the policy, the decision with its reasons, the classes, and of whom.
 */
import { OTHER_PLACES } from '../core/audit-facts.ts'
import type {
  AccessFacts,
  LocationExposure,
  PurposeFacts,
  RevealFacts,
  SubjectExposure,
  WriteFacts,
} from '../core/audit-facts.ts'
import type { AuditRecord, JsonValue } from '../core/audit-record.ts'
import {
  actor,
  classExposures,
  CONTROL,
  endpoint,
  eventHead,
  metadata,
  outcome,
  OUTCOME_UNKNOWN,
  SEVERITY,
  type EventKind,
} from './ocsf.ts'

/** Category and class of all API activities. */
export const API_ACTIVITY = {
  categoryId: 6,
  category: 'Application Activity',
  classId: 6003,
  class: 'API Activity',
} as const

type Activity = Pick<EventKind, 'activityId' | 'activity'>

const CREATE = { activityId: 1, activity: 'Create' } as const
const READ = { activityId: 2, activity: 'Read' } as const
const UPDATE = { activityId: 3, activity: 'Update' } as const
const DELETE = { activityId: 4, activity: 'Delete' } as const
const OTHER = { activityId: 99, activity: 'Other' } as const

const ACTIVITIES: ReadonlyMap<string, Activity> = new Map<string, Activity>([
  ['DELETE', DELETE],
  ['GET', READ],
  ['HEAD', READ],
  ['PATCH', UPDATE],
  ['POST', CREATE],
  ['PUT', UPDATE],
])

/** Methods that Node's parser takes and OCSF has no name for. */
const METHODS_UNNAMED = new Set([
  'M-SEARCH',
  'NOTIFY',
  'PURGE',
  'SOURCE',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
])

/** `api.operation` where no route matched: the path the caller sent never stands in the audit. */
const NO_ROUTE = '(no route)'

/** The record of an access, or of the intent to make one. Severity is low where it was refused, else informational. */
export function apiActivity(facts: AccessFacts): AuditRecord {
  const denied = facts.effect === 'deny'
  const severity = denied ? SEVERITY.low : SEVERITY.informational
  const activity = facts.writes === false ? READ : (ACTIVITIES.get(facts.method) ?? OTHER)
  return {
    id: facts.id,
    type: 'access',
    severity,
    event: {
      ...eventHead({ ...API_ACTIVITY, ...activity }, severity, facts.timeMs),
      duration: Math.round(facts.durationMs),
      ...outcomeOf(facts),
      status_detail: facts.reasons.join(' '),
      ...control(facts),
      metadata: metadata(facts.id, ['security_control'], facts.requestId),
      actor: actor(facts.subject),
      src_endpoint: endpoint(facts.address),
      api: {
        operation: facts.route ?? NO_ROUTE,
        request: { uid: facts.requestId },
        ...(facts.status !== undefined && { response: { code: facts.status } }),
        ...(facts.upstream !== undefined && { service: { name: facts.upstream } }),
      },
      http_request: {
        uid: facts.requestId,
        ...(!METHODS_UNNAMED.has(facts.method) && { http_method: facts.method }),
      },
      ...(facts.status !== undefined && { http_response: { code: facts.status } }),
      policy: { uid: facts.policy },
      unmapped: { celosia: ownPart(facts) },
    },
  }
}

function outcomeOf({ effect, status }: AccessFacts): { readonly [name: string]: JsonValue } {
  if (status === undefined) return OUTCOME_UNKNOWN
  return { ...outcome(effect === 'permit' && status < 400), status_code: String(status) }
}

function control(facts: AccessFacts): { readonly [name: string]: JsonValue } {
  if (facts.effect === 'deny') return CONTROL.denied
  return facts.classes.some(({ masked }) => masked > 0) ? CONTROL.modified : CONTROL.allowed
}

/**
 * `unmapped.celosia`: `phase`; `intent_id` of an unsafe request; `route`, the template or null; `policy_sha256`;
 * `assurance`, the levels that the login met; `decision`, permit or deny; `reasons`; `classes`, how many locations of each
 * data class were shown, masked and revealed; `data_subjects`, the same for each of them by kind and pseudonym, both null
 * for what lies under none; `data_subjects_truncated` where there were more; `locations`, how many of each rule left where by which
 * operator, where the policy wants that, and `locations_truncated`; `durability` of the store; `duration_ms` with
 * microseconds; `upstream_status` or null; `claimed_address`, what a trusted proxy in front said; `purpose`, what
 * for, and the header that says so; `reveal`, what was asked for
 * beyond the roles, and why; `search_terms`, what the request searches by, by class and pseudonym; `unchecked`, the parts of
 * request and answer that the policy lets pass unread, where there are any; `write` of a request that was held against the
 * record: how that was read, and for each class how many places were kept, put back and written. Of an answer that left in
 * windows also `window` and `bytes_before`.
 */
function ownPart(facts: AccessFacts): JsonValue {
  return {
    phase: facts.phase,
    ...(facts.intentId !== undefined && { intent_id: facts.intentId }),
    route: facts.route ?? null,
    policy_sha256: facts.policy,
    assurance: facts.subject.assurance,
    decision: facts.effect,
    reasons: facts.reasons,
    classes: classExposures(facts.classes),
    data_subjects: facts.dataSubjects.map(dataSubject),
    data_subjects_truncated: facts.dataSubjectsTruncated,
    ...(facts.locations !== undefined && locationsPart(facts.locations)),
    durability: facts.durability,
    duration_ms: Math.round(facts.durationMs * 1_000) / 1_000,
    upstream_status: facts.upstreamStatus ?? null,
    ...(facts.claimedAddress !== undefined && { claimed_address: facts.claimedAddress }),
    ...((facts.terms ?? []).length > 0 && {
      search_terms: (facts.terms ?? []).map((term) => ({ ...term })),
    }),
    ...(facts.write !== undefined && { write: writePart(facts.write) }),
    ...(facts.purpose !== undefined && { purpose: purposePart(facts.purpose) }),
    ...((facts.inbound ?? []).length > 0 && {
      inbound: (facts.inbound ?? []).map((change) => ({ ...change })),
    }),
    ...(facts.reveal !== undefined && { reveal: revealPart(facts.reveal) }),
    ...((facts.unchecked ?? []).length > 0 && { unchecked: facts.unchecked }),
    ...(facts.part !== undefined && {
      window: facts.part.window,
      bytes_before: facts.part.bytesBefore,
    }),
  }
}

/** Entries of one record, and characters of their texts, so that long names never make a record too large to be written. */
const LOCATIONS_MAX = 500
const LOCATIONS_CHARACTERS_MAX = 65_536

function locationsPart(locations: readonly LocationExposure[]): {
  readonly [name: string]: JsonValue
} {
  let characters = 0
  const named = locations.length > LOCATIONS_MAX ? LOCATIONS_MAX - 1 : LOCATIONS_MAX
  const fitting = locations.slice(0, named).filter(({ at, rule, operator }) => {
    characters += at.length + rule.length + operator.length
    return characters <= LOCATIONS_CHARACTERS_MAX
  })
  const isTruncated = fitting.length < locations.length
  const others = sumOf(locations) - sumOf(fitting)
  return {
    locations: [...fitting, ...(isTruncated ? [{ ...OTHERS, count: others }] : [])].map(
      locationPart,
    ),
    locations_truncated: isTruncated,
  }
}

/** All that does not fit in one record. */
const OTHERS = {
  at: OTHER_PLACES,
  class: undefined,
  rule: OTHER_PLACES,
  operator: OTHER_PLACES,
} as const

function sumOf(locations: readonly LocationExposure[]): number {
  return locations.reduce((sum, { count }) => sum + count, 0)
}

function locationPart(location: LocationExposure): JsonValue {
  const { at, rule, operator, count } = location
  return { at, class: location.class ?? null, rule, operator, count }
}

function writePart({ read, readStatus, precondition, changes, places }: WriteFacts): JsonValue {
  return {
    read,
    read_status: readStatus ?? null,
    precondition,
    classes: changes.map((change) => ({
      name: change.class ?? null,
      kept: change.kept,
      put_back: change.putBack,
      written: change.written,
    })),
    ...(places.length > 0 && { places }),
  }
}

function purposePart({ name, header, ticket }: PurposeFacts): JsonValue {
  return { name, header, ticket: ticket ?? null }
}

function revealPart({ classes, reason, ticket, text, grant }: RevealFacts): JsonValue {
  return {
    classes,
    reason: reason ?? null,
    ticket: ticket ?? null,
    ...(text !== undefined && { text }),
    ...(grant !== undefined && { grant: grant.id, approver: grant.approver }),
  }
}

function dataSubject({ kind, pseudonym, classes }: SubjectExposure): JsonValue {
  return { kind: kind ?? null, pseudonym: pseudonym ?? null, classes: classExposures(classes) }
}
