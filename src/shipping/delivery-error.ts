/** Why a sink did not take records, told apart by what is to be done about it. */
import { CelosiaError } from '../core/errors.ts'

/**
 * `passing`: try again later. `misconfigured`: it would refuse anything until somebody changes something, on this side or on
 * the other; try again, seldom, and say so loudly. `refused`: it does not want one of these records, now or later.
 */
export type FailureKind = 'passing' | 'misconfigured' | 'refused'

interface DeliveryFailure {
  readonly kind: FailureKind
  /** One sentence for operators: fixed words, a status, a code. Never what the other side has said, which may quote records. */
  readonly problem: string
  /** How long the other side asks to be left alone. */
  readonly retryAfterMs?: number | undefined
}

/** A delivery failed. Some of the records may have arrived. */
export class DeliveryError extends CelosiaError {
  readonly code = 'ERR_DELIVERY'
  readonly kind: FailureKind
  readonly retryAfterMs: number | undefined

  constructor({ kind, problem, retryAfterMs }: DeliveryFailure) {
    super(problem)
    this.kind = kind
    this.retryAfterMs = retryAfterMs
  }
}

const CERTIFICATE_CODES =
  /^(?:CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(?:GET|VERIFY)|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE))/
const TLS_CODES = /^(?:ERR_SSL_|EPROTO$|ERR_TLS_)/

const BROKEN_CODES = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE'])

/** The failure of a connection, by the code of Node's error; nothing else of it is passed on. */
export function connectionFailure(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error
  const code = codeOf(error)
  if (CERTIFICATE_CODES.test(code)) {
    const problem = `The certificate of the sink is not one to trust (${code})`
    return new DeliveryError({ kind: 'misconfigured', problem })
  }
  if (TLS_CODES.test(code)) {
    return new DeliveryError({
      kind: 'misconfigured',
      problem: `TLS with the sink failed (${code})`,
    })
  }
  const what = BROKEN_CODES.has(code)
    ? 'The sink broke the connection off'
    : 'The sink cannot be reached'
  return new DeliveryError({ kind: 'passing', problem: `${what} (${code})` })
}

/** The failure where time is up, or the delivery was ended from outside; undefined where neither is so. */
export function timedOut(limited: AbortSignal, stopped: AbortSignal): DeliveryError | undefined {
  if (stopped.aborted)
    return new DeliveryError({ kind: 'passing', problem: 'The delivery was ended' })
  if (!limited.aborted) return undefined
  return new DeliveryError({ kind: 'passing', problem: 'The sink did not answer in time' })
}

/** The code of Node's error, or `unknown`. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'unknown'
}
