/** One request to an anchor behind a URL, in bounded time: a signed checkpoint as `application/jose` (RFC 7515 9.2.1). */
import { AuditUnavailableError } from '../errors.ts'

const TIMEOUT_MS = 5_000
/** What is read of an answer: a checkpoint is shorter. */
const ANSWER_BYTES_MAX = 65_536

export interface AnchorRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  /** Lower-case names; credentials among them. */
  readonly headers: Readonly<Record<string, string>>
  /** For messages. */
  readonly what: string
}

export interface AnchorAnswer {
  readonly status: number
  /** Its first 64 KiB, where it was a GET; else nothing. */
  readonly text: string
}

/** The header that says what a checkpoint is. */
export const CHECKPOINT_HEADERS = { 'content-type': 'application/jose' } as const

/** Any status from 200 to 299 says that it is kept; redirects are not followed. Rejects with AuditUnavailableError. */
export async function sendToAnchor(request: AnchorRequest, jws: string): Promise<void> {
  const headers = { ...request.headers, ...CHECKPOINT_HEADERS }
  const { status } = await askAnchor({ ...request, headers }, jws)
  requireKept(status, request.what)
}

/** Throws AuditUnavailableError where the status is none of those that say yes. */
export function requireKept(status: number, what: string): void {
  if (status < 200 || status > 299)
    throw new AuditUnavailableError(`The anchor's ${what} answers with ${status}`)
}

/** Whatever it answers. Rejects with AuditUnavailableError where it does not, or too late. */
export async function askAnchor(
  { method, url, headers, what }: AnchorRequest,
  body?: string,
): Promise<AnchorAnswer> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = method === 'GET' ? await firstBytes(response) : ''
    await response.body?.cancel()
    return { status: response.status, text }
  } catch {
    // Without the cause: it may name the address, and a path may hold a secret.
    throw new AuditUnavailableError(`The anchor's ${what} cannot be reached`)
  }
}

async function firstBytes({ body }: Response): Promise<string> {
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body.getReader()
  while (length < ANSWER_BYTES_MAX) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    length += value.length
  }
  reader.releaseLock()
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString()
}
