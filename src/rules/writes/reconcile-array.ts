/**
 * Arrays: told apart by a key where the route names one. Without one their elements have no identity, so an array that holds
 * what the subject does not see comes back as it was shown, with others behind it at most.
 */
import { childrenOf, sourceOf } from '../../json/tape/children.ts'
import type { Tape } from '../../json/tape/tape.ts'
import { copyOf, type Draft } from './draft.ts'
import { leafAt } from './leaf.ts'
import { isListed } from './permission.ts'
import {
  keep,
  leave,
  overwrite,
  REPLACED,
  type Place,
  type Reconciliation,
} from './reconciliation.ts'
import { nodeAt } from './record-view.ts'
import { isUnchanged } from './returned.ts'
import { isShownForm, seenChildren } from './shown-form.ts'
import type { ListRule } from './write-rules.ts'

/** As {@link Reconciliation.reconcile}, for two arrays. */
export function reconcileArray(context: Reconciliation, b: number, c: number, place: Place): Draft {
  const { record, tapes } = context
  const list = record.listAt(c)
  const keys = list === undefined ? undefined : recordKeys(context, c, list)
  if (list !== undefined && keys !== undefined) {
    return new KeyedList(context, { b, c, list, keys }).reconcile()
  }
  const shown = { request: tapes.request, record: record.sight, partial: false }
  const isShown = isShownForm(shown, b, c)
  if (!record.sight.hides(c)) return isShown ? leave(context, b, c, place) : copyOf('request', b)
  if (isShown) return keep(context, b, c, place)
  return appended(context, b, c) ?? overwrite(context, b, c)
}

/** What the array becomes where the request has all that was shown of it, and more behind it; else undefined. */
function appended(context: Reconciliation, b: number, c: number): Draft | undefined {
  const { record, tapes } = context
  const there = [...childrenOf(tapes.record, c)]
  const returned = [...childrenOf(tapes.request, b)]
  // Where elements are removed from sight, places are not those of the upstream.
  if (seenChildren(record.sight, c).length < there.length) return undefined
  const shown = { request: tapes.request, record: record.sight, partial: false }
  const isPrefix =
    returned.length > there.length &&
    there.every((element, at) => isShownForm(shown, returned[at] ?? -1, element))
  if (!isPrefix) return undefined
  for (const [at, element] of there.entries()) {
    if (record.sight.hides(element)) keep(context, returned[at] ?? -1, element, REPLACED)
  }
  const items = returned.map((element, at) => {
    const same = there[at]
    return same === undefined ? copyOf('request', element) : copyOf('record', same)
  })
  return { kind: 'array', origin: { side: 'record', node: c }, items }
}

/**
 * The elements of the record's array by their keys. Undefined where one that the subject sees has no key, or one that is not
 * shown as it is, or where two have the same.
 */
function recordKeys(
  { record, tapes }: Reconciliation,
  c: number,
  { key }: ListRule,
): ReadonlyMap<string, number> | undefined {
  const keys = new Map<string, number>()
  for (const element of childrenOf(tapes.record, c)) {
    const node = nodeAt(tapes.record, element, key)
    const text = keyText(tapes.record, node)
    const leaf = node < 0 ? undefined : leafAt(tapes.record, node)
    if (text === undefined || leaf === undefined || keys.has(text)) return undefined
    const isSeen = record.sight.isSuppressed(element) || isUnchanged(leaf, record.sight, node)
    if (!isSeen) return undefined
    keys.set(text, element)
  }
  return keys
}

/** A key as text: 7 and "7" are the same. Undefined for what is no string or number. */
function keyText(tape: Tape, node: number): string | undefined {
  const leaf = node < 0 ? undefined : leafAt(tape, node)
  return leaf?.type === 'string' || leaf?.type === 'number' ? leaf.text : undefined
}

interface KeyedArrays {
  readonly b: number
  readonly c: number
  readonly list: ListRule
  readonly keys: ReadonlyMap<string, number>
}

class KeyedList {
  readonly #context: Reconciliation
  readonly #arrays: KeyedArrays
  /** What stands for each element of the record that the request has. */
  readonly #matched = new Map<number, Draft>()
  /** The elements of the request by those of the record. */
  readonly #requested = new Map<number, number>()
  /** Keys that the request has had. */
  readonly #seen = new Set<string>()
  /** By the elements of the request, in their order. */
  readonly #items = new Map<number, Draft>()
  readonly #added: Draft[] = []
  #unseen: boolean | undefined

