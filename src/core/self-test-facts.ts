/** What the audit is told of the self-test. Types only, and no planted value. */

/**
 * What the gateway asks itself for: `hidden`, whether an answer tells what must be hidden; `planted`, whether the record still
 * holds it; `direct`, whether the upstream refuses who comes without the gateway.
 */
export type SelfTestCheckKind = 'hidden' | 'planted' | 'direct'

/** A check of the self-test that failed, or passes again. */
export interface SelfTestFindingFacts {
  readonly id: string
  readonly timeMs: number
  readonly policy: string
  readonly state: 'failed' | 'passed'
  readonly check: SelfTestCheckKind
  /** The record, or the upstream, as the policy calls it. */
  readonly name: string
  readonly upstream: string
  readonly route: string | undefined
  readonly roles: readonly string[]
  readonly classes: readonly string[]
  /** The access record of the request. */
  readonly accessId: string | undefined
  /** Whether answers are refused until it passes. */
  readonly refuses: boolean
}
