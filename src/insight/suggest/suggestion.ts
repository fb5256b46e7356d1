/** What can be suggested: one entry for each kind, and what stands for it. */
import type { PolicyChange } from '../../rules/policy/edit/policy-change.ts'

/**
 * The kinds, in the order of the report. `certain`: the records say all that it takes, and the patch holds it unasked. The
 * others need somebody who knows: a gateway cannot know what was read, and what loosens is nobody's to propose unasked.
 */
export const SUGGESTION_KINDS = {
  'unused-show': 'certain',
  'unused-reveal': 'certain',
  'unused-write': 'certain',
  'unused-route': 'certain',
  'unused-route-role': 'certain',
  'unlisted-data': 'certain',
  'unproven-show': 'open',
  'frequent-reveal': 'open',
} as const satisfies Readonly<Record<string, 'certain' | 'open'>>

export type SuggestionKind = keyof typeof SUGGESTION_KINDS

export interface Suggestion {
  readonly kind: SuggestionKind
  readonly role?: string
  readonly class?: string
  /** Template. */
  readonly route?: string
  /** Roles that never called the route. */
  readonly roles?: readonly string[]
  /** By route, how many locations of the class were shown. */
  readonly shownOn?: Readonly<Record<string, number>>
  /** What the policy should say, in a few words. */
  readonly proposal: string
  /** What the records say, in one sentence without a stop. */
  readonly evidence: string
  /** The numbers of the evidence, by name. */
  readonly counts: Readonly<Record<string, number>>
  /** Or why a machine cannot make one. */
  readonly change: PolicyChange | { readonly why: string }
}
