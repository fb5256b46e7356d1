/** What a route says of writes to its record, ready to be worked with. Data only. */
import type { Query } from '../../json/query/ast.ts'

/** A member's name or an element's index. */
export type Step = string | number

/** How the upstream understands a request. */
export type WriteFormat =
  /** A JSON document that is the record or a part of it. */
  | 'json'
  /** RFC 7396. */
  | 'merge-patch'
  /** RFC 6902. */
  | 'json-patch'

/** By the media type, in lower case: the types that have a meaning of their own, and every other JSON. */
export function writeFormatOf(type: string): WriteFormat {
  if (type === 'application/merge-patch+json') return 'merge-patch'
  return type === 'application/json-patch+json' ? 'json-patch' : 'json'
}

export interface WriteRules {
  /** Where the record is in the request, and in the answer of the route that reads it. */
  readonly record: { readonly request: readonly string[]; readonly answer: readonly Step[] }
  /** What a JSON document does: change the members that it has, or take the place of the record. */
  readonly update: 'partial' | 'replace'
  /** A mask that comes back: taken out, or replaced by what is there, or refused. */
  readonly returned: 'remove' | 'restore' | 'refuse'
  /** What the subject does not see and the request leaves out, where leaving out means removing. */
  readonly absent: 'restore' | 'refuse'
  /** Whether objects that become empty, since all of their members were taken out, are taken out too. */
  readonly empty: 'keep' | 'remove'
  /** Arrays whose elements are told apart by a member. */
  readonly lists: readonly ListRule[]
  /** Objects below the record that the upstream merges member by member. Queries on the answer. */
  readonly merged: readonly Query[]
  /** What the upstream sets by itself: not put back. Queries on the answer. */
  readonly upstreamSets: readonly Query[]
}

export interface ListRule {
  /** Query on the answer. */
  readonly at: Query
  /** From an element to its key. */
  readonly key: readonly Step[]
  /** What a request does to the array: change the elements that it has, or take its place. */
  readonly update: 'partial' | 'replace'
}
