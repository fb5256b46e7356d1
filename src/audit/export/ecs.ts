/**
 * A record as a document of the Elastic Common Schema, with fields that versions 8 and 9 share. What ECS has no field for
 * stands under `celosia`, where each name has one type for all kinds of records, since an index refuses a second one.
 */
import { isIP } from 'node:net'
import { isoTime } from '../../core/clock.ts'
import type { AuditRecord, JsonValue } from '../../core/audit-record.ts'
import type { ReadRecord } from '../record-codec.ts'
import { callerOf, grantee } from './caller.ts'
import {
  defined,
  definedOrNone,
  isJsonObject,
  numberAt,
  textAt,
  valueAt,
  type JsonObject,
  type OcsfEvent,
} from './event-fields.ts'

/** The oldest version that has each field used here. */
const ECS_VERSION = '8.11.0'
const NANOSECONDS_PER_MS = 1_000_000

/** ECS' categorization of an OCSF class. */
interface Category {
  readonly kind: 'event' | 'alert'
  readonly category: string
  /** By OCSF `activity_id`; `other` for the rest. */
  readonly types: Readonly<Record<number, string>>
  readonly other: string
  /** Whether the category knows the types `allowed` and `denied`. */
  readonly verdict: boolean
}

const API: Category = {
  kind: 'event',
  category: 'api',
  types: { 1: 'creation', 2: 'access', 3: 'change', 4: 'deletion' },
  other: 'info',
  verdict: true,
}

const CATEGORIES: ReadonlyMap<number, Category> = new Map<number, Category>([
  [6003, API],
  [
    2004,
    { kind: 'alert', category: 'intrusion_detection', types: {}, other: 'info', verdict: true },
  ],
  [
    2006,
    { kind: 'alert', category: 'intrusion_detection', types: {}, other: 'info', verdict: true },
  ],
  [
    3002,
    {
      kind: 'event',
      category: 'authentication',
      types: { 1: 'start', 2: 'end' },
      other: 'info',
      verdict: false,
    },
  ],
  [
    3004,
    {
      kind: 'event',
      category: 'configuration',
      types: { 1: 'creation', 2: 'access', 3: 'change', 4: 'deletion', 10: 'change' },
      other: 'info',
      verdict: false,
    },
  ],
])

/** The document; `JSON.stringify` it. */
export function ecsDocument({ record, envelope }: ReadRecord): JsonObject {
  const { event } = record
  const { writer, sequence, previous, event_sha256 } = envelope
  const { id: user, roles, session, issuer, ip } = callerOf(event)
  const claimed = claimedAddress(event)
  const target = grantee(event)
  const addresses = [ip, claimed].filter((address) => address !== undefined)
  const users = [user, target].filter((id) => id !== undefined)
  const time = numberAt(event, 'time')
  return defined({
    '@timestamp': time === undefined ? undefined : isoTime(time),
    ecs: { version: ECS_VERSION },
    message: message(event),
    event: eventFields(record),
    user: definedOrNone({
      id: user,
      roles: roles.length > 0 ? roles : undefined,
      target: definedOrNone({ id: target }),
    }),
    source: ip === undefined ? undefined : { ip, address: ip },
    client: claimed === undefined ? undefined : { ip: claimed, address: claimed },
    http: definedOrNone({
      request: definedOrNone({
        id: textAt(event, 'http_request.uid') ?? textAt(event, 'metadata.correlation_uid'),
        method: textAt(event, 'http_request.http_method'),
      }),
      response: definedOrNone({ status_code: numberAt(event, 'http_response.code') }),
    }),
    rule: definedOrNone({ name: textAt(event, 'unmapped.celosia.rule') }),
    related: definedOrNone({
      ip: addresses.length > 0 ? addresses : undefined,
      user: users.length > 0 ? users : undefined,
    }),
    service: { name: 'celosia', type: 'celosia' },
    observer: { vendor: 'Celosía', product: 'Celosía', type: 'proxy' },
    celosia: {
      ...ownFields(event),
      session: definedOrNone({ id: session, issuer }),
      chain: { writer, sequence, previous, event_sha256 },
    },
  })
}

/** The document as one line of JSON. */
export function ecsJson(read: ReadRecord): string {
  return JSON.stringify(ecsDocument(read))
}

