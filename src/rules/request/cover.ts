/**
 * Lays the queries of a route over a body: which locations carry which class, which are free text, and the first one that no
 * query names. Nothing is decided here.
 */
import { Budget } from '../../json/evaluate/budget.ts'
import { selectNodes } from '../../json/evaluate/select.ts'
import { isBare } from '../../json/tape/children.ts'
import { KIND_STRING } from '../../json/tape/tape.ts'
import type { Tape } from '../../json/tape/tape.ts'
import type { BodyRules } from './body-rules.ts'

/** Steps that all queries of a route may take over one body. */
export const BODY_STEPS_MAX = 500_000

/** A body with what its route says of it, searches aside. Nodes are those of the tape. */
export interface CoveredBody {
  readonly tape: Tape
  /** Each location that a class query selects; the class holds for all below it too. */
  readonly classed: readonly ClassedNode[]
  /** Strings that are free text. */
  readonly text: readonly number[]
  /** The first leaf or empty container that no query of the route names, or undefined. */
  readonly unlisted: number | undefined
}

export interface ClassedNode {
  readonly node: number
  readonly dataClass: string
}

/** Throws a JsonWorkError or a JsonAmbiguousError where the queries cannot be decided. */
export function coverBody(tape: Tape, rules: BodyRules): CoveredBody {
  const budget = new Budget(BODY_STEPS_MAX)
  const listed = new Uint8Array(tape.count)
  const searched = new Uint8Array(tape.count)
  for (const query of rules.searches) {
    for (const node of selectNodes(query, tape, budget)) {
      searched.fill(1, node, tape.next[node])
      listed.fill(1, node, tape.next[node])
    }
  }
  const classed: ClassedNode[] = []
  for (const { query, dataClass } of rules.fields) {
    for (const node of selectNodes(query, tape, budget)) {
      classed.push({ node, dataClass })
      budget.spend((tape.next[node] ?? node) - node)
      listed.fill(1, node, tape.next[node])
    }
  }
  for (const { query, dataClass } of rules.anywhere) {
    for (const node of selectNodes(query, tape, budget)) classed.push({ node, dataClass })
  }
  for (const query of rules.plain) {
    for (const node of selectNodes(query, tape, budget)) if (isBare(tape, node)) listed[node] = 1
  }
  const text: number[] = []
  for (const query of rules.text) {
    for (const node of selectNodes(query, tape, budget)) {
      if (tape.kind[node] !== KIND_STRING) continue
      listed[node] = 1
      text.push(node)
    }
  }
  return {
    tape,
    classed: classed.filter(({ node }) => searched[node] === 0),
    text,
    unlisted: firstUnlisted(tape, listed),
  }
}

function firstUnlisted(tape: Tape, listed: Uint8Array): number | undefined {
  for (let node = 0; node < tape.count; node += 1) {
    if (listed[node] === 0 && isBare(tape, node)) return node
  }
  return undefined
}
