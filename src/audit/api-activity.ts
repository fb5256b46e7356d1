/**
 * One access of an authenticated caller as OCSF API Activity (6003). What OCSF has no place for stands under
 * `unmapped.celosia`: the route, the policy, the decision with its reasons, the classes, and of whom.
 */
import { OTHER_PLACES } from '../core/audit-facts.ts'
import type {
  AccessFacts,
  AuditedTerm,
  InboundChange,
  LocationExposure,
  PurposeFacts,
  RevealFacts,
  SubjectExposure,
  WriteFacts,
} from '../core/audit-facts.ts'
import type { UnlistedSample } from '../core/unlisted-sample.ts'
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
  type Control,
  type EventKind,
  type Outcome,
} from './ocsf.ts'

/** Category and class of all API activities. */
export const API_ACTIVITY = {
  categoryId: 6,
  category: 'Application Activity',
  classId: 6003,
  class: 'API Activity',
} as const

const CREATE: EventKind = { ...API_ACTIVITY, activityId: 1, activity: 'Create' }
const READ: EventKind = { ...API_ACTIVITY, activityId: 2, activity: 'Read' }
const UPDATE: EventKind = { ...API_ACTIVITY, activityId: 3, activity: 'Update' }
const DELETE: EventKind = { ...API_ACTIVITY, activityId: 4, activity: 'Delete' }
const OTHER: EventKind = { ...API_ACTIVITY, activityId: 99, activity: 'Other' }

