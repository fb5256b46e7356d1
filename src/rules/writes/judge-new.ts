/** Law 3 for single values: what a request brings to a place that the subject does not see is allowed, or is refused. */
import type { Limits } from '../../json/limits.ts'
import { childrenOf, isBare } from '../../json/tape/children.ts'
import type { Tape } from '../../json/tape/tape.ts'
import type { DocumentSight } from './document-sight.ts'
import type { Findings } from './findings.ts'
import { leafAt } from './leaf.ts'
import { isHiddenByNoClass, mayWrite, type Permission } from './permission.ts'
import { couldBeMask } from './returned.ts'
import type { Sight } from './sight.ts'

/** A value of the request, and what is said of the place it comes to. */
export interface NewValue {
  readonly request: Tape
  readonly node: number
  /** By the queries on the answer; by those on the request where it comes to none of the record's places. */
  readonly sight: Sight
  /** By the queries on the request. */
  readonly own: Sight
}

export interface JudgeContext {
  readonly permission: Permission
  readonly findings: Findings
  readonly limits: Limits
  /** Whether the route lets pass what its queries on the request do not name. */
  readonly passesUnlisted: boolean
}

/** Refuses the value, or counts it where it is one that the subject will not see. */
export function judgeNew(value: NewValue, context: JudgeContext): void {
  const { findings } = context
  if (!isAllowed(value, context)) {
    findings.refuse({ side: 'request', node: value.node })
    return
  }
  const unseen = [value.sight, value.own].find(isClassedAndHidden)
  if (unseen !== undefined && isBare(value.request, value.node)) findings.count('written', unseen)
}

function isAllowed({ request, node, sight, own }: NewValue, context: JudgeContext): boolean {
  const { permission, findings, limits, passesUnlisted } = context
  // A container is judged by what is in it; its names are nobody's to choose where they are masked.
  if (!isBare(request, node)) return !sight.masksNames && !own.masksNames
  if (!passesUnlisted && !own.listed) return false
  const hiding = [sight, own].filter(isClassedAndHidden)
  if (!hiding.every((one) => mayWrite(permission, one))) return false
  const over = (findings.over.get(node) ?? []).filter(isClassedAndHidden)
  const leaf = leafAt(request, node)
  const operators = [...hiding, ...over].flatMap(({ classes }) => classes.map(({ mask }) => mask))
  if (leaf !== undefined && operators.length > 0 && couldBeMask(leaf, operators, limits)) {
    return false
  }
  // What no class hides, such as what no line on the answer names: only where the route names it in the request.
  return leaf === undefined || !isHiddenByNoClass(sight) || own.listed
}

function isClassedAndHidden({ hidden }: Sight): boolean {
  return hidden.length > 0
}

/**
 * Judges what lies outside of the record in a request: by the queries on the request alone. `root` is the record, -1 where the
 * request has none.
 */
export function judgeOutside(own: DocumentSight, root: number, context: JudgeContext): void {
  const judge = (node: number): void => {
    if (node === root) return
    judgeNew({ request: own.tape, node, sight: own.of(node), own: own.of(node) }, context)
    for (const child of childrenOf(own.tape, node)) judge(child)
  }
  judge(0)
}
