/** The headers of an answer: all of them are ours. */
import type { Services } from '../services.ts'

/** What an answer says of itself. */
export interface AnswerHead {
  /** Undefined: there is no content. */
  readonly contentType: string | undefined
  /** `Celosia-Masked`; undefined where nothing was masked. */
  readonly mark: string | undefined
  /** The content is bytes that nobody looked into. */
  readonly opaque: boolean
}

/** None of the upstream's headers leaves: they name it, validate bytes that have changed, or set cookies. */
export function answerHeaders(
  { policy }: Services,
  { contentType, mark, opaque }: AnswerHead,
): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    vary: 'Authorization',
    'x-content-type-options': 'nosniff',
  }
  if (contentType !== undefined) headers['content-type'] = contentType
  if (policy.markHeader && mark !== undefined && mark !== '') headers['celosia-masked'] = mark
  return opaque ? { ...headers, ...OPAQUE } : headers
}

/** A file is saved, not shown: what it may hold must not run as a page of the gateway's origin. Its name is not passed on. */
const OPAQUE: Readonly<Record<string, string>> = {
  'content-disposition': 'attachment',
  'content-security-policy': "default-src 'none'; sandbox",
}