const ACTIVITIES: ReadonlyMap<string, EventKind> = new Map([
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

const PROFILES = ['security_control'] as const

/**
 * The record of an access, or of the intent to make one. Severity is low where it was refused, else informational. What does not
 * apply is undefined, and no part of what is stored. Members stand in the order in which they are stored (RFC 8785), here and below:
 * such records are quickly made and quickly written.
 */
export function apiActivity(facts: AccessFacts): AuditRecord {
  const level = facts.effect === 'deny' ? SEVERITY.low : SEVERITY.informational
  const kind = facts.writes === false ? READ : (ACTIVITIES.get(facts.method) ?? OTHER)
  const head = eventHead(kind, level, facts.timeMs)
  const response = facts.status === undefined ? undefined : { code: facts.status }
  const { status, status_id } = outcomeOf(facts)
  const { action, action_id, disposition, disposition_id } = control(facts)
  return {
    id: facts.id,
    type: 'access',
    severity: level,
    event: {
      action,
      action_id,
      activity_id: head.activity_id,
      activity_name: head.activity_name,
      actor: actor(facts.subject),
      api: {
        operation: facts.route ?? NO_ROUTE,
        request: { uid: facts.requestId },
        response,
        service: facts.upstream === undefined ? undefined : { name: facts.upstream },
      },
      category_name: head.category_name,
      category_uid: head.category_uid,
      class_name: head.class_name,
      class_uid: head.class_uid,
      disposition,
      disposition_id,
      duration: Math.round(facts.durationMs),
      http_request: {
        http_method: METHODS_UNNAMED.has(facts.method) ? undefined : facts.method,
        uid: facts.requestId,
      },
      http_response: response,
      metadata: metadata(facts.id, PROFILES, facts.requestId),
      policy: { uid: facts.policy },
      severity: head.severity,
      severity_id: head.severity_id,
      src_endpoint: endpoint(facts.address),
      status,
      status_code: facts.status === undefined ? undefined : String(facts.status),
      status_detail: facts.reasons.join(' '),
      status_id,
      time: head.time,
      type_name: head.type_name,
      type_uid: head.type_uid,
      unmapped: { celosia: ownPart(facts) },
    },
  }
}

function outcomeOf({ effect, status }: AccessFacts): Outcome {
  return status === undefined ? OUTCOME_UNKNOWN : outcome(effect === 'permit' && status < 400)
}

function control(facts: AccessFacts): Control {
  if (facts.effect === 'deny') return CONTROL.denied
  return facts.classes.some(({ masked }) => masked > 0) ? CONTROL.modified : CONTROL.allowed
}

/**
 * `unmapped.celosia`: `phase`; `intent_id` of an unsafe request; `route`, the template or null; `policy_sha256`;
 * `assurance`, the levels that the login met; `transport`, how the token came, and `proxy`, what the one that brought it was known
 * by; `decision`, permit or deny; `reasons`; `classes`, how many locations of each
 * data class were shown, masked and revealed; `data_subjects`, the same for each of them by kind and pseudonym, both null
 * for what lies under none; `data_subjects_truncated` where there were more; `locations`, how many of each rule left where by which
 * operator, where the policy wants that, and `locations_truncated`; `durability` of the store; `duration_ms` with
 * microseconds; `upstream_status` or null; `claimed_address`, what a trusted proxy in front said; `purpose`, what
 * for, and the header that says so; `reveal`, what was asked for
 * beyond the roles, and why; `search_terms`, what the request searches by, by class and pseudonym; `unchecked`, the parts of
 * request and answer that the policy lets pass unread, where there are any; `write` of a request that was held against the
 * record: how that was read, and for each class how many places were kept, put back and written; `unlisted_sample` of an answer that was
 * looked through: where data of which class was found that no line names. Of an answer that left in
 * windows also `window` and `bytes_before`. `self_test`, true: the gateway asked itself, and nobody was told anything.
 */
function ownPart(facts: AccessFacts): JsonValue {
  const ledger = facts.locations && locationsPart(facts.locations)
  return {
    assurance: facts.subject.assurance,
    bytes_before: facts.part?.bytesBefore,
    claimed_address: facts.claimedAddress,
    classes: classExposures(facts.classes),
    data_subjects: facts.dataSubjects.map(dataSubject),
    data_subjects_truncated: facts.dataSubjectsTruncated,
    decision: facts.effect,
    durability: facts.durability,
    duration_ms: Math.round(facts.durationMs * 1_000) / 1_000,
    inbound: notEmpty(facts.inbound)?.map(inboundPart),
    intent_id: facts.intentId,
    locations: ledger?.locations,
    locations_truncated: ledger?.truncated,
    phase: facts.phase,
    policy_sha256: facts.policy,
    proxy: notEmpty(facts.proxy),
    purpose: facts.purpose && purposePart(facts.purpose),
    reasons: facts.reasons,
    reveal: facts.reveal && revealPart(facts.reveal),
    route: facts.route ?? null,
    search_terms: notEmpty(facts.terms)?.map(termPart),
    self_test: facts.selfTest === true ? true : undefined,
    transport: facts.transport,
    unchecked: notEmpty(facts.unchecked),
    unlisted_sample: facts.unlisted && unlistedPart(facts.unlisted),
    upstream_status: facts.upstreamStatus ?? null,
    window: facts.part?.window,
    write: facts.write && writePart(facts.write),
  }
}

function unlistedPart({ finds, truncated }: UnlistedSample): JsonValue {
  return {
    finds: finds.map(({ at, class: name, count, named, whole }) => ({
      at,
      class: name,
      count,
      named,
      whole,
    })),
    truncated,
  }
}

function termPart({ class: name, pseudonym }: AuditedTerm): JsonValue {
  return { class: name, pseudonym }
}

function inboundPart({ action, class: name, count }: InboundChange): JsonValue {
  return { action, class: name, count }
}

function notEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}

/** Entries of one record, and characters of their texts, so that long names never make a record too large to be written. */
const LOCATIONS_MAX = 500
const LOCATIONS_CHARACTERS_MAX = 65_536

function locationsPart(locations: readonly LocationExposure[]) {
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
    truncated: isTruncated,
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
  return { at, class: location.class ?? null, count, operator, rule }
}

function writePart({ read, readStatus, precondition, changes, places }: WriteFacts): JsonValue {
  return {
    classes: changes.map((change) => ({
      kept: change.kept,
      name: change.class ?? null,
      put_back: change.putBack,
      written: change.written,
    })),
    places: notEmpty(places),
    precondition,
    read,
    read_status: readStatus ?? null,
  }
}

function purposePart({ name, header, ticket }: PurposeFacts): JsonValue {
  return { header, name, ticket: ticket ?? null }
}

function revealPart({ classes, reason, ticket, text, grant }: RevealFacts): JsonValue {
  return {
    approver: grant?.approver,
    classes,
    grant: grant?.id,
    reason: reason ?? null,
    text,
    ticket: ticket ?? null,
  }
}

function dataSubject({ kind, pseudonym, classes }: SubjectExposure): JsonValue {
  return { classes: classExposures(classes), kind: kind ?? null, pseudonym: pseudonym ?? null }
}
