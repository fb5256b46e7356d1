/** What the gateway asks itself for: records made for this purpose, as whom, and what must not be in the answers. */
import type { Route, Upstream } from '../compiled-policy.ts'

export interface SelfTestRules {
  readonly intervalMs: number
  /** For one answer, head and body. */
  readonly timeoutMs: number
  /** What follows a leak beside the finding: nothing, the route that leaks is refused, or every route. */
  readonly onLeak: 'flag' | 'refuse-route' | 'refuse-all'
  readonly canaries: readonly CanaryRecord[]
  readonly direct: readonly DirectCheck[]
}

/** A record that exists in the upstream to be asked for. */
export interface CanaryRecord {
  /** As the policy calls it. */
  readonly name: string
  readonly route: Route
  /** Path and query, as a caller would send them. */
  readonly target: string
  readonly purpose: string | undefined
  /** Everything that is planted in it. */
  readonly values: readonly CanaryValue[]
  readonly asked: readonly CanaryAsk[]
}

/** One subject to ask as: what these roles together must not be told. */
export interface CanaryAsk {
  /** Known roles, sorted. */
  readonly roles: readonly string[]
  readonly hidden: readonly CanaryValue[]
}

/** A planted value. It is in memory only: never in a record, a log line or a metric. */
export interface CanaryValue {
  readonly dataClass: string
  readonly text: string
  /** Parts of it that masks keep. */
  readonly kept: readonly string[]
}

/** An upstream must refuse whoever comes without the gateway's credential. */
export interface DirectCheck {
  readonly upstream: Upstream
  /** Path and query, below the path of the upstream. */
  readonly target: string
  /** Statuses that are a refusal. */
  readonly refused: ReadonlySet<number>
}
