/**
 * The laws that hold of every write, whatever was done to the request before. They are checked on the record as it would stand
 * afterwards, by the same queries that decide what the subject sees of it:
 *
 * 1. What the subject does not see is still there, as it was, unless it may be set.
 * 2. What was hidden stays hidden: no write may change what decides on that.
 * 3. What comes to a hidden place is what was hidden before, or may be set.
 */
import { isBare } from '../../json/tape/children.ts'
import { afterDocument } from './after-document.ts'
import { counterparts } from './counterparts.ts'
import { copyOf, opened, type Draft, type Tapes } from './draft.ts'
import { DocumentSight, holdsSomething } from './document-sight.ts'
import type { Findings } from './findings.ts'
import { judgeNew } from './judge-new.ts'
import { mayWrite, type Permission } from './permission.ts'
import type { RecordShape } from './record-shape.ts'
import { nodeAt, type RecordView } from './record-view.ts'
import { maskByType } from '../operators/mask-by-type.ts'
import type { Sight } from './sight.ts'
import type { Step } from './write-rules.ts'

export interface Case {
  readonly tapes: Tapes
  readonly record: RecordView
  readonly permission: Permission
  readonly findings: Findings
  /** Where the record is in the answer. */
  readonly answerSteps: readonly Step[]
  /** Whether the route lets pass what its queries on the request do not name. */
  readonly passesUnlisted: boolean
}

/**
 * Adds to the findings what breaks a law in `draft`, the record after the write. Answers, for a patch, that record as it would
 * stand in a request. Throws where the queries cannot be decided.
 */
export function judge(given: Case, draft: Draft): RecordShape | undefined {
  const { tapes, record, findings } = given
  const { limits } = record.sight.sights.rules
  const after = afterDocument(inAnswer(draft, given), tapes, limits)
  const sight = new DocumentSight(after.tape, record.sight.sights)
  const { listing } = given.permission
  const listed =
    listing.kind === 'patch'
      ? listing.shapeOf(draft, nodeAt(after.tape, 0, given.answerSteps))
      : undefined
  const ownOf = (node: number, from: number): Sight =>
    listing.kind === 'request' ? listing.own.of(from) : (listed as RecordShape).of(node)
  const before = findings.brought.size > 0 ? counterparts(after.tape, tapes.record) : undefined
  const seen = new Set<number>()
  for (let node = 0; node < after.tape.count; node += 1) {
    const origin = after.originOf(node)
    if (origin === undefined) continue
    if (origin.side === 'request') {
      const own = ownOf(node, origin.node)
      const value = { request: tapes.request, node: origin.node, sight: sight.of(node), own }
      judgeNew(value, { ...given, limits })
    } else {
      seen.add(origin.node)
      if (record.sight.hidesName(origin.node) && !sight.hidesName(node)) findings.refuse(origin)
      judgeKept(given, sight.of(node), origin.node)
      const isElsewhere = before !== undefined && before[node] !== origin.node
      if (isElsewhere && findings.brought.has(origin.node) && listed?.listsOne(node) === false)
        findings.refuse(origin)
    }
  }
  for (const place of record.sight.hiddenPlaces(record.root)) {
    if (!seen.has(place) && !findings.given.has(place))
      findings.refuse({ side: 'record', node: place })
  }
  return listed
}

/** The record, changed, within the answer that it was read from. */
function inAnswer(draft: Draft, { tapes, record }: Case): Draft {
  const { root } = record
  const replaced = (node: number): Draft => {
    if (node === root) return draft
    const there = copyOf('record', node)
    if (root < node || root >= (tapes.record.next[node] ?? 0)) return there
    const container = opened(there, tapes)
    if (container === undefined) return there
    if (container.kind === 'array') return { ...container, items: container.items.map(within) }
    const members = new Map([...container.members].map(([name, one]) => [name, within(one)]))
    return { ...container, members }
  }
  const within = (child: Draft): Draft =>
    child.kind === 'copy' ? replaced(child.origin.node) : child
  return replaced(0)
}

/** Laws 2 and 3, for what was in the record before. */
function judgeKept(
  { record, permission, findings, tapes }: Case,
  after: Sight,
  node: number,
): void {
  const before = record.sight.of(node)
  const isBroken = record.sight.isHiddenPlace(node)
    ? !hidesAsMuch(after, before)
    : isBare(tapes.record, node) &&
      (findings.brought.has(node) || holdsSomething(tapes.record, node)) &&
      !mayWrite(permission, after)
  if (isBroken) findings.refuse({ side: 'record', node })
}

function hidesAsMuch(after: Sight, before: Sight): boolean {
  if (before.masksNames && !after.masksNames) return false
  if (before.mask === undefined) return true
  // What no line names is hidden whole; a class might show a part of it.
  if (before.mask === maskByType()) return after.mask === maskByType()
  if (after.mask === undefined) return false
  return before.classes.every((one) => after.classes.includes(one))
}
