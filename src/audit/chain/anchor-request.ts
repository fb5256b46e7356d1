/** One request to an anchor behind a URL: a signed checkpoint as `application/jose` (RFC 7515 9.2.1), in bounded time. */
import { AuditUnavailableError } from '../errors.ts'

const TIMEOUT_MS = 5_000

export interface AnchorRequest {
  readonly method: 'POST' | 'PUT'
  readonly url: string
  /** Lower-case names; credentials among them. */
  readonly headers: Readonly<Record<string, string>>
  /** For messages. */
  readonly what: string
}

/** Any status from 200 to 299 says that it is kept; redirects are not followed. Rejects with AuditUnavailableError. */
export async function sendToAnchor(
  { method, url, headers, what }: AnchorRequest,
  jws: string,
): Promise<void> {
  const status = await send(jws)
  if (status < 200 || status > 299)
    throw new AuditUnavailableError(`The anchor's ${what} answers with ${status}`)

  async function send(body: string): Promise<number> {
    try {
      const response = await fetch(url, {
        method,
        headers: { ...headers, 'content-type': 'application/jose' },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await response.body?.cancel()
      return response.status
    } catch {
      // Without the cause: it may name the address, and a path may hold a secret.
      throw new AuditUnavailableError(`The anchor's ${what} cannot be reached`)
    }
  }
}
