/** The checks of a body that is read: what may stand in it, for these roles. Pure; the proxy turns what it says into a refusal. */
import type { Reason } from '../../core/reasons.ts'
import { decodeString } from '../../json/tape/tape.ts'
import type { RouteMasking } from '../compiled-policy.ts'
import type { BodyRules } from './body-rules.ts'
import type { CoveredBody } from './cover.ts'
import { hasTemplate } from './template-text.ts'
import { leafAt } from '../writes/leaf.ts'

/** What a request does: reads, changes something, or changes a record that it is held against afterwards. */
export type BodyUse = 'read' | 'write' | 'held'

/**
 * Why the body is refused, or undefined. What is held against a record may have members that are not declared, as long as they
 * are what they were; on these, and on classes in it, is decided there.
 */
export function bodyFault(
  body: CoveredBody,
  rules: BodyRules,
  sight: BodySight,
  use: BodyUse,
): Reason | undefined {
  const isUnlisted = body.unlisted !== undefined && rules.unlisted === 'refuse'
  if (isUnlisted && use !== 'held') return 'member-undeclared'
  const unseen = body.classed.filter(({ dataClass }) => !sight.shown.has(dataClass))
  if (use === 'read' && unseen.length > 0) return 'search-forbidden'
  const fault = use === 'write' ? unseenFault(body, unseen, sight) : undefined
  if (fault !== undefined) return fault
  if (!sight.seesAll && body.text.some((node) => hasTemplate(textOf(body, node)))) {
    return 'template-refused'
  }
  return undefined
}

/** What of the masking of a role set decides on its requests. */
export type BodySight = Pick<RouteMasking, 'shown' | 'writable' | 'seesAll' | 'couldBeMask'>

function unseenFault(
  { tape }: CoveredBody,
  unseen: CoveredBody['classed'],
  { writable, couldBeMask }: BodySight,
): Reason | undefined {
  if (!unseen.every(({ dataClass }) => writable.has(dataClass))) return 'write-forbidden'
  const isMask = unseen.some(({ node, dataClass }) => {
    const after = tape.next[node] ?? 0
    for (let below = node; below < after; below += 1) {
      const leaf = leafAt(tape, below)
      if (leaf !== undefined && couldBeMask(dataClass, leaf)) return true
    }
    return false
  })
  return isMask ? 'write-refused' : undefined
}

function textOf({ tape }: CoveredBody, node: number): string {
  return decodeString(tape.bytes, (tape.start[node] ?? 0) + 1, (tape.end[node] ?? 0) - 1)
}
