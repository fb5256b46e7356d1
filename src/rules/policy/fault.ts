/** What is wrong with a policy: one fault a place, all of them at once. */
import { CelosiaError } from '../../core/errors.ts'

export interface PolicyFault {
  readonly code: 'ERR_POLICY_INVALID' | 'ERR_NOT_SUPPORTED'
  /** The policy's file as it was named. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  readonly message: string
  /** What to do about it. */
  readonly hint: string | undefined
}

/** A place in the policy: member names and array indices from the top. */
export type PolicyPath = readonly (string | number)[]

/** A fault before its place has a line. `atKey`: point to the member's name instead of its value. */
export interface Complaint {
  readonly path: PolicyPath
  readonly message: string
  readonly hint?: string | undefined
  readonly atKey?: boolean
  readonly notSupported?: boolean
}

/** `file:line:column: message` and, indented below it, the hint. */
export function formatFault(fault: PolicyFault): string {
  const code = fault.code === 'ERR_NOT_SUPPORTED' ? ' (not supported)' : ''
  const place = `${fault.file}:${fault.line}:${fault.column}: ${fault.message}${code}`
  return fault.hint === undefined ? place : `${place}\n  hint: ${fault.hint}`
}

/** The policy has faults, listed in `faults` by line. Nothing of it may be used. */
export class PolicyInvalidError extends CelosiaError {
  readonly code = 'ERR_POLICY_INVALID'
  readonly faults: readonly PolicyFault[]

  constructor(faults: readonly PolicyFault[]) {
    super(faults.map(formatFault).join('\n'))
    this.faults = faults
  }
}
