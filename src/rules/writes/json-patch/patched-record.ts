/** The record while the operations of a patch are carried out on it, one after the other, in thought. */
import {
  draftBytes,
  opened,
  type Draft,
  type DraftArray,
  type DraftObject,
  type Origin,
  type Tapes,
} from '../draft.ts'
import type { RecordView } from '../record-view.ts'
import type { Step } from '../write-rules.ts'
import { indexOf } from './pointer.ts'

/** A place that a pointer leads to: a member that is there or not, an element, the end of an array, or the record itself. */
export interface PatchPlace {
  /** The object or array that it is in; undefined: it is the record itself. */
  readonly parent: DraftObject | DraftArray | undefined
  readonly token: string
  /** What is there; undefined: nothing. */
  readonly value: Draft | undefined
}

/** See the file. Nothing of the request is read here, and nothing is judged but what the subject can address. */
export class PatchedRecord {
  root: Draft
  readonly #tapes: Tapes
  readonly #record: RecordView
  readonly #prefix: readonly Step[]
  /** What came to where the subject saw nothing, with the parts of it. */
  readonly #new = new WeakSet<Draft>()

  /** `prefix`: where the record is in the document that the patch is about. */
  constructor(record: RecordView, tapes: Tapes, prefix: readonly Step[]) {
    this.root = { kind: 'copy', origin: { side: 'record', node: record.root } }
    this.#record = record
    this.#tapes = tapes
    this.#prefix = prefix
  }

  /**
   * Where the pointer leads. Undefined where it leads out of the record, through nothing, through a leaf, through names that
   * the subject does not see, or counts in an array whose elements the subject does not all see.
   */
  find(path: readonly string[]): PatchPlace | undefined {
    const isInside = this.#prefix.every((step, at) => String(step) === path[at])
    if (!isInside) return undefined
    let place: PatchPlace = { parent: undefined, token: '', value: this.root }
    for (const token of path.slice(this.#prefix.length)) {
      if (place.value === undefined) return undefined
      const container = this.#open(place)
      const next = container && this.#step(container, token)
      if (next === undefined) return undefined
      place = next
    }
    return place
  }

  /** Puts a value to a place that was found; into an array it is inserted. */
  add(place: PatchPlace, value: Draft): void {
    const { parent, token } = place
    if (parent?.kind === 'array') parent.items.splice(this.#index(parent, token), 0, value)
    else this.replace(place, value)
  }

  /** Puts a value in the place of the one that is there, if one is. */
  replace(place: PatchPlace, value: Draft): void {
    if (place.value === undefined || this.#isUnseen(place.value)) this.#new.add(value)
    this.#put(place, value)
  }

  /** Takes away what is there. The record itself cannot be taken away. */
  remove({ parent, token }: PatchPlace): boolean {
    if (parent === undefined) return false
    if (parent.kind === 'object') return parent.members.delete(token)
    return parent.items.splice(this.#index(parent, token), 1).length === 1
  }

  /** True where the subject does not see all of it. What came with the request is the subject's own. */
  hides(draft: Draft): boolean {
    if (draft.kind === 'copy') {
      return draft.origin.side === 'record' && this.#record.sight.hides(draft.origin.node)
    }
    if (this.#isClosed(draft)) return true
    return childrenOf(draft).some((child) => this.hides(child))
  }

  /** True where some of it is a member that the patch added, to where the subject saw none. */
  isNew(draft: Draft): boolean {
    return this.#new.has(draft) || childrenOf(draft).some((child) => this.isNew(child))
  }

  bytes(draft: Draft): number {
    return draftBytes(draft, this.#tapes)
  }

  /** True where the subject does not see into a part of the record, or does not see its names. */
  #isClosed({ origin }: Draft): boolean {
    const { sight } = this.#record
    if (origin?.side !== 'record') return false
    return sight.isMaskedWhole(origin.node) || sight.of(origin.node).masksNames
  }

  #open(place: PatchPlace): DraftObject | DraftArray | undefined {
    const { value } = place
    if (value === undefined || this.#isClosed(value)) return undefined
    const container = opened(value, this.#tapes)
    if (container === undefined || container === value) return container
    if (this.#new.has(value)) {
      for (const one of [container, ...childrenOf(container)]) this.#new.add(one)
    }
    this.#put(place, container)
    return container
  }

  #put({ parent, token }: PatchPlace, value: Draft): void {
    if (parent === undefined) this.root = value
    else if (parent.kind === 'array') parent.items[this.#index(parent, token)] = value
    else parent.members.set(token, value)
  }

  #step(container: DraftObject | DraftArray, token: string): PatchPlace | undefined {
    const { origin } = container
    if (container.kind === 'object') {
      if (this.#wouldHideName(origin, token)) return undefined
      return { parent: container, token, value: container.members.get(token) }
    }
    if (token === '-') return { parent: container, token, value: undefined }
    const index = indexOf(token, container.items.length)
    if (index === undefined || container.items.some((item) => this.#isUnseen(item))) {
      return undefined
    }
    return { parent: container, token, value: container.items[index] }
  }

  #wouldHideName(origin: Origin | undefined, name: string): boolean {
    return origin?.side === 'record' && this.#record.sight.wouldHideName(origin.node, name)
  }

  #isUnseen({ origin }: Draft): boolean {
    return origin?.side === 'record' && this.#record.sight.isSuppressed(origin.node)
  }

  #index(array: DraftArray, token: string): number {
    return token === '-' ? array.items.length : (indexOf(token, array.items.length) ?? -1)
  }
}

function childrenOf(draft: Draft): readonly Draft[] {
  if (draft.kind === 'copy') return []
  return draft.kind === 'array' ? draft.items : [...draft.members.values()]
}
