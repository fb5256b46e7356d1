/** Resolves what roles may reveal: classes, levels, budgets, hours, and the reasons that can be given. */
import type { AssuranceLevel } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { RevealClassDocument } from '../policy/identity-document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { RevealGrant, RevealRules } from '../reveal/reveal-rules.ts'
import { levelOf } from './assurance.ts'
import type { DataClass } from './classes.ts'
import type { Complaints } from './complaints.ts'
import { compileFreeText } from './free-text.ts'
import { checkTimeZone, compileHours } from './hours.ts'

/** Distinct data subjects that one agent may be shown of a class in a day by reveals. */
const BUDGET_MAX = 1_000
const UTC = 'UTC'

/** What a reveal is resolved against. */
export interface RevealContext {
  readonly levels: ReadonlyMap<string, AssuranceLevel>
  readonly classes: ReadonlyMap<string, DataClass>
}

/** Undefined where no role may reveal anything. What is wrong goes to `complaints`. */
export function compileReveal(
  document: PolicyDocument,
  { levels, classes }: RevealContext,
  complaints: Complaints,
): RevealRules | undefined {
  const { reasons = [], ticket, timeZone = UTC } = document.reveal ?? {}
  checkTimeZone(['reveal', 'timeZone'], timeZone, complaints)
  const grants: RevealGrant[] = []
  for (const [role, { reveal, justification }] of Object.entries(document.roles)) {
    for (const [dataClass, entry] of Object.entries(reveal ?? {})) {
      const path = ['roles', role, 'reveal', dataClass]
      const known = complaints.requireKnownKey(path, 'class', Object.keys(document.classes))
      if (!known) continue
      requireJustification(document, path, entry.justification ?? justification, complaints)
      grants.push({ role, dataClass, ...compileEntry(path, entry, levels, complaints) })
      if (entry.reason !== 'optional' && reasons.length === 0) {
        complaints.addAtKey(
          path,
          'a reveal needs a reason, and there is none to give',
          REASONS_HINT,
        )
      }
    }
  }
  if (grants.length === 0 && document.reveal === undefined) return undefined
  return {
    reasons: new Set(reasons),
    ticket: ticket === undefined ? undefined : { kind: 'type', type: ticket },
    timeZone,
    grants,
    freeText: compileFreeText(document, classes, complaints),
  }
}

const REASONS_HINT = 'name the codes: reveal: { reasons: [refund, charge-back], ticket: integer }'

function requireJustification(
  { classes }: PolicyDocument,
  path: readonly [string, string, string, string] | PolicyPath,
  justification: string | undefined,
  complaints: Complaints,
): void {
  const [, role, , dataClass] = path
  if (classes[String(dataClass)]?.sensitive !== true || justification !== undefined) return
  complaints.addAtKey(
    path,
    `\`${role}\` reveals \`${dataClass}\`, which is sensitive, without a justification`,
    'add a justification here or to the role: why it needs that',
  )
}

function compileEntry(
  path: PolicyPath,
  { reason, assurance, budget, hours, notify }: RevealClassDocument,
  levels: ReadonlyMap<string, AssuranceLevel>,
  complaints: Complaints,
): Omit<RevealGrant, 'role' | 'dataClass'> {
  const budgetPerDay = budget === undefined ? undefined : Number(budget.split('/')[0])
  if (budgetPerDay !== undefined && budgetPerDay > BUDGET_MAX)
    complaints.add([...path, 'budget'], `a budget is at most ${BUDGET_MAX}/day`)
  return {
    reasonRequired: reason !== 'optional',
    assurance: levelOf([...path, 'assurance'], assurance, levels, complaints),
    budgetPerDay,
    hours: hours && compileHours([...path, 'hours'], hours, complaints),
    notify: notify === true,
  }
}
