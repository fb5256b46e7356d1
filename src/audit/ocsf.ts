/** The parts that our OCSF 1.9 events have in common. Numbers are OCSF's own; each stands beside its caption. */
import { isIP } from 'node:net'
import { plainIp } from '../core/ip-networks.ts'
import type { AuditedSubject, ClassExposure } from '../core/audit-facts.ts'
import type { JsonValue } from '../core/audit-record.ts'

/** Version of the schema that events follow. */
const OCSF_VERSION = '1.9.0'

/** OCSF `severity_id`. */
export const SEVERITY = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const
const SEVERITY_CAPTIONS = {
  1: 'Informational',
  2: 'Low',
  3: 'Medium',
  4: 'High',
  5: 'Critical',
} as const

type JsonObject = { readonly [name: string]: JsonValue | undefined }

/** A class of events with one of its activities. */
export interface EventKind {
  readonly categoryId: number
  readonly category: string
  readonly classId: number
  readonly class: string
  readonly activityId: number
  readonly activity: string
}

/** OCSF `severity_id`, as far as our events have it. */
export type Severity = (typeof SEVERITY)[keyof typeof SEVERITY]

/** The members that every event begins with. */
export interface EventHead {
  readonly [name: string]: string | number
  readonly category_uid: number
  readonly category_name: string
  readonly class_uid: number
  readonly class_name: string
  readonly activity_id: number
  readonly activity_name: string
  readonly type_uid: number
  readonly type_name: string
  readonly severity_id: number
  readonly severity: string
  readonly time: number
}

/** What tells the class, the activity, the severity and the time of an event. */
export function eventHead(kind: EventKind, severity: Severity, timeMs: number): EventHead {
  return {
    category_uid: kind.categoryId,
    category_name: kind.category,
    class_uid: kind.classId,
    class_name: kind.class,
    activity_id: kind.activityId,
    activity_name: kind.activity,
    type_uid: kind.classId * 100 + kind.activityId,
    type_name: `${kind.class}: ${kind.activity}`,
    severity_id: severity,
    severity: SEVERITY_CAPTIONS[severity],
    time: Math.round(timeMs),
  }
}

/** `metadata`: our product, the id of the record, the profiles, and what joins records of one request. */
export function metadata(id: string, profiles: readonly string[], requestId?: string): JsonObject {
  return {
    correlation_uid: requestId,
    product: { feature: { name: 'audit' }, name: 'Celosía', vendor_name: 'Celosía' },
    profiles,
    uid: id,
    version: OCSF_VERSION,
  }
}

/**
 * `actor`: who asked, by what the token says. Roles are OCSF's groups. Half a surrogate pair, which an issuer may let
 * pass, becomes U+FFFD: it has no canonical form.
 */
export function actor(subject: AuditedSubject): JsonObject {
  return {
    session: { issuer: subject.issuer, uid: subject.session?.toWellFormed() },
    user: { groups: subject.roles.map((name) => ({ name })), uid: subject.id.toWellFormed() },
  }
}

/** `src_endpoint`: the caller's address, an IPv4 one that came mapped (RFC 4291 2.5.5.2) as IPv4. */
export function endpoint(address: string): JsonObject {
  const ip = plainIp(address)
  return isIP(ip) === 0 ? { name: 'unknown' } : { ip }
}

/** How it ended, by OCSF's number and its caption. */
export interface Outcome {
  readonly [name: string]: string | number
  readonly status_id: number
  readonly status: string
}

/** That it succeeded, or failed. */
export function outcome(success: boolean): Outcome {
  return success ? { status_id: 1, status: 'Success' } : { status_id: 2, status: 'Failure' }
}

/** The same where there is no outcome yet, or nobody knows it. */
export const OUTCOME_UNKNOWN = { status_id: 0, status: 'Unknown' } as const

/** What the profile `security_control` says was done. */
export const CONTROL = {
  allowed: { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' },
  denied: { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' },
  observed: { action_id: 3, action: 'Observed', disposition_id: 19, disposition: 'Alert' },
  modified: { action_id: 4, action: 'Modified', disposition_id: 1, disposition: 'Allowed' },
} as const

/** What was done, and what became of the request. */
export type Control = (typeof CONTROL)[keyof typeof CONTROL]

/** Exposures of classes, copied part by part: what else an object may carry stays out of the audit. */
export function classExposures(classes: readonly ClassExposure[]): readonly JsonValue[] {
  return classes.map(({ class: name, shown, masked, revealed }) => ({
    class: name,
    masked,
    revealed,
    shown,
  }))
}
