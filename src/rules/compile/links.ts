/** Resolves where callers find the gateway: what links are led to. */
import { createLinkRewriter } from '../links/link-rewriter.ts'
import type { LinkedRoute, LinkRewriter } from '../links/link-rewriter.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { RouteTable } from '../routing/route-table.ts'
import type { Complaints } from './complaints.ts'
import { httpUrl, placeOf } from './http-url.ts'

/** Undefined where the policy does not say. `routes` is asked once the routes are compiled. */
export function compileLinks(
  { publicUrl }: PolicyDocument,
  routes: () => RouteTable<LinkedRoute>,
  complaints: Complaints,
): LinkRewriter | undefined {
  const url = publicUrl === undefined ? undefined : httpUrl(['publicUrl'], publicUrl, complaints)
  return url && createLinkRewriter(placeOf(url), routes)
}
