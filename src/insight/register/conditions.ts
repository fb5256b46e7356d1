/** What the policy asks of whoever sees a class in clear, in short words. */
import type { PolicyDocument } from '../../rules/policy/document.ts'
import type {
  BreakGlassDocument,
  RevealClassDocument,
} from '../../rules/policy/identity-document.ts'

/** Of a class that a role shows. */
export function showConditions(document: PolicyDocument, dataClass: string): readonly string[] {
  return common(document, [document.classes[dataClass]?.assurance])
}

/** Of a reveal by the role itself. */
export function revealConditions(
  document: PolicyDocument,
  dataClass: string,
  entry: RevealClassDocument,
): readonly string[] {
  const { reason = 'required', assurance, budget, hours, notify } = entry
  const { ticket, freeText, timeZone = 'UTC' } = document.reveal ?? {}
  return [
    'for one request',
    ...(reason === 'required'
      ? [`a reason${ticket === undefined ? '' : ` with a ticket (${ticket})`}`]
      : ['a reason may be given']),
    ...(freeText === undefined ? [] : ['words of their own, kept encrypted']),
    ...common(document, [document.classes[dataClass]?.assurance, assurance]),
    ...(budget === undefined
      ? ['no budget']
      : [`at most ${budget.replace('/day', '')} data subjects a day`]),
    ...(hours === undefined
      ? []
      : [`${(hours.days ?? ['every day']).join(' ')} ${hours.from} to ${hours.to} ${timeZone}`]),
    ...(notify === true ? ['each raises a finding'] : []),
  ]
}

/** Of a grant that a second person approves. */
export function breakGlassConditions(
  document: PolicyDocument,
  dataClass: string,
  entry: BreakGlassDocument,
): readonly string[] {
  const approvers = Object.keys(document.reveal?.approvers ?? {})
  return [
    `approved by a second person (${approvers.join(' or ')})`,
    `for at most ${entry.for}`,
    ...common(document, [document.classes[dataClass]?.assurance, entry.assurance]),
    'each use raises a finding',
  ]
}

function common(
  { identity }: PolicyDocument,
  levels: readonly (string | undefined)[],
): readonly string[] {
  const needed = new Set(levels.filter((level) => level !== undefined))
  return [
    ...[...needed].map((level) => `assurance ${level}`),
    ...(identity.training === undefined
      ? []
      : [`privacy training within ${identity.training.maxAge}`]),
  ]
}
