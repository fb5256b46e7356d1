/** Why an upstream did not answer. */
import { RefusedError } from './refused.ts'

/** The refusal for what a client threw before there was an answer. */
export function upstreamFailure(error: Error): RefusedError {
  const reason = isTimeout(error) ? 'upstream-timeout' : 'upstream-unreachable'
  return new RefusedError(reason, { cause: error })
}

function isTimeout(error: Error): boolean {
  const codes = [error, error.cause].map((one) => (one as { code?: unknown } | undefined)?.code)
  return (
    codes.some(
      (code) => typeof code === 'string' && /TIMEOUT|TIMED_?OUT|FST_REPLY_FROM_TIMEOUT/.test(code),
    ) || (error as { statusCode?: unknown }).statusCode === 504
  )
}
