/** A policy's text with suggestions made in it, as a unified diff that `patch` and `git apply` take. Nothing is written here. */
import { createTwoFilesPatch } from 'diff'
import { changePolicy } from '../../rules/policy/edit/policy-change.ts'
import type { Suggestion } from './suggestion.ts'

/** Changes of one patch; what is beyond comes with the next. */
const CHANGES_MAX = 500
const LINES_AROUND = 3
const BY_HAND = 'the policy is written in a way that is changed by hand here'

export interface PatchInput {
  readonly text: string
  /** As the file is named in the diff: a relative path. */
  readonly name: string
  /** What evidence is of: `in the 30d until 2026-11-23T00:00:00.000Z`. */
  readonly when: string
  /** What a check says is wrong with a policy, or undefined. */
  readonly faultOf: (text: string) => string | undefined
}

export interface PolicyPatch {
  /** Empty where nothing is changed. */
  readonly diff: string
  readonly text: string
  readonly made: readonly Suggestion[]
  /** What is not in it, and why. */
  readonly left: readonly { readonly suggestion: Suggestion; readonly why: string }[]
}

/** The patch; whatever is in it, the check accepts the result. */
export function policyPatch(suggestions: readonly Suggestion[], input: PatchInput): PolicyPatch {
  const all = makeAll(suggestions, input)
  // One that is refused spoils them all: then each is checked by itself.
  const plan =
    all.text !== input.text && input.faultOf(all.text) !== undefined
      ? makeAll(suggestions, input, input.faultOf)
      : all
  return { ...plan, diff: diffOf(input, plan.text) }
}

function makeAll(
  suggestions: readonly Suggestion[],
  { text, when }: PatchInput,
  faultOf: PatchInput['faultOf'] = () => undefined,
): Omit<PolicyPatch, 'diff'> {
  const made: Suggestion[] = []
  const left: PolicyPatch['left'][number][] = []
  let edited = text
  for (const suggestion of suggestions) {
    const { change } = suggestion
    const room = made.length < CHANGES_MAX
    const possible = room && 'kind' in change
    const next = possible ? changePolicy(edited, change, commentOf(suggestion, when)) : undefined
    const fault = next === undefined ? undefined : faultOf(next)
    if (next !== undefined && fault === undefined) {
      edited = next
      made.push(suggestion)
    } else {
      const byHand = 'why' in change ? change.why : BY_HAND
      const why = room ? (fault ?? byHand) : `a patch has at most ${CHANGES_MAX} changes`
      left.push({ suggestion, why })
    }
  }
  return { text: edited, made, left }
}

// One line, whatever a template of a route has in it.
function commentOf({ kind, class: name, route, proposal, evidence }: Suggestion, when: string) {
  const about = kind === 'unused-route' ? `${route}: ` : ''
  return `suggested (${kind}): ${about}${proposal}; ${name ?? 'it'} was ${evidence}, ${when}`.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    '\ufffd',
  )
}

function diffOf({ text, name }: PatchInput, edited: string): string {
  if (edited === text) return ''
  return createTwoFilesPatch(`a/${name}`, `b/${name}`, text, edited, undefined, undefined, {
    context: LINES_AROUND,
  })
}
