/** Resolves break-glass: which roles may be granted what, and who may approve it. */
import type { CompiledPolicy } from '../compiled-policy.ts'
import { parseDuration } from '../../core/duration.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { Approver, BreakGlassGrant } from '../reveal/break-glass.ts'
import type { AssuranceLevel } from '../trust.ts'
import { levelOf } from './assurance.ts'
import type { Complaints } from './complaints.ts'

/** A grant is for an emergency, not for a job. */
const FOR_MS_MAX = 86_400_000

/** Undefined where no role may be granted anything. What is wrong goes to `complaints`. */
export function compileBreakGlass(
  document: PolicyDocument,
  levels: ReadonlyMap<string, AssuranceLevel>,
  complaints: Complaints,
): CompiledPolicy['breakGlass'] {
  const approvers = compileApprovers(document, complaints)
  const grants: BreakGlassGrant[] = []
  for (const [role, { breakGlass, justification }] of Object.entries(document.roles)) {
    if (breakGlass === undefined) continue
    const path = ['roles', role, 'breakGlass']
    const forMs = parseDuration(breakGlass.for) ?? 0
    if (forMs > FOR_MS_MAX) complaints.add([...path, 'for'], 'a grant is for at most 24h')
    const reason = breakGlass.justification ?? justification
    for (const [index, name] of breakGlass.classes.entries()) {
      const at = [...path, 'classes', index]
      complaints.requireKnown(at, 'class', name, Object.keys(document.classes))
      if (document.classes[name]?.sensitive === true && reason === undefined)
        complaints.add(at, `\`${name}\` is sensitive, and there is no justification`)
    }
    if (approvers.size === 0) {
      complaints.addAtKey(
        path,
        'a grant needs a second person, and there is nobody to approve',
        'name them: reveal: { approvers: { dana: { key: ... } } }',
      )
    }
    const assurance = levelOf([...path, 'assurance'], breakGlass.assurance, levels, complaints)
    grants.push({ role, classes: new Set(breakGlass.classes), forMs, assurance })
  }
  return grants.length === 0 ? undefined : { approvers, grants }
}

function compileApprovers(
  { reveal }: PolicyDocument,
  complaints: Complaints,
): ReadonlyMap<string, Approver> {
  const approvers = new Map<string, Approver>()
  for (const [name, { key, subject }] of Object.entries(reveal?.approvers ?? {})) {
    if ([...approvers.values()].some((other) => other.key === key))
      complaints.add(['reveal', 'approvers', name, 'key'], 'two approvers have the same key')
    approvers.set(name, { name, key, subject })
  }
  return approvers
}
