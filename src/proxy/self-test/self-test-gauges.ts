/** What the metrics tell of the self-test: absent where the policy in force has none. */
import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/** Of the last run. */
export interface SelfTestState {
  readonly passed: number
  readonly failed: number
  readonly unknown: number
  /** Whether routes are refused for what it found. */
  readonly refusing: boolean
  readonly lastMs: number
}

const STATES = ['passed', 'failed', 'unknown'] as const

/** Adds them; what it gives is told of each run. */
export function addSelfTestGauges(registry: Registry): (state: SelfTestState | undefined) => void {
  let now: SelfTestState | undefined
  const registers = [registry]
  const checks: Gauge<'state'> = new Gauge({
    name: 'celosia_self_test_checks',
    help: 'Checks of the last self-test, by what came of them.',
    labelNames: ['state'],
    registers,
    collect: () => {
      checks.reset()
      if (now !== undefined) for (const state of STATES) checks.set({ state }, now[state])
    },
  })
  const refusing: Gauge = new Gauge({
    name: 'celosia_self_test_refusing',
    help: 'Whether answers are refused for what the self-test found.',
    registers,
    collect: () => refusing.set(now?.refusing === true ? 1 : 0),
  })
  const last: Gauge = new Gauge({
    name: 'celosia_self_test_last_run_timestamp_seconds',
    help: 'When the last self-test ended; 0: none did.',
    registers,
    collect: () => last.set((now?.lastMs ?? 0) / 1000),
  })
  return (state) => {
    now = state
  }
}
