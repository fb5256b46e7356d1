/** What came of one thing that the gateway asked itself for. */
import type { SelfTestCheckKind } from '../../core/self-test-facts.ts'

/**
 * `passed`: it is as it must be. `failed`: it is not. `unknown`: it could not be found out, which is no verdict on either.
 */
export type CheckState = 'passed' | 'failed' | 'unknown'

export interface Check {
  readonly kind: SelfTestCheckKind
  /** The record, or of `direct` the upstream, as the policy calls it. */
  readonly name: string
  readonly upstream: string
  /** Undefined for `direct`. */
  readonly route: string | undefined
  /** As whom it was asked; none: on the gateway's own account. */
  readonly roles: readonly string[]
  readonly state: CheckState
  /** Of what fails: the classes of the values. */
  readonly classes: readonly string[]
  /** Fixed words, and numbers: why it is so. */
  readonly note: string
  /** The access record of the request. */
  readonly accessId: string | undefined
}

/** The same for the same question in another run. */
export function keyOf({ kind, name, route, roles }: Check): string {
  return JSON.stringify([kind, name, route, roles])
}

/** One sentence for operators, of a check that failed. */
export function problemOf({ kind, name, route, roles, classes }: Check): string {
  const values = classes.join(', ')
  const sentences = {
    hidden: `${route} tells ${values} of the record ${name} to ${roles.join(' and ')}`,
    planted: `the record ${name} does not hold ${values} any more`,
    direct: `the upstream ${name} answers without the credential of the gateway`,
  }
  return `self-test: ${sentences[kind]}`
}
