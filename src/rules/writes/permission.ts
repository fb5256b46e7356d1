/** Whether a role set may set what it does not see, and what the route says of requests. */
import { isBare } from '../../json/tape/children.ts'
import type { DocumentSight } from './document-sight.ts'
import type { Draft } from './draft.ts'
import type { RecordShape } from './record-shape.ts'
import type { Sight } from './sight.ts'

/** What roles and the route's own words on the request allow. */
export interface Permission {
  /** Classes that a role of the subject may set. */
  readonly writable: ReadonlySet<string>
  readonly listing: Listing
}

/**
 * The queries that the route has for requests: over the request where that is a document of the record's form, over the record
 * itself, as it would stand in a request, where it is a patch, which only names places.
 */
export type Listing =
  | { readonly kind: 'request'; readonly own: DocumentSight }
  | {
      readonly kind: 'patch'
      readonly before: RecordShape
      /** The record after the patch; `root` is its node in the document whose nodes are asked about. */
      readonly shapeOf: (draft: Draft, root: number) => RecordShape
    }

/** True for a place that is not shown as it is, although no class hides it: what no line names, and links. */
export function isHiddenByNoClass({ mask, hidden, masksNames }: Sight): boolean {
  return mask !== undefined && hidden.length === 0 && !masksNames
}

/** True where each class that hides the place may be set. What no class hides is nobody's to set. */
export function mayWrite({ writable }: Permission, sight: Sight): boolean {
  if (sight.masksNames) return false
  if (sight.mask === undefined) return true
  return sight.hidden.length > 0 && sight.hidden.every(({ name }) => writable.has(name))
}

/** True where the route names all that is in the value `b` of the request. A patch only names places. */
export function isListed({ listing }: Permission, b: number): boolean {
  if (listing.kind === 'patch') return true
  const { tape, sights } = listing.own
  if (sights.rules.queries.unlisted === 'show') return true
  const after = tape.next[b] ?? 0
  for (let node = b; node < after; node += 1) {
    if (isBare(tape, node) && !listing.own.of(node).listed) return false
  }
  return true
}

/**
 * True where the route names the place in requests, so that it may be set although answers do not list it. `b` is the value of
 * the request that comes to the place `c` of the record.
 */
export function isNamedInRequest({ listing }: Permission, b: number, c: number): boolean {
  return listing.kind === 'request' ? listing.own.of(b).listed : listing.before.of(c).listed
}
