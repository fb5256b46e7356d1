/**
 * Holds a JSON Patch (RFC 6902) against the record, operation by operation. What a subject does not see it may neither test,
 * copy nor move: the first asks what is there, the others bring it to where it can be seen.
 */
import { cloned, type Draft } from '../draft.ts'
import { giveAway, keep, passOver, REPLACED, type Reconciliation } from '../reconciliation.ts'
import { leafAt } from '../leaf.ts'
import { mayWrite } from '../permission.ts'
import { isReturned, isUnchanged } from '../returned.ts'
import { isShownForm } from '../shown-form.ts'
import { readOperations, type Operation } from './operations.ts'
import { PatchedRecord, type PatchPlace } from './patched-record.ts'

/** A patch may copy parts of the record into each other; what comes of it must stay of a size that can be looked at. */
const GROWTH_MAX = 4

/** What stands in the record after the patch, or undefined where the request is no patch. */
export function reconcilePatch(context: Reconciliation): Draft | undefined {
  const read = readOperations(context.tapes.request)
  if ('fault' in read) {
    context.findings.refuse({ side: 'request', node: read.fault })
    return undefined
  }
  const patch = new Patch(context)
  for (const operation of read.operations) {
    if (!patch.apply(operation)) {
      context.findings.refuse({ side: 'request', node: operation.node })
      break
    }
  }
  return patch.root
}

class Patch {
  readonly #context: Reconciliation
  readonly #record: PatchedRecord
  readonly #bytesMax: number

  constructor(context: Reconciliation) {
    const { record, tapes, rules } = context
    this.#context = context
    this.#record = new PatchedRecord(record, tapes, rules.record.request)
    this.#bytesMax = GROWTH_MAX * (tapes.record.bytes.length + tapes.request.bytes.length)
  }

  get root(): Draft {
    return this.#record.root
  }

  /** False where the operation is refused: what it is about is out of sight, or is not there. The two must not differ. */
  apply(operation: Operation): boolean {
    const place = this.#record.find(operation.path)
    if (place === undefined) return false
    switch (operation.op) {
      case 'test':
        return place.value !== undefined && !this.#record.hides(place.value)
      case 'remove':
        return this.#remove(place)
      case 'add':
        return this.#write(operation, place, place.parent?.kind === 'array')
      case 'replace':
        return this.#isSeen(place) && this.#write(operation, place, false)
      default:
        return this.#bring(operation)
    }
  }

  #remove(place: PatchPlace): boolean {
    return place.value !== undefined && this.#give(place.value) && this.#record.remove(place)
  }

  /** Brings a value of the request to a place: in between others, or in place of what is there. */
  #write({ node, value }: Operation, place: PatchPlace, inserts: boolean): boolean {
    const there = inserts ? undefined : place.value
    const origin = there?.origin
    if (there === undefined || origin?.side !== 'record') {
      if (there !== undefined && !this.#give(there)) return false
      const draft: Draft = { kind: 'copy', origin: { side: 'request', node: value } }
      if (inserts) this.#record.add(place, draft)
      else this.#record.replace(place, draft)
      return true
    }
    // Without the operation what is there stays, unless one before it has changed a part.
    const canDrop = there.kind === 'copy'
    if (canDrop && this.#isSame(value, origin.node) && !this.#isListed(there)) {
      this.#context.splices.drop(node)
      return true
    }
    if (this.#comesBack(value, origin.node)) {
      this.#record.replace(
        place,
        keep(this.#context, value, origin.node, { canDrop, merges: false, dropAs: node }),
      )
      return true
    }
    this.#record.replace(
      place,
      this.#context.reconcile(this.#context, value, origin.node, REPLACED),
    )
    return true
  }

  #isSame(value: number, node: number): boolean {
    const { record, tapes } = this.#context
    const leaf = leafAt(tapes.request, value)
    if (leaf !== undefined) return isUnchanged(leaf, record.sight, node)
    const shown = { request: tapes.request, record: record.sight, partial: false }
    return !record.sight.hides(node) && isShownForm(shown, value, node)
  }

  #comesBack(value: number, node: number): boolean {
    const { record, tapes } = this.#context
    const leaf = leafAt(tapes.request, value)
    if (leaf !== undefined) {
      return !isUnchanged(leaf, record.sight, node) && isReturned(leaf, record.sight, node)
    }
    const shown = { request: tapes.request, record: record.sight, partial: false }
    return record.sight.hides(node) && isShownForm(shown, value, node)
  }

  #bring({ node, op, path, from }: Operation): boolean {
    const source = this.#record.find(from)
    if (source?.value === undefined || this.#record.hides(source.value)) return false
    // RFC 6902 4.4: nothing can be moved into itself.
    if (op === 'move' && from.length < path.length && from.every((token, at) => token === path[at]))
      return false
    const value = cloned(source.value)
    this.#bringing(value)
    if (op === 'move' && !this.#remove(source)) return false
    if (this.#record.bytes(this.#record.root) + this.#record.bytes(value) > this.#bytesMax) {
      return false
    }
    // Looked up again: what was taken away may have moved it.
    const place = this.#record.find(path)
    if (place === undefined) return false
    const there = place.parent?.kind === 'array' ? undefined : place.value
    if (there !== undefined && !this.#give(there) && !this.#passesOver(there, node)) return false
    this.#record.add(place, value)
    return true
  }

  /** True where something is there, and the subject sees that or may set it. */
  #isSeen({ value }: PatchPlace): boolean {
    const { record, permission } = this.#context
    if (value?.origin?.side !== 'record') return value !== undefined
    const { node } = value.origin
    return !record.sight.isSuppressed(node) || mayWrite(permission, record.sight.of(node))
  }

  #passesOver({ origin }: Draft, operation: number): boolean {
    return origin?.side === 'record' && passOver(this.#context, origin.node, operation)
  }

  /**
   * True where what stands there may go, with all that is hidden in it: as far as requests may be about it at all. A member that the
   * patch added stays, so that it is judged where it came.
   */
  #give(draft: Draft): boolean {
    if (!this.#isListed(draft) || this.#record.isNew(draft)) return false
    if (!this.#record.hides(draft)) return true
    if (draft.kind !== 'copy') return false
    return giveAway(this.#context, draft.origin.node)
  }

  /** True where the route names all that is there in requests. */
  #isListed(draft: Draft): boolean {
    if (draft.kind === 'array') return draft.items.every((item) => this.#isListed(item))
    if (draft.kind === 'object') {
      return [...draft.members.values()].every((member) => this.#isListed(member))
    }
    const { side, node } = draft.origin
    const { listing } = this.#context.permission
    if (side === 'request' || listing.kind === 'request') return true
    return listing.before.lists(node, this.#context.tapes.record.next[node] ?? 0)
  }

  /** Remembers which values of the record a patch brings to other places. */
  #bringing(draft: Draft): void {
    if (draft.kind === 'array') for (const item of draft.items) this.#bringing(item)
    else if (draft.kind === 'object') for (const one of draft.members.values()) this.#bringing(one)
    else if (draft.origin.side === 'record') {
      const { node } = draft.origin
      const after = this.#context.tapes.record.next[node] ?? 0
      for (let at = node; at < after; at += 1) this.#context.findings.brought.add(at)
    }
  }
}
