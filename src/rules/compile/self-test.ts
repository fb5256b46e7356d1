/** Resolves what the gateway asks itself for: which route, as whom, and what must not be told. */
import { parseDuration } from '../../core/duration.ts'
import type { Route, Upstream } from '../compiled-policy.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { CanaryDocument, SelfTestDocument } from '../policy/self-test-document.ts'
import { checkParameters } from '../request/check-parameters.ts'
import { parseTarget } from '../request/target.ts'
import type { RouteTable } from '../routing/route-table.ts'
import type { CanaryAsk, CanaryRecord, SelfTestRules } from '../self-test/self-test-rules.ts'
import { compileDirect } from './self-test-direct.ts'
import { compileHidden } from './self-test-hidden.ts'
import type { CompiledHidden, ReadCanary } from './self-test-hidden.ts'
import type { Complaints } from './complaints.ts'

const INTERVAL = { fallbackMs: 60_000, leastMs: 10_000, mostMs: 3_600_000, words: '10s to 1h' }
const TIMEOUT = { fallbackMs: 10_000, leastMs: 1_000, mostMs: 60_000, words: '1s to 1m' }
/** Requests of one run: each writes a record. */
const ASKED_MAX = 200

export interface SelfTestContext {
  readonly routes: RouteTable<Route>
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** Classes that each role sees in clear. */
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>
  readonly readCanary: ReadCanary
}

/** Undefined: it asks for nothing. What is wrong goes to `complaints`. */
export function compileSelfTest(
  document: PolicyDocument,
  context: SelfTestContext,
  complaints: Complaints,
): SelfTestRules | undefined {
  const { selfTest } = document
  if (selfTest === undefined) return undefined
  const path = ['selfTest']
  const { records = [], direct = [], onLeak = 'flag' } = selfTest
  if (records.length === 0 && direct.length === 0)
    complaints.add(path, 'nothing is asked for', 'add `records`, `direct`, or both')
  const names = new Set<string>()
  const canaries = records.flatMap((record, index) => {
    const at = [...path, 'records', index]
    if (names.has(record.name))
      complaints.add([...at, 'name'], `the record \`${record.name}\` stands twice`)
    names.add(record.name)
    return compileCanary({ document, record, context }, at, complaints) ?? []
  })
  const asked = canaries.reduce((sum, canary) => sum + canary.asked.length, 0)
  if (asked > ASKED_MAX)
    complaints.add(
      [...path, 'records'],
      `one run asks ${asked} times, and at most ${ASKED_MAX} are allowed`,
      'say `as`, with fewer roles',
    )
  return {
    intervalMs: lengthOf('interval', selfTest, INTERVAL, complaints),
    timeoutMs: lengthOf('timeout', selfTest, TIMEOUT, complaints),
    onLeak,
    canaries,
    direct: compileDirect(direct, context.upstreams, complaints),
  }
}

function lengthOf(
  name: 'interval' | 'timeout',
  selfTest: SelfTestDocument,
  { fallbackMs, leastMs, mostMs, words }: typeof INTERVAL,
  complaints: Complaints,
): number {
  const text = selfTest[name]
  const ms = text === undefined ? fallbackMs : (parseDuration(text) ?? 0)
  if (ms < leastMs || ms > mostMs)
    complaints.add(['selfTest', name], `\`${name}\` is from ${words}`)
  return ms
}

interface CanaryInput {
  readonly document: PolicyDocument
  readonly record: CanaryDocument
  readonly context: SelfTestContext
}

function compileCanary(
  { document, record, context }: CanaryInput,
  path: PolicyPath,
  complaints: Complaints,
): CanaryRecord | undefined {
  const { name, get, purpose } = record
  const route = routeOf(get, context.routes, [...path, 'get'], complaints)
  const { roles, readCanary } = context
  const hidden = compileHidden({ document, record, roles, readCanary }, path, complaints)
  if (route === undefined) return undefined
  checkPurpose({ document, purpose, route }, path, complaints)
  const asked = askedAs({ record, route, hidden, roles }, path, complaints)
  const values = hidden.map(({ value }) => value)
  return { name, route, target: get, purpose, values, asked }
}

function routeOf(
  target: string,
  routes: RouteTable<Route>,
  path: PolicyPath,
  complaints: Complaints,
): Route | undefined {
  const parsed = parseTarget(target)
  const found = parsed && routes.find('GET', parsed.parts)
  if (parsed === undefined || found === undefined) {
    complaints.add(path, 'no route of the policy is asked for by GET and this path')
    return undefined
  }
  if (checkParameters(parsed.parameters, found.route.query) === undefined)
    complaints.add(path, `\`${found.route.template.text}\` does not take these query parameters`)
  return found.route
}

function checkPurpose(
  {
    document,
    purpose,
    route,
  }: {
    readonly document: PolicyDocument
    readonly purpose: string | undefined
    readonly route: Route
  },
  path: PolicyPath,
  complaints: Complaints,
): void {
  if (purpose === undefined) {
    if (route.purposes !== undefined)
      complaints.add(path, 'the route must be told a purpose', 'add `purpose`')
    return
  }
  const at = [...path, 'purpose']
  const known = Object.keys(document.purposes ?? {})
  if (!complaints.requireKnown(at, 'purpose', purpose, known)) return
  if (route.purposes !== undefined && !route.purposes.has(purpose))
    complaints.add(at, 'the route is not for this purpose')
}

interface AskInput {
  readonly record: CanaryDocument
  readonly route: Route
  readonly hidden: readonly CompiledHidden[]
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>
}

function askedAs(
  { record, route, hidden, roles }: AskInput,
  path: PolicyPath,
  complaints: Complaints,
): readonly CanaryAsk[] {
  for (const [index, set] of (record.as ?? []).entries())
    for (const [position, role] of set.entries())
      complaints.requireKnown([...path, 'as', index, position], 'role', role, roles.keys())
  const sets = record.as ?? Array.from(roles.keys(), (role) => [role])
  // Who may not use the route is told nothing by it.
  const admitted = sets.filter((set) => set.some((role) => route.roles?.has(role) ?? true))
  const asked = admitted.flatMap((set) => {
    const from = hidden.filter(({ hiddenFrom }) => hiddenFrom(set)).map(({ value }) => value)
    return from.length === 0 ? [] : [{ roles: set.toSorted(), hidden: from }]
  })
  const named = [...(record.as ?? []), ...record.hidden.map(({ from = [] }) => from)].flat()
  const isKnown = named.every((role) => roles.has(role))
  if (asked.length === 0 && hidden.length > 0 && isKnown)
    complaints.add(path, 'nobody who may ask for it must not be told something of it')
  return asked
}
