/** The record read afresh, with what the rules of the route say of its places. */
import { Budget } from '../../json/evaluate/budget.ts'
import { selectNodes } from '../../json/evaluate/select.ts'
import type { Query } from '../../json/query/ast.ts'
import { childrenOf, memberNamed } from '../../json/tape/children.ts'
import { KIND_ARRAY, KIND_OBJECT, type Tape } from '../../json/tape/tape.ts'
import { DocumentSight } from './document-sight.ts'
import type { Sights } from './sight.ts'
import type { ListRule, Step, WriteRules } from './write-rules.ts'

export interface RecordView {
  readonly tape: Tape
  readonly sight: DocumentSight
  /** The record itself within the answer; -1 where it is not there. */
  readonly root: number
  readonly listAt: (node: number) => ListRule | undefined
  readonly isMerged: (node: number) => boolean
  readonly isUpstreams: (node: number) => boolean
}

/** Throws a JsonWorkError or a JsonAmbiguousError where a query cannot be decided. */
export function viewRecord(tape: Tape, sights: Sights, rules: WriteRules): RecordView {
  const budget = new Budget(sights.rules.limits.filterStepsMax)
  const nodesOf = (queries: readonly Query[]) =>
    new Set(queries.flatMap((query) => selectNodes(query, tape, budget)))
  const lists = new Map<number, ListRule>()
  for (const list of rules.lists) {
    for (const node of selectNodes(list.at, tape, budget)) lists.set(node, list)
  }
  const merged = nodesOf(rules.merged)
  const upstreams = nodesOf(rules.upstreamSets)
  return {
    tape,
    sight: new DocumentSight(tape, sights),
    root: nodeAt(tape, 0, rules.record.answer),
    listAt: (node) => lists.get(node),
    isMerged: (node) => merged.has(node),
    isUpstreams: (node) => upstreams.has(node),
  }
}

/** The node that the steps lead to from `node`, or -1. */
export function nodeAt(tape: Tape, node: number, steps: readonly Step[]): number {
  let at = node
  for (const step of steps) {
    if (at < 0) return -1
    at = typeof step === 'string' ? memberAt(tape, at, step) : elementAt(tape, at, step)
  }
  return at
}

function memberAt(tape: Tape, node: number, name: string): number {
  return tape.kind[node] === KIND_OBJECT ? memberNamed(tape, node, name) : -1
}

function elementAt(tape: Tape, node: number, index: number): number {
  if (tape.kind[node] !== KIND_ARRAY) return -1
  let left = index
  for (const child of childrenOf(tape, node)) {
    if (left === 0) return child
    left -= 1
  }
  return -1
}