  constructor(context: Reconciliation, arrays: KeyedArrays) {
    this.#context = context
    this.#arrays = arrays
  }

  reconcile(): Draft {
    const { b, c, list } = this.#arrays
    const { tapes } = this.#context
    for (const element of childrenOf(tapes.request, b)) this.#element(element)
    const origin = { side: 'record', node: c } as const
    if (list.update === 'replace') {
      return { kind: 'array', origin, items: this.#withLeftOut() }
    }
    const there = Array.from(
      childrenOf(tapes.record, c),
      (element) => this.#matched.get(element) ?? copyOf('record', element),
    )
    return { kind: 'array', origin, items: [...there, ...this.#added] }
  }

  #element(element: number): void {
    const { tapes, findings } = this.#context
    const { list, keys } = this.#arrays
    const text = keyText(tapes.request, nodeAt(tapes.request, element, list.key))
    if (text !== undefined && this.#seen.has(text)) {
      findings.refuse({ side: 'request', node: element })
      return
    }
    if (text !== undefined) this.#seen.add(text)
    const other = text === undefined ? undefined : keys.get(text)
    if (other === undefined) {
      // With elements out of sight, an unknown key would tell that it is none of theirs.
      if (text !== undefined && this.#hasUnseen()) {
        findings.refuse({ side: 'request', node: element })
      }
      const draft = copyOf('request', element)
      this.#items.set(element, draft)
      this.#added.push(draft)
      return
    }
    const draft = this.#matchedElement(element, other)
    this.#matched.set(other, draft)
    this.#requested.set(other, element)
    this.#items.set(element, draft)
  }

  #matchedElement(element: number, other: number): Draft {
    const { record, tapes, permission } = this.#context
    const isPartial = this.#arrays.list.update === 'partial'
    const shown = { request: tapes.request, record: record.sight, partial: true }
    const hides = record.sight.hides(other)
    // An element that says nothing new need not be sent; what is not sent stays.
    const mayStay = isPartial && (hides || !isListed(permission, element))
    if (mayStay && isShownForm(shown, element, other)) {
      const place = { canDrop: true, merges: false }
      return hides
        ? keep(this.#context, element, other, place)
        : leave(this.#context, element, other, place)
    }
    return this.#context.reconcile(this.#context, element, other, {
      ...REPLACED,
      overlays: isPartial,
    })
  }

  /** True where the record has elements that the subject does not even see; found once. */
  #hasUnseen(): boolean {
    const { record, tapes } = this.#context
    this.#unseen ??= [...childrenOf(tapes.record, this.#arrays.c)].some((element) =>
      record.sight.isSuppressed(element),
    )
    return this.#unseen
  }

  /**
   * The items of the request, and those it leaves out with what the subject does not see in them: before the one that they
   * stood before, if the request has that, so that an order that was kept is kept.
   */
  #withLeftOut(): Draft[] {
    const leftOut = this.#leftOut()
    const items: Draft[] = []
    for (const [element, draft] of this.#items) {
      for (const other of leftOut.get(element) ?? []) items.push(this.#putBack(other, element))
      items.push(draft)
    }
    for (const other of leftOut.get(undefined) ?? []) items.push(this.#putBack(other, undefined))
    return items
  }

  /** Elements of the record to put back, by the element of the request to put them before; undefined: at the end. */
  #leftOut(): ReadonlyMap<number | undefined, readonly number[]> {
    const { record, tapes } = this.#context
    const leftOut = new Map<number | undefined, number[]>()
    let waiting: number[] = []
    for (const element of childrenOf(tapes.record, this.#arrays.c)) {
      const requested = this.#requested.get(element)
      if (requested !== undefined) {
        leftOut.set(requested, waiting)
        waiting = []
      } else if (record.sight.hides(element)) waiting.push(element)
    }
    return leftOut.set(undefined, waiting)
  }

  #putBack(element: number, before: number | undefined): Draft {
    const { record, tapes, rules, splices, findings } = this.#context
    if (rules.absent === 'refuse' && !record.sight.isSuppressed(element))
      findings.refuse({ side: 'record', node: element })
    else {
      const source = sourceOf(tapes.record, element)
      if (before === undefined) splices.add(this.#arrays.b, source)
      else splices.addBefore(this.#arrays.b, before, source)
      findings.countPlaces('putBack', record.sight, element)
    }
    return copyOf('record', element)
  }
}
