/** A request that is refused: thrown by any step, answered in one place. */
import { CelosiaError } from '../core/errors.ts'
import { REASONS } from '../core/reasons.ts'
import type { Reason } from '../core/reasons.ts'

export type RefusalDetails = Readonly<Record<string, string | readonly string[]>>

export interface RefusalOptions {
  readonly cause?: unknown
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly document?: object
  readonly details?: RefusalDetails
}

/** Carries the reason. `status` differs from the reason's own only where an upstream's error is passed on. */
export class RefusedError extends CelosiaError {
  readonly code = 'ERR_REFUSED'
  readonly reason: Reason
  readonly status: number
  /** Headers of the answer beside those that each refusal has. */
  readonly headers: Readonly<Record<string, string>>
  /** What the caller gets in place of a problem document, where a protocol asks for another. */
  readonly document: object | undefined
  /** Members of the answer beside the fixed ones: places and times, never values. */
  readonly details: RefusalDetails

  constructor(reason: Reason, options?: RefusalOptions) {
    super(`refused: ${reason}`, options)
    this.reason = reason
    this.status = options?.status ?? REASONS[reason].status
    this.headers = options?.headers ?? {}
    this.document = options?.document
    this.details = options?.details ?? {}
  }
}
