/**
 * An anchor in an object store: each signed checkpoint is put there as an object of its own, below one path, and never over
 * another (`If-None-Match: *`, RFC 9110 13.1.2). Requests are signed where there are keys for it.
 */
import type { Clock } from '../../core/clock.ts'
import { AuditUnavailableError } from '../errors.ts'
import type { Anchor } from './anchor.ts'
import { askAnchor, CHECKPOINT_HEADERS, requireKept } from './anchor-request.ts'
import { checkpointName } from './checkpoint-name.ts'
import { signedHeaders, type SigningKeys } from './signed-headers.ts'
import type { WebhookAnchorOptions } from './webhook-anchor.ts'

export interface ObjectAnchorOptions extends WebhookAnchorOptions {
  /** Undefined: what authorizes the requests stands in the URL or the headers. */
  readonly keys?: SigningKeys | undefined
  readonly clock: Clock
}

const WHAT = 'object store'
const PRECONDITION_FAILED = 412
const OK = 200

/** `url` is the path; a query, as the signed ones of Azure have it, stays behind the object's name. */
export function objectAnchor({ url, headers, keys, clock }: ObjectAnchorOptions): Anchor {
  const ask = async (
    object: string,
    method: 'GET' | 'PUT',
    { more = {}, body }: { more?: Readonly<Record<string, string>>; body?: string },
  ) => {
    const all = { ...headers, ...more }
    const unsigned = { method, url: object, headers: all, body: body ?? '' }
    const signed = keys === undefined ? all : await signedHeaders(unsigned, keys, clock.nowMs())
    return askAnchor({ url: object, headers: signed, method, what: WHAT }, body)
  }
  return {
    name: 'objects',
    write: async (jws) => {
      const object = new URL(url)
      object.pathname = `${object.pathname.replace(/\/+$/, '')}/${checkpointName(jws)}`
      const more = { ...CHECKPOINT_HEADERS, 'if-none-match': '*' }
      const { status } = await ask(object.href, 'PUT', { more, body: jws })
      if (status !== PRECONDITION_FAILED) {
        requireKept(status, WHAT)
        return
      }
      // There already: after a try of which nobody knew how it ended, or it is somebody else's.
      const there = await ask(object.href, 'GET', {})
      if (there.status !== OK || there.text !== jws)
        throw new AuditUnavailableError(
          there.status === OK
            ? "The anchor's object store has something else by that name"
            : `The anchor's object store has something by that name, and does not show it (${there.status})`,
        )
    },
  }
}
