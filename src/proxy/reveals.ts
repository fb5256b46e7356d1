/**
 * Reveals on the way of a request: decided before the upstream is asked, and paid for from the budget of the day by what the
 * answer really reveals, in one atomic step, before a byte of it leaves.
 */
import { revealFinding } from '../audit/reveal-finding.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { CounterUnavailableError } from '../detection/errors.ts'
import type { LookupWindow } from '../detection/lookup-counter.ts'
import type { DataSubjectReport } from '../rules/compiled-policy.ts'
import type { Approval } from '../identity/grants/approval.ts'
import { SharedLogUnavailableError } from '../identity/shared-log/shared-log.ts'
import { dayOf } from '../rules/reveal/local-time.ts'
import type { LocalDay } from '../rules/reveal/local-time.ts'
import type { RevealGrant, RevealRequest } from '../rules/reveal/reveal-rules.ts'
import { auditedSubject, revealFacts, subjectPseudonym } from './access-facts.ts'
import type { Exchange } from './exchange.ts'
import { RefusedError } from './refused.ts'
import type { Services } from './services.ts'
import { STORES_TOO_SLOW, withinStoreBudget } from './store-budget.ts'

/** What this exchange reveals, once it is decided. */
export interface Reveal {
  readonly request: RevealRequest
  /** One for each class; empty until it is decided. */
  readonly grants: readonly RevealGrant[]
  /** The consent of a second person; undefined: by the role itself. */
  readonly approval: Approval | undefined
  /** What the caller said besides its code, as a JWE. */
  readonly text: string | undefined
  /** Of the finding that it raises; undefined: it raises none, or has raised it. */
  findingId: string | undefined
}

/** A day of the calendar is 25 hours long once a year. */
const DAY_MS_MAX = 90_000_000

/** The finding that the next record takes along, where something was revealed that the policy wants noticed. */
export function pendingFinding(
  exchange: Exchange,
  services: Services,
  accessId: string,
): AuditRecord | undefined {
  const { subject, reveal, report } = exchange
  const facts = revealFacts(exchange, services)
  const revealed = (report?.classes ?? []).filter((entry) => entry.revealed > 0)
  const id = reveal?.findingId
  if (subject === undefined || facts === undefined || id === undefined || revealed.length === 0)
    return undefined
  return revealFinding({
    id,
    timeMs: services.clock.nowMs(),
    requestId: exchange.requestId,
    subject: auditedSubject(subject, exchange.roles),
    address: exchange.address,
    claimedAddress: exchange.claimedAddress,
    policy: services.policy.sha256,
    reveal: { ...facts, classes: revealed.map((entry) => entry.class) },
    accessId,
  })
}

/** Throws {@link RefusedError} where the grant that reveals is over by now, or where nobody knows. */
export function refuseEndedGrant({ reveal }: Exchange, { grants }: Services): void {
  const approval = reveal?.approval
  if (approval !== undefined && !lasts(approval)) throw new RefusedError('grant-invalid')

  function lasts(of: Approval): boolean {
    try {
      return grants.lasts(of)
    } catch (cause) {
      if (!(cause instanceof SharedLogUnavailableError)) throw cause
      throw new RefusedError('grants-unavailable', { cause })
    }
  }
}

/** Takes the revealed data subjects from the budgets of the day. Throws {@link RefusedError} where one does not suffice. */
export async function payReveals(exchange: Exchange, services: Services): Promise<void> {
  const { reveal } = exchange
  const rules = services.policy.reveal
  if (reveal === undefined || rules === undefined) return
  const day = dayOf(exchange.timeMs, rules.timeZone)
  const windows = reveal.grants.flatMap((grant) => windowsOf(exchange, services, grant, day))
  if (windows.length === 0) return
  // More than all of a day: no need to ask, and more than a counter takes.
  const hopeless = windows.some(({ members, over }) => members.length > over)
  if (hopeless || (await isTooMuch(exchange, services, windows))) throw spent(day, services)
}

function windowsOf(
  exchange: Exchange,
  services: Services,
  { dataClass, budgetPerDay }: RevealGrant,
  { date }: LocalDay,
): readonly LookupWindow[] {
  if (budgetPerDay === undefined) return []
  const members = revealedSubjects(exchange, dataClass, services)
  if (members.length === 0) return []
  const { subject } = exchange
  const key = JSON.stringify(['reveal', dataClass, subject?.issuer, subject?.id, date])
  return [{ key, members, withinMs: DAY_MS_MAX, over: budgetPerDay }]
}

function revealedSubjects(
  { report, requestId }: Exchange,
  dataClass: string,
  { auditPseudonymizer }: Services,
): readonly string[] {
  const isRevealed = ({ classes }: DataSubjectReport) =>
    classes.some((entry) => entry.class === dataClass && entry.revealed > 0)
  return (report?.dataSubjects ?? []).filter(isRevealed).map(({ kind, id }) =>
    auditPseudonymizer === undefined || kind === undefined || id === undefined
      ? // Whose it is cannot be told: each request counts for one.
        `unknown ${requestId}`
      : subjectPseudonym(auditPseudonymizer, kind, id),
  )
}

async function isTooMuch(
  exchange: Exchange,
  services: Services,
  windows: readonly LookupWindow[],
): Promise<boolean> {
  try {
    const states = await withinStoreBudget(exchange, services, {
      work: () => services.counter.reserve(windows),
      late: () => new CounterUnavailableError(STORES_TOO_SLOW),
    })
    if (states.some(({ lost, exceeded }) => lost === true && !exceeded))
      throw new RefusedError('counters-unavailable')
    // A state that is missing is no permission.
    return windows.some((_, index) => states[index]?.exceeded !== false)
  } catch (cause) {
    if (cause instanceof CounterUnavailableError)
      throw new RefusedError('counters-unavailable', { cause })
    throw cause
  }
}

function spent({ endsMs, endsAt }: LocalDay, { clock }: Services): RefusedError {
  const seconds = Math.max(1, Math.ceil((endsMs - clock.nowMs()) / 1_000))
  return new RefusedError('reveal-budget-spent', {
    headers: { 'retry-after': String(seconds) },
    details: { renewedAt: endsAt },
  })
}
