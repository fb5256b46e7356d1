/** A record, before or after a write, laid out as it stands in a request: so that the queries on requests can be asked of it. */
import { Budget } from '../../json/evaluate/budget.ts'
import { selectNodes } from '../../json/evaluate/select.ts'
import type { Query } from '../../json/query/ast.ts'
import { isBare } from '../../json/tape/children.ts'
import { afterDocument, type AfterDocument } from './after-document.ts'
import { DocumentSight } from './document-sight.ts'
import type { Draft, Tapes } from './draft.ts'
import type { Sight, Sights } from './sight.ts'

/** Where the record is in two documents, and what asks of it. */
export interface ShapeSource {
  readonly tapes: Tapes
  /** By the queries on requests. */
  readonly own: Sights
  /** The names around the record in a request. */
  readonly steps: readonly string[]
  /** The node that the record is in the document whose nodes {@link RecordShape.of} is asked about. */
  readonly root: number
}

/** See the file. */
export class RecordShape {
  readonly #source: ShapeSource
  readonly #document: AfterDocument
  readonly #sight: DocumentSight

  /** Throws a JsonDepthError or a JsonWorkError. */
  constructor(draft: Draft, source: ShapeSource) {
    this.#source = source
    const { own, steps, tapes } = source
    const inRequest = steps.reduceRight<Draft>(
      (inner, name) => ({ kind: 'object', origin: undefined, members: new Map([[name, inner]]) }),
      draft,
    )
    this.#document = afterDocument(inRequest, tapes, own.rules.limits)
    this.#sight = new DocumentSight(this.#document.tape, own)
  }

  /** What the queries on requests say of a node of the record. */
  of(node: number): Sight {
    // Each name around the record is one node; below it the nodes follow each other in the same order.
    return this.#sight.of(node - this.#source.root + this.#source.steps.length)
  }

  /** True where all leaves and empty containers at the node and below it may be sent. */
  lists(node: number, after: number): boolean {
    for (let below = node; below < after; below += 1) if (!this.listsOne(below)) return false
    return true
  }

  /** The same for one node; true for a container that has something in it. */
  listsOne(node: number): boolean {
    const { root, steps, own } = this.#source
    const isHere = isBare(this.#document.tape, node - root + steps.length)
    return !isHere || own.rules.queries.unlisted === 'show' || this.of(node).listed
  }

  /** The nodes of the request that came to where a query selects. */
  *broughtTo(queries: readonly Query[]): Generator<number> {
    const budget = new Budget(this.#source.own.rules.limits.filterStepsMax)
    for (const query of queries) {
      for (const node of selectNodes(query, this.#document.tape, budget)) {
        const origin = this.#document.originOf(node)
        if (origin?.side === 'request') yield origin.node
      }
    }
  }
}
