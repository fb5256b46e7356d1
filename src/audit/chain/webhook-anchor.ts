/** An anchor behind a URL: each signed checkpoint is posted there as `application/jose` (RFC 7515 9.2.1). */
import { AuditUnavailableError } from '../errors.ts'
import type { Anchor } from './anchor.ts'

const TIMEOUT_MS = 5_000

export interface WebhookAnchorOptions {
  readonly url: string
  /** Lower-case names; credentials among them. */
  readonly headers: Readonly<Record<string, string>>
}

/** Any status from 200 to 299 says that the checkpoint is kept; redirects are not followed. */
export function webhookAnchor({ url, headers }: WebhookAnchorOptions): Anchor {
  return {
    name: 'webhook',
    write: async (jws) => {
      const status = await post(url, headers, jws)
      if (status < 200 || status > 299)
        throw new AuditUnavailableError(`The anchor's webhook answers with ${status}`)
    },
  }
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<number> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/jose' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.body?.cancel()
    return response.status
  } catch {
    // Without the cause: it may name the address, and a path may hold a secret.
    throw new AuditUnavailableError("The anchor's webhook cannot be reached")
  }
}
