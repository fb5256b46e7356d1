/** An anchor behind a URL: each signed checkpoint is posted there. */
import type { Anchor } from './anchor.ts'
import { sendToAnchor } from './anchor-request.ts'

export interface WebhookAnchorOptions {
  readonly url: string
  /** Lower-case names; credentials among them. */
  readonly headers: Readonly<Record<string, string>>
}

/** Any status from 200 to 299 says that the checkpoint is kept; redirects are not followed. */
export function webhookAnchor(options: WebhookAnchorOptions): Anchor {
  return {
    name: 'webhook',
    write: (jws) => sendToAnchor({ ...options, method: 'POST', what: 'webhook' }, jws),
  }
}
