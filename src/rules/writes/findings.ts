/** What was found while a request was held against the record: what is kept, what is refused, and why that is enough. */
import type { WriteChange } from '../../core/audit-facts.ts'
import type { Origin } from './draft.ts'
import type { DocumentSight } from './document-sight.ts'
import type { Sight } from './sight.ts'

/** Places of which a refusal tells; the others are only counted. */
export const LOCATIONS_MAX = 20

type Count = 'kept' | 'putBack' | 'written'

/** Collected during one request. */
export class Findings {
  /** Where the request is refused, in order of finding. */
  readonly refused: Origin[] = []
  /** Hidden places of the record that the request may do away with. */
  readonly given = new Set<number>()
  /** For values of the request, what the subject was shown of those in whose place they come. */
  readonly over = new Map<number, readonly Sight[]>()
  /** Nodes of the record that a patch moved or copied, with all below them. */
  readonly brought = new Set<number>()
  /** Values of the request, or operations, that bring something to where the subject does not even see that something is. */
  readonly unseen: number[] = []
  /** True where a patch brings template expressions to free text. */
  templates = false
  readonly #changes = new Map<string | undefined, Record<Count, number>>()

  refuse(origin: Origin): void {
    this.refused.push(origin)
  }

  /** Refuses what is {@link unseen} only where nothing else is: as if nothing were there, and nothing is told of it. */
  settle(): void {
    if (this.refused.length > 0) return
    for (const node of this.unseen) this.refuse({ side: 'request', node })
  }

  /** Counts the hidden places at and below a node of the record, or else the node itself. What is hidden whole is one. */
  countPlaces(count: Count, record: DocumentSight, node: number): void {
    const places = record.isMaskedWhole(node) ? [] : [...record.hiddenPlaces(node)]
    for (const place of places.length === 0 ? [node] : places) this.count(count, record.of(place))
  }

  count(count: Count, { classes }: Sight): void {
    const names = classes.length === 0 ? [undefined] : classes.map(({ name }) => name)
    for (const name of names) {
      const change = this.#changes.get(name) ?? { kept: 0, putBack: 0, written: 0 }
      change[count] += 1
      this.#changes.set(name, change)
    }
  }

  /** By name; what has no class comes last. */
  changes(): readonly WriteChange[] {
    return [...this.#changes]
      .map(([name, change]) => ({ class: name, ...change }))
      .toSorted((a, b) => (a.class ?? '\u{10ffff}').localeCompare(b.class ?? '\u{10ffff}', 'en'))
  }
}
