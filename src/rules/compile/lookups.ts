/** Resolves the rules on repeated look-ups. */
import { parseDuration } from '../../core/duration.ts'
import type { LookupRule } from '../compiled-policy.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { Complaints } from './complaints.ts'
import { expandClassPattern } from './classes.ts'

const WITHIN_MS_MAX = 30 * 86_400_000

export function compileLookups(
  document: PolicyDocument,
  complaints: Complaints,
): readonly LookupRule[] {
  const names = Object.keys(document.classes)
  const seen = new Set<string>()
  return (document.detect ?? []).map((rule, index) => {
    const path = ['detect', index]
    if (seen.has(rule.name))
      complaints.add([...path, 'name'], `the rule \`${rule.name}\` stands twice`)
    seen.add(rule.name)
    const classes = new Set<string>()
    for (const [position, pattern] of rule.classes.entries()) {
      const found = expandClassPattern(pattern, names)
      if (found.length === 0)
        complaints.requireKnown([...path, 'classes', position], 'class', pattern, names)
      for (const name of found) classes.add(name)
    }
    const withinMs = parseDuration(rule.count.within) ?? 0
    if (withinMs > WITHIN_MS_MAX)
      complaints.add([...path, 'count', 'within'], 'a window is at most 30d')
    const { distinct } = rule.count
    return {
      name: rule.name,
      distinct,
      classes,
      over: rule.count.over,
      withinMs,
      actions: rule.then,
    }
  })
}
