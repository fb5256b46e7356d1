/** Audit events, as the oracle understands them: API Activity (OCSF 6003) of one caller's request, and nothing else. */
import type { AuditEvent } from './gateway-under-test.ts'

/** One access record. */
export interface AccessView {
  readonly timeMs: number
  /** An intent is written before the upstream is asked, an interim one before a window of a stream is sent. */
  readonly phase: 'intent' | 'interim' | 'outcome'
  /** Undefined for methods that the standard of the events has no name for. */
  readonly method: string | undefined
  /** What it was by its effect, in the words of the standard: `Read`, `Create`... */
  readonly activity: string | undefined
  /** `GET /api/v2/users/{id:integer}`; undefined where no route matched. */
  readonly route: string | undefined
  readonly effect: string
  readonly reasons: readonly string[]
  readonly status: number | undefined
  readonly upstreamStatus: number | undefined
}

const API_ACTIVITY = 6003
const PHASES = ['intent', 'interim', 'outcome'] as const

/** The access records among the events, in order. Throws for one that lacks what every access record has. */
export function accessViews(events: readonly AuditEvent[]): readonly AccessView[] {
  return events.flatMap((event) => {
    // Refusals of callers without a token are counted, not listed: such an event has no request.
    const isAccess = event['class_uid'] === API_ACTIVITY && event['http_request'] !== undefined
    return isAccess ? [view(event)] : []
  })
}

function view(event: AuditEvent): AccessView {
  const ours = at(event, 'unmapped', 'celosia')
  const timeMs = event['time']
  const effect = text(at(ours, 'decision'))
  if (typeof timeMs !== 'number' || effect === undefined) {
    throw new Error(`an access record without time or decision: ${JSON.stringify(event)}`)
  }
  const reasons = at(ours, 'reasons')
  return {
    timeMs,
    phase: PHASES.find((phase) => phase === at(ours, 'phase')) ?? 'outcome',
    activity: text(event['activity_name']),
    method: text(at(event, 'http_request', 'http_method')),
    route: text(at(ours, 'route')),
    effect,
    reasons: Array.isArray(reasons) ? reasons.map(String) : [],
    status: number(at(event, 'http_response', 'code')),
    upstreamStatus: number(at(ours, 'upstream_status')),
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => {
    return typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
      ? (inner as Record<string, unknown>)[name]
      : undefined
  }, value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
