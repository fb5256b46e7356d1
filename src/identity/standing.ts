/** What the claims of a token say of how its subject logged in and when it was trained. Anything unclear says nothing. */
import type { AssuranceLevel, Training } from '../rules/trust.ts'
import { isObject } from './strict-json.ts'
import type { Claims } from './strict-json.ts'
import { SKEW_S } from './token-claims.ts'

/** A day written without a time may still be to come where the gateway is. */
const DAY_MS = 86_400_000
/** RFC 3339: a full date, or a date with a time and an offset. */
const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

/**
 * Names of the levels that the claims meet now. `acr` is compared exactly, `amr` must be a list (RFC 8176); where a level has
 * a maximum age, `auth_time` must be there.
 */
export function levelsMet(
  levels: Iterable<AssuranceLevel>,
  claims: Claims,
  nowMs: number,
): ReadonlySet<string> {
  const nowS = nowMs / 1_000
  const met = [...levels].filter(
    (level) => provesEnough(level, claims) && isRecent(level, claims['auth_time'], nowS),
  )
  return new Set(met.map(({ name }) => name))
}

function provesEnough({ acr, amr }: AssuranceLevel, claims: Claims): boolean {
  if (acr.length + amr.length === 0) return true
  if (acr.some((value) => value === claims['acr'])) return true
  const methods: unknown = claims['amr']
  return Array.isArray(methods) && amr.some((value) => methods.includes(value))
}

function isRecent({ maxAgeSeconds }: AssuranceLevel, authTime: unknown, nowS: number): boolean {
  if (maxAgeSeconds === undefined) return true
  if (typeof authTime !== 'number') return false
  const ageS = nowS - authTime
  return ageS <= maxAgeSeconds + SKEW_S && ageS >= -SKEW_S
}

/**
 * Whether the last training is recent enough. The claim is seconds since 1970 (RFC 7519 NumericDate), a date or a date with
 * time (RFC 3339); anything else, nothing, and a time to come count as never.
 */
export function isTrained({ claim, maxAgeMs }: Training, claims: Claims, nowMs: number): boolean {
  const trained = claim.reduce<unknown>(member, claims)
  const atMs = timeOf(trained)
  if (atMs === undefined) return false
  const ageMs = nowMs - atMs
  const earlyMs = typeof trained === 'string' && DATE.test(trained) ? DAY_MS : SKEW_S * 1_000
  return ageMs <= maxAgeMs && ageMs >= -earlyMs
}

function member(node: unknown, step: string | number): unknown {
  if (typeof step === 'number') return Array.isArray(node) ? (node.at(step) as unknown) : undefined
  return isObject(node) && Object.hasOwn(node, step) ? node[step] : undefined
}

function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value * 1_000
  if (typeof value !== 'string' || !(DATE.test(value) || DATE_TIME.test(value))) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}
