/**
 * Holds a value of a request against the value of the record in whose place it comes, part by part: masks that came back are
 * taken out or replaced by what is there, what was left out unseen is put back, and the rest is left to be judged.
 */
import type { Leaf } from '../../json/program-source.ts'
import { childrenOf, memberNameOf } from '../../json/tape/children.ts'
import { KIND_ARRAY, KIND_NULL, KIND_OBJECT, type Tape } from '../../json/tape/tape.ts'
import { copyOf, type Draft, type DraftObject } from './draft.ts'
import { leafAt } from './leaf.ts'
import { reconcileArray } from './reconcile-array.ts'
import {
  giveAway,
  keep,
  leave,
  overwrite,
  type Place,
  type Reconciliation,
} from './reconciliation.ts'
import { isListed } from './permission.ts'
import { isPseudonym, isReturned, isUnchanged } from './returned.ts'
import { isShownForm, shownName } from './shown-form.ts'

/** See {@link Reconcile}. */
export function reconcile(context: Reconciliation, b: number, c: number, place: Place): Draft {
  if (c < 0) return copyOf('request', b)
  const { tapes, record } = context
  const { sight } = record
  const leaf = leafAt(tapes.request, b)
  if (leaf !== undefined) {
    if (isUnchanged(leaf, sight, c)) return leave(context, b, c, place)
    if (isReturned(leaf, sight, c)) return keep(context, b, c, place)
  }
  if (!sight.isMaskedWhole(c) && tapes.request.kind[b] === tapes.record.kind[c]) {
    if (tapes.request.kind[b] === KIND_OBJECT) return reconcileObject(context, b, c, place)
    if (tapes.request.kind[b] === KIND_ARRAY) return reconcileArray(context, b, c, place)
  }
  return overwrite(context, b, c)
}

function reconcileObject(context: Reconciliation, b: number, c: number, place: Place): Draft {
  const { record, tapes, rules, splices, findings, format } = context
  if (record.sight.of(c).masksNames && record.sight.isHiddenPlace(c)) {
    // Its names are pseudonyms to the subject: nothing in it can be told apart safely.
    const shown = { request: tapes.request, record: record.sight, partial: false }
    return isShownForm(shown, b, c) ? keep(context, b, c, place) : overwrite(context, b, c)
  }
  const merges = place.merges && (format === 'merge-patch' || isMergedObject(context, c))
  if (!merges && isLeftOut(context, b, c, place)) {
    return record.sight.hides(c) ? keep(context, b, c, place) : leave(context, b, c, place)
  }
  const there = membersOf(context, c)
  const members = new Map<string, Draft>(
    merges || place.overlays === true
      ? [...there].map(([name, node]) => [name, copyOf('record', node)])
      : [],
  )
  const named = new Set<string>()
  const masked = maskedMembers(context, c)
  let left = 0
  for (const member of childrenOf(tapes.request, b)) {
    const name = memberNameOf(tapes.request, member)
    const unnamed = masked.get(name)
    // A pseudonym of a key that is no more would be a new member beside the one that it stood for.
    const isStale = masked.size > 0 && !there.has(name) && isPseudonym(name)
    if (unnamed !== undefined || isStale || record.sight.wouldHideName(c, name)) {
      if (unnamed === undefined || !keepUnnamed(context, { b, member, node: unnamed, merges })) {
        findings.refuse({ side: 'request', node: member })
      } else {
        const own = memberNameOf(tapes.record, unnamed)
        named.add(own)
        members.set(own, copyOf('record', unnamed))
      }
      continue
    }
    named.add(name)
    const other = there.get(name) ?? -1
    // RFC 7396 2: null removes what is there.
    const removes = merges && format === 'merge-patch' && other >= 0 && isNull(context, member)
    const draft = removes
      ? removed(context, member, other)
      : reconcile(context, member, other, { canDrop: merges, merges })
    if (!splices.isDropped(member)) left += 1
    if (draft === undefined) members.delete(name)
    else members.set(name, draft)
  }
  if (!merges) putBack(context, b, { there, members, named })
  if (rules.empty === 'remove' && merges && place.canDrop && named.size > 0 && left === 0) {
    splices.drop(b)
  }
  return { kind: 'object', origin: { side: 'record', node: c }, members }
}

