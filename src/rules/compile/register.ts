/** Checks what only the register prints: each class that it speaks of is one of the policy. */
import type { PolicyDocument } from '../policy/document.ts'
import { expandClassPattern } from './classes.ts'
import type { Complaints } from './complaints.ts'

/** What is wrong goes to `complaints`. */
export function checkRegister(document: PolicyDocument, complaints: Complaints): void {
  const names = Object.keys(document.classes)
  for (const pattern of Object.keys(document.register?.retention ?? {})) {
    if (expandClassPattern(pattern, names).length === 0)
      complaints.requireKnownKey(['register', 'retention', pattern], 'class', names)
  }
}

/** How long data of a class is kept: what names the class itself, else the longest pattern that it is below. */
export function statedRetention(
  { register }: PolicyDocument,
  dataClass: string,
): string | undefined {
  const fitting = Object.entries(register?.retention ?? {}).filter(
    ([pattern]) => expandClassPattern(pattern, [dataClass]).length > 0,
  )
  const [best] = fitting.toSorted(([a], [b]) => rank(b) - rank(a))
  return best?.[1]
}

function rank(pattern: string): number {
  return pattern.endsWith('.*') ? pattern.length : Number.POSITIVE_INFINITY
}
