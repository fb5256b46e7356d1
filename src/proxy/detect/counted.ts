/** What is counted for one exchange: rules, whom they watch, and the windows of the counters. Types, and how a window is made. */
import type { ComparedFacts } from '../../core/finding-facts.ts'
import type { HeldMember, LookupWindow } from '../../detection/lookup-counter.ts'
import type { DetectionOwner, DetectionRule } from '../../rules/detect/detection-rule.ts'

/** Whose window it is. */
export interface Owner {
  readonly kind: DetectionOwner
  /** What tells it from others, in the key of the window. */
  readonly key: readonly string[]
  /** As findings name it; undefined: it is the subject, which they name anyway. */
  readonly label: string | undefined
}

/** One window of one rule. */
export interface Counting {
  readonly rule: DetectionRule
  readonly owner: Owner
  readonly window: LookupWindow
  /** Of a first look: the class that it is about. Undefined: all of the rule. */
  readonly dataClass?: string
  /** Of a first look: whether the window says since when the owner is known, and no more. */
  readonly knows?: boolean
}

/** A rule whose threshold this exchange passed, or whose count is not known. */
export interface Crossing {
  /** Id of its finding, the same however often it is tried to be recorded. */
  readonly findingId: string
  readonly rule: DetectionRule
  readonly owner: Owner | undefined
  readonly classes: readonly string[]
  /** How many were counted by then; undefined: the counters were away. */
  readonly observed: number | undefined
  /** Of a baseline. */
  readonly compared?: ComparedFacts
}

/** Members of one window that the answer may take back. */
export interface HeldLookups {
  readonly counting: Counting
  readonly held: readonly HeldMember[]
}

/** The window of a rule for one owner. */
export function windowOf(
  rule: DetectionRule,
  owner: Owner,
  members: readonly string[],
): LookupWindow {
  const { name, over, withinMs, rearm, cooldownMs, lastsMs } = rule
  const key = windowKey(name, owner)
  return { key, members, over, withinMs, rearm, cooldownMs, lastsMs }
}

/** The key of the window of a rule for one owner. */
export function windowKey(rule: string, { kind, key }: Pick<Owner, 'kind' | 'key'>): string {
  return JSON.stringify([rule, kind, ...key])
}