/** True for an object that came back as it was shown, with what the route does not name in requests, and need not be sent. */
function isLeftOut(context: Reconciliation, b: number, c: number, { canDrop }: Place): boolean {
  const { permission, record, rules, tapes } = context
  if (!canDrop || isListed(permission, b)) return false
  if (rules.returned !== 'remove' && record.sight.hides(c)) return false
  return isShownForm({ request: tapes.request, record: record.sight, partial: false }, b, c)
}

/** Members of the record whose names are masked, by what is shown for these. */
function maskedMembers({ record }: Reconciliation, c: number): ReadonlyMap<string, number> {
  const members = new Map<string, number>()
  for (const member of childrenOf(record.tape, c)) {
    if (record.sight.hidesName(member)) members.set(shownName(record.sight, member), member)
  }
  return members
}

interface Unnamed {
  readonly b: number
  /** Of the request, under the name that is shown. */
  readonly member: number
  /** Of the record. */
  readonly node: number
  readonly merges: boolean
}

/** A member whose name is masked comes back as it was shown, or not at all. False where it is something else. */
function keepUnnamed(context: Reconciliation, { b, member, node, merges }: Unnamed): boolean {
  const { record, rules, splices, findings, tapes } = context
  const shown = { request: tapes.request, record: record.sight, partial: false }
  if (rules.returned === 'refuse' || !isShownForm(shown, member, node)) return false
  splices.drop(member)
  if (!merges) splices.add(b, memberSource(tapes.record, node))
  findings.countPlaces('kept', record.sight, node)
  return true
}

function memberSource({ bytes, nameStart, end }: Tape, member: number): Uint8Array {
  return bytes.subarray((nameStart[member] ?? 0) - 1, end[member])
}

/** The record itself, and what the route says of objects below it. */
function isMergedObject({ record, rules }: Reconciliation, c: number): boolean {
  return record.isMerged(c) || (c === record.root && rules.update === 'partial')
}

interface Members {
  readonly there: ReadonlyMap<string, number>
  readonly members: DraftObject['members']
  /** What the request has. */
  readonly named: ReadonlySet<string>
}

/** What the request leaves out of an object that it replaces, and the subject does not see. */
function putBack(context: Reconciliation, b: number, { there, members, named }: Members): void {
  const { record, rules, splices, findings, tapes } = context
  for (const [name, node] of there) {
    if (named.has(name)) continue
    if (record.isUpstreams(node)) {
      members.set(name, copyOf('record', node))
      continue
    }
    if (!record.sight.hides(node)) continue
    members.set(name, copyOf('record', node))
    // What the subject does not see at all it cannot send either.
    if (rules.absent === 'refuse' && !record.sight.isSuppressed(node)) {
      findings.refuse({ side: 'record', node })
      continue
    }
    splices.add(b, memberSource(tapes.record, node))
    findings.countPlaces('putBack', record.sight, node)
  }
}

function membersOf({ tapes }: Reconciliation, object: number): ReadonlyMap<string, number> {
  const members = new Map<string, number>()
  for (const member of childrenOf(tapes.record, object)) {
    members.set(memberNameOf(tapes.record, member), member)
  }
  return members
}

function isNull({ tapes }: Reconciliation, member: number): boolean {
  return tapes.request.kind[member] === KIND_NULL
}

/** What becomes of a member that a merge patch has null for: undefined where it goes. */
function removed(context: Reconciliation, b: number, c: number): Draft | undefined {
  const { sight } = context.record
  const isMasked = sight.isMaskedWhole(c)
  if (isMasked && isUnchanged(NULL, sight, c)) {
    // It is null, and known to be: as long as it is not sent, that stays so.
    context.splices.drop(b)
    return copyOf('record', c)
  }
  if (isMasked && isReturned(NULL, sight, c)) {
    return keep(context, b, c, { canDrop: true, merges: false })
  }
  if (giveAway(context, c, b)) return undefined
  context.findings.refuse({ side: 'request', node: b })
  return copyOf('record', c)
}

const NULL: Leaf = { type: 'null', text: 'null' }
