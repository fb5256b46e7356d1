/**
 * Finds out whether the gateway masks, by asking itself: again and again, as each role, for records made for this purpose.
 * What fails is told at once to readiness, metrics, log and audit, and opens the breaker where the policy says so.
 */
import type { Server } from 'node:http'
import { selfTestFinding } from '../../audit/self-test-finding.ts'
import type { AuditRecord } from '../../core/audit-record.ts'
import type { RandomSource } from '../../core/random.ts'
import type { Upstream } from '../../rules/compiled-policy.ts'
import type { CanaryRecord, SelfTestRules } from '../../rules/self-test/self-test-rules.ts'
import type { Services } from '../services.ts'
import { checkHidden, NO_ANSWER, notAsked } from './ask-as.ts'
import { checkDirect, checkPlanted } from './ask-upstream.ts'
import type { UpstreamAsk } from './ask-upstream.ts'
import { keyOf, problemOf } from './check.ts'
import type { Check } from './check.ts'

/** A record that is gone in so many runs in a row makes the self-test fail; before that, nobody knows. */
export const GONE_RUNS = 3
/** Two gateways must not ask at the same time: each wait is longer or shorter by so much. */
const JITTER = 0.1

export interface SelfTest {
  /** Runs at once, and then again and again. */
  readonly start: () => void
  /** Ends what is under way. */
  readonly stop: () => Promise<void>
  /** One run. `goneRuns`: how often a record must have been gone to be told so. */
  readonly run: (goneRuns?: number) => Promise<readonly Check[]>
  /** What is not as it should be, one sentence each. */
  readonly problems: () => readonly string[]
  /** What could not be found out, one sentence each: no verdict. */
  readonly notes: () => readonly string[]
  readonly failed: () => readonly Check[]
}

export interface SelfTestOptions {
  readonly rules: SelfTestRules
  /** Of the pipeline; it does not listen. */
  readonly server: Server
  readonly services: Services
  readonly random: RandomSource
  /** Of the policy before this one: they stand until this one has found out for itself. */
  readonly failed: readonly Check[]
}

/** Does nothing before it is started, but holds to what failed under the policy before. */
export function createSelfTest(options: SelfTestOptions): SelfTest {
  return new Run(options)
}

class Run implements SelfTest {
  readonly #options: SelfTestOptions
  readonly #states: Map<string, Check>
  /** Runs in a row in which a record was gone. */
  readonly #gone = new Map<string, number>()
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #underWay: Promise<unknown> = Promise.resolve()
  #ran = false

  constructor(options: SelfTestOptions) {
    this.#options = options
    this.#states = new Map(options.failed.map((check) => [keyOf(check), check]))
    this.#openBreaker()
  }