/** What a trusted proxy in front says; `source` is the proxy then. An index of addresses refuses whatever is none. */
function claimedAddress(event: OcsfEvent): string | undefined {
  const text = textAt(event, 'unmapped.celosia.claimed_address') ?? ''
  return isIP(text) === 0 ? undefined : text
}

function message(event: OcsfEvent): string | undefined {
  const words = textAt(event, 'message')
  if (words !== undefined) return words
  const name = textAt(event, 'type_name')
  const what = textAt(event, 'api.operation') ?? textAt(event, 'finding_info.title')
  return what === undefined ? name : `${name ?? 'Event'}: ${what}`
}

function eventFields(record: AuditRecord): JsonObject {
  const { event } = record
  const category = CATEGORIES.get(numberAt(event, 'class_uid') ?? 0) ?? API
  const time = numberAt(event, 'time')
  const durationMs = numberAt(event, 'unmapped.celosia.duration_ms') ?? numberAt(event, 'duration')
  return defined({
    // A finding that asks nobody to act is none to be alarmed by.
    kind: valueAt(event, 'is_alert') === false ? 'event' : category.kind,
    category: [category.category],
    type: eventTypes(event, category),
    action: textAt(event, 'type_name')
      ?.toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-'),
    outcome: outcome(textAt(event, 'status')),
    id: record.id,
    code: numberAt(event, 'type_uid')?.toString(),
    module: 'celosia',
    dataset: `celosia.${record.type}`,
    provider: 'celosia',
    severity: record.severity,
    reason: textAt(event, 'status_detail'),
    created: time === undefined ? undefined : isoTime(time),
    start: dateAt(event, 'start_time') ?? dateAt(event, 'finding_info.first_seen_time'),
    end: dateAt(event, 'end_time') ?? dateAt(event, 'finding_info.last_seen_time'),
    duration: durationMs === undefined ? undefined : Math.round(durationMs * NANOSECONDS_PER_MS),
  })
}

function dateAt(event: OcsfEvent, path: string): string | undefined {
  const ms = numberAt(event, path)
  return ms === undefined ? undefined : isoTime(ms)
}

function eventTypes(event: OcsfEvent, { types, other, verdict }: Category): readonly string[] {
  const type = types[numberAt(event, 'activity_id') ?? 0] ?? other
  // OCSF `action_id`: 1 allowed, 2 denied, 3 observed, 4 modified. What was observed or modified has taken place.
  const action = numberAt(event, 'action_id')
  if (!verdict || action === undefined) return [type]
  return [type, action === 2 ? 'denied' : 'allowed']
}

/** By the caption: the numbers mean something else in findings. */
function outcome(status: string | undefined): string | undefined {
  const known = ['Success', 'Failure', 'Unknown'].find((caption) => caption === status)
  return known?.toLowerCase()
}

/**
 * `unmapped.celosia` with one type for each name: `reasons` and `class_names` are texts always; counts of refusals are
 * `refusal_counts`, and `classes` are objects always. `clear_class_names` are those that were shown or revealed.
 */
function ownFields(event: OcsfEvent): JsonObject {
  const own = valueAt(event, 'unmapped.celosia')
  const { classes, reasons, ...rest } = isJsonObject(own) ? own : {}
  const counted = objectsOf(classes)
  const refusals = objectsOf(reasons)
  const names = counted.length > 0 ? counted.map((one) => one['class']) : classes
  const clear = counted
    .filter(({ shown, revealed }) => Number(shown) + Number(revealed) > 0)
    .map((one) => one['class'] ?? null)
  return defined({
    ...rest,
    reasons: refusals.length > 0 ? refusals.map((one) => one['reason'] ?? null) : reasons,
    refusal_counts: refusals.length > 0 ? refusals : undefined,
    class_names: Array.isArray(names) && names.length > 0 ? (names as JsonValue[]) : undefined,
    clear_class_names: clear.length > 0 ? clear : undefined,
    classes: counted.length > 0 ? counted : undefined,
    count: numberAt(event, 'count'),
    disposition: textAt(event, 'disposition'),
    upstream: textAt(event, 'api.service.name'),
    ocsf: defined({
      version: textAt(event, 'metadata.version'),
      class_uid: numberAt(event, 'class_uid'),
      type_uid: numberAt(event, 'type_uid'),
    }),
  })
}

function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : []
}
