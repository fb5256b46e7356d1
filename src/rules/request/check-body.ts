/** The checks of a body that is read: what may stand in it, for these roles. Pure; the proxy turns what it says into a refusal. */
import type { Reason } from '../../core/reasons.ts'
import { decodeString } from '../../json/tape/tape.ts'
import type { RouteMasking } from '../compiled-policy.ts'
import type { BodyRules } from './body-rules.ts'
import type { CoveredBody } from './cover.ts'
import { hasTemplate } from './template-text.ts'

/** Why the body is refused, or undefined. `writes`: the route changes something. */
export function bodyFault(
  body: CoveredBody,
  rules: BodyRules,
  sight: Pick<RouteMasking, 'shown' | 'seesAll'>,
  writes: boolean,
): Reason | undefined {
  if (body.unlisted !== undefined && rules.unlisted === 'refuse') return 'member-undeclared'
  if (body.classed.some(({ dataClass }) => !sight.shown.has(dataClass))) {
    return writes ? 'write-forbidden' : 'search-forbidden'
  }
  if (!sight.seesAll && body.text.some((node) => hasTemplate(textOf(body, node)))) {
    return 'template-refused'
  }
  return undefined
}

function textOf({ tape }: CoveredBody, node: number): string {
  return decodeString(tape.bytes, (tape.start[node] ?? 0) + 1, (tape.end[node] ?? 0) - 1)
}
