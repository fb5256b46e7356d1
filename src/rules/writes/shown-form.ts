/** Whether a part of a request is what the subject was shown of a part of the record. */
import { childrenOf, isContainer, memberNameOf } from '../../json/tape/children.ts'
import { KIND_OBJECT, type Tape } from '../../json/tape/tape.ts'
import { maskedName } from '../compile/masking.ts'
import type { DocumentSight } from './document-sight.ts'
import { leafAt, sameLeaf } from './leaf.ts'
import { isReturned } from './returned.ts'

/** The two sides of a comparison. */
export interface Shown {
  readonly request: Tape
  readonly record: DocumentSight
  /** True where objects of the request may lack members. */
  readonly partial: boolean
}

/** True where the value `b` of the request is what was shown of the value `c` of the record, masks and all. */
export function isShownForm(shown: Shown, b: number, c: number): boolean {
  const { request, record } = shown
  const leaf = leafAt(request, b)
  if (leaf !== undefined) {
    const raw = leafAt(record.tape, c)
    const isRaw = record.of(c).mask === undefined && raw !== undefined && sameLeaf(leaf, raw)
    return isRaw || isReturned(leaf, record, c)
  }
  if (!isContainer(record.tape, c) || request.kind[b] !== record.tape.kind[c]) return false
  if (record.isMaskedWhole(c)) return false
  return request.kind[b] === KIND_OBJECT ? sameObject(shown, b, c) : sameArray(shown, b, c)
}

/** The elements that the subject sees, masked or not. */
export function seenChildren(record: DocumentSight, node: number): readonly number[] {
  return Array.from(childrenOf(record.tape, node)).filter((child) => !record.isSuppressed(child))
}

function sameArray(shown: Shown, b: number, c: number): boolean {
  const returned = [...childrenOf(shown.request, b)]
  const seen = seenChildren(shown.record, c)
  return (
    returned.length === seen.length &&
    returned.every((element, at) => isShownForm(shown, element, seen[at] ?? -1))
  )
}

function sameObject(shown: Shown, b: number, c: number): boolean {
  const { request, record, partial } = shown
  const seen = new Map<string, number>()
  for (const member of seenChildren(record, c)) seen.set(shownName(record, member), member)
  let count = 0
  for (const member of childrenOf(request, b)) {
    const other = seen.get(memberNameOf(request, member))
    if (other === undefined || !isShownForm(shown, member, other)) return false
    count += 1
  }
  return partial || count === seen.size
}

/** What the subject sees of the name of a member of the record. */
export function shownName(record: DocumentSight, member: number): string {
  const name = memberNameOf(record.tape, member)
  return record.hidesName(member) ? maskedName(name, record.sights.rules.pseudonymizer) : name
}
