/** The headers of an answer: all of them are ours. */
import type { Services } from '../services.ts'

/** What an answer says of itself. */
export interface AnswerHead {
  /** Undefined: there is no content. */
  readonly contentType: string | undefined
  /** `Celosia-Masked`; undefined where nothing was masked. */
  readonly mark: string | undefined
}

/** None of the upstream's headers leaves: they name it, validate bytes that have changed, or set cookies. */
export function answerHeaders(
  { policy }: Services,
  { contentType, mark }: AnswerHead,
): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    vary: 'Authorization',
    'x-content-type-options': 'nosniff',
  }
  if (contentType !== undefined) headers['content-type'] = contentType
  if (policy.markHeader && mark !== undefined && mark !== '') headers['celosia-masked'] = mark
  return headers
}