  start = (): void => {
    if (this.#stopping.signal.aborted) return
    this.#underWay = this.run()
      .catch((error: unknown) => this.#options.services.log.failure('self-test failed', error))
      .then(() => this.#plan())
  }

  stop = async (): Promise<void> => {
    clearTimeout(this.#timer)
    this.#stopping.abort()
    await this.#underWay
  }

  run = async (goneRuns = GONE_RUNS): Promise<readonly Check[]> => {
    const found = await this.#ask()
    if (this.#stopping.signal.aborted) return found
    const settled = found.map((check) => this.#settle(check, goneRuns))
    const before = new Map(this.#states)
    this.#states.clear()
    for (const check of settled) this.#states.set(keyOf(check), check)
    this.#ran = true
    // First of all: what leaks must not leave while its finding waits for the store.
    this.#openBreaker()
    this.#tell(before, settled)
    await this.#record(before, settled)
    return settled
  }

  problems = (): readonly string[] => [
    ...(this.#ran ? [] : ['self-test: it has not run yet']),
    ...this.failed().map(problemOf),
  ]

  notes = (): readonly string[] =>
    this.#inState('unknown').map(({ name, roles, note }) =>
      [
        'self-test:',
        name,
        ...(roles.length === 0 ? [] : [`as ${roles.join(' and ')}`]),
        `- ${note}`,
      ].join(' '),
    )

  failed = (): readonly Check[] => this.#inState('failed')

  #inState(state: Check['state']): readonly Check[] {
    return [...this.#states.values()].filter((check) => check.state === state)
  }

  #plan(): void {
    if (this.#stopping.signal.aborted) return
    const { rules, random } = this.#options
    const waitMs = rules.intervalMs * (1 + JITTER * (2 * random() - 1))
    this.#timer = setTimeout(this.start, waitMs)
    this.#timer.unref()
  }

  // One after the other: a self-test is no load. What does not answer is waited for once, so that a run has an end.
  async #ask(): Promise<readonly Check[]> {
    const { rules, services } = this.#options
    const away = new Set<string>()
    const asking = (upstream: Upstream): UpstreamAsk => ({
      client: services.clients.of(upstream),
      requestId: services.ids(),
      signal: this.#until(),
      away,
    })
    const checks: Check[] = []
    for (const canary of rules.canaries) {
      const planted = await checkPlanted(canary, asking(canary.route.upstream))
      checks.push(planted, ...(await this.#askAs(canary, planted, away)))
    }
    for (const direct of rules.direct)
      checks.push(await checkDirect(direct, asking(direct.upstream)))
    return checks
  }

  // Whoever cannot be asked by the gateway cannot be asked through it.
  async #askAs(canary: CanaryRecord, planted: Check, away: Set<string>): Promise<readonly Check[]> {
    const { server } = this.#options
    const checks: Check[] = []
    let last = planted
    for (const ask of canary.asked) {
      const isKnown = planted.state !== 'unknown' && last.note !== NO_ANSWER
      const check = isKnown
        ? await checkHidden(canary, ask, { server, signal: this.#until() })
        : notAsked(canary, ask, last)
      if (check.note === NO_ANSWER) away.add(canary.route.upstream.name)
      checks.push(check)
      if (isKnown) last = check
    }
    return checks
  }

  #until(): AbortSignal {
    const { timeoutMs } = this.#options.rules
    return AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(timeoutMs)])
  }

  // What failed has failed until it passes; and what is gone once may be on its way back.
  #settle(check: Check, goneRuns: number): Check {
    const key = keyOf(check)
    const before = this.#states.get(key)
    if (check.state === 'unknown') return before?.state === 'failed' ? before : check
    if (check.kind !== 'planted') return check
    const gone = check.state === 'failed' ? (this.#gone.get(key) ?? 0) + 1 : 0
    this.#gone.set(key, gone)
    if (check.state === 'passed' || gone >= goneRuns || before?.state === 'failed') return check
    return { ...check, state: 'unknown', classes: [] }
  }

  #openBreaker(): void {
    const { rules, services } = this.#options
    const leaking = this.failed().filter(({ kind }) => kind === 'hidden')
    const routes = new Set(leaking.map(({ route = '' }) => route))
    if (rules.onLeak === 'flag' || routes.size === 0) services.breaker.open = new Set()
    else services.breaker.open = rules.onLeak === 'refuse-all' ? 'all' : routes
  }

  // Once for each change: what stays as it is would fill the log.
  #tell(before: ReadonlyMap<string, Check>, checks: readonly Check[]): void {
    const { metrics, log, clock } = this.#options.services
    const count = (state: Check['state']) => checks.filter((one) => one.state === state).length
    metrics.selfTest({
      passed: count('passed'),
      failed: count('failed'),
      unknown: count('unknown'),
      refusing:
        this.#options.services.breaker.open === 'all' ||
        this.#options.services.breaker.open.size > 0,
      lastMs: clock.nowMs(),
    })
    for (const check of checks) {
      const last = before.get(keyOf(check))
      if (check.state === (last?.state ?? 'passed') && !isNewFailure(last, check)) continue
      const problem = check.state === 'failed' ? problemOf(check) : check.note
      log.warn(`self-test ${check.state}`, { route: check.route, problem })
    }
  }

  async #record(before: ReadonlyMap<string, Check>, checks: readonly Check[]): Promise<void> {
    const { services } = this.#options
    const records = checks.flatMap((check): readonly AuditRecord[] => {
      const last = before.get(keyOf(check))
      if (isNewFailure(last, check)) return [this.#finding(check, 'failed')]
      const over = last?.state === 'failed' && check.state === 'passed'
      return over ? [this.#finding({ ...last, accessId: check.accessId }, 'passed')] : []
    })
    if (records.length === 0) return
    services.metrics.findings(records.length)
    try {
      await services.audit.append(records)
    } catch (error) {
      services.log.failure('finding of the self-test not recorded yet', error)
      services.late.add(records)
    }
  }

  #finding(check: Check, state: 'failed' | 'passed'): AuditRecord {
    const { rules, services } = this.#options
    const { kind, name, upstream, route, roles, classes, accessId } = check
    return selfTestFinding({
      id: services.ids(),
      timeMs: services.clock.nowMs(),
      policy: services.policy.sha256,
      state,
      check: kind,
      name,
      upstream,
      route,
      roles,
      classes,
      accessId,
      refuses: kind === 'hidden' && rules.onLeak !== 'flag',
    })
  }
}

function isNewFailure(last: Check | undefined, now: Check): boolean {
  if (now.state !== 'failed') return false
  return last?.state !== 'failed' || last.classes.join(' ') !== now.classes.join(' ')
}
