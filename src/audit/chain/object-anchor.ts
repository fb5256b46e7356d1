/** An anchor in an object store: each signed checkpoint is put there as an object of its own, below one path. */
import type { Anchor } from './anchor.ts'
import { sendToAnchor } from './anchor-request.ts'
import { checkpointName } from './checkpoint-name.ts'
import type { WebhookAnchorOptions } from './webhook-anchor.ts'

/** `url` is the path; a query, as the signed ones of Azure have it, stays behind the object's name. */
export function objectAnchor({ url, headers }: WebhookAnchorOptions): Anchor {
  return {
    name: 'objects',
    write: async (jws) => {
      const object = new URL(url)
      object.pathname = `${object.pathname.replace(/\/+$/, '')}/${checkpointName(jws)}`
      await sendToAnchor({ url: object.href, headers, method: 'PUT', what: 'object store' }, jws)
    },
  }
}
