/** A request that the gateway takes, and what must go on from it. */
import type { Pairs } from '../../../src/rules/request/pairs.ts'

/** One request, and what the next hop must read. */
export interface AcceptedRequest {
  readonly name: string
  readonly method: string
  /** As the caller writes it. */
  readonly target: string
  /** Further headers of the caller. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Its body; sent in chunks where the headers say so. */
  readonly body?: Buffer
  /** What goes on. */
  readonly path: string
  readonly pairs: Pairs
  readonly content?: { readonly type: string; readonly bytes: Buffer }
}

/** A request without a body, without parameters unless they are given. */
export function accepted(path: string, options: Partial<AcceptedRequest> = {}): AcceptedRequest {
  const { method = 'GET' } = options
  return {
    name: `${method} ${path}`,
    method,
    target: path,
    path,
    headers: [],
    pairs: [],
    ...options,
  }
}
