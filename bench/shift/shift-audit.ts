/** The audit of a shift: each look as the record that a gateway under the policy of the simulation writes of it. */
import { apiActivity } from '../../src/audit/api-activity.ts'
import { createChainWriter } from '../../src/audit/chain/chain-writer.ts'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import type { ClassExposure } from '../../src/core/audit-facts.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { systemClock } from '../../src/core/clock.ts'
import { uuidV7 } from '../../src/core/ids.ts'
import type { RoleGrants } from '../../src/insight/policy-view.ts'
import { TEMPLATES } from './detect.ts'
import type { Agent, Look } from './look.ts'

/** What a search of the simulation is by. */
export const SEARCHED = 'contact.email'
/** What a reveal asks for, by role; agents may reveal nothing. */
export const REVEALED: Readonly<Partial<Record<Agent['role'], string>>> = {
  billing: 'id.national',
  lead: 'payment.card',
}
const RECORDS_TOGETHER = 500

/** The class that a look reveals; undefined: none. */
export function revealedBy({ agent, reveals, classes }: Look): string | undefined {
  const name = reveals === true ? REVEALED[agent.role] : undefined
  return name !== undefined && classes.includes(name) ? name : undefined
}

/** Writes them to a journal, oldest first. */
export async function writeShift(
  directory: string,
  looks: readonly Look[],
  { grants, policy }: { readonly grants: RoleGrants; readonly policy: string },
): Promise<void> {
  const store = await openFileRecordStore({ directory })
  const writer = createChainWriter({
    store,
    clock: systemClock,
    ids: uuidV7,
    notes: (note) => process.stderr.write(`${note}\n`),
  })
  for (let from = 0; from < looks.length; from += RECORDS_TOGETHER) {
    const some = looks.slice(from, from + RECORDS_TOGETHER)
    await writer.append(some.map((look) => recordOf(look, grants, policy)))
  }
  await writer.close()
}

function recordOf(look: Look, grants: RoleGrants, policy: string): AuditRecord {
  const { agent, atMs, address, session, route, term } = look
  const revealed = revealedBy(look)
  const asked = look.reveals === true ? REVEALED[agent.role] : undefined
  return apiActivity({
    id: uuidV7(),
    phase: 'outcome',
    intentId: undefined,
    timeMs: Math.round(atMs),
    durationMs: 10,
    transport: 'bearer',
    requestId: uuidV7(),
    subject: {
      id: agent.id,
      issuer: 'https://idp.example.com/realms/support',
      roles: [agent.role],
      session,
      assurance: [],
    },
    address,
    method: 'GET',
    route: TEMPLATES[route],
    upstream: 'helpdesk',
    upstreamStatus: 200,
    status: 200,
    effect: 'permit',
    reasons: ['role-permits'],
    policy,
    classes: look.classes.map((name) =>
      exposure(name, look.customers.length, {
        shown: grants.show.get(agent.role)?.has(name) === true,
        revealed: name === revealed,
      }),
    ),
    dataSubjects: [],
    dataSubjectsTruncated: false,
    durability: 'strict',
    reveal:
      asked === undefined ? undefined : { classes: [asked], reason: 'refund', ticket: undefined },
    terms: term === undefined ? [] : [{ class: SEARCHED, pseudonym: 'v1:term' }],
  })
}

function exposure(
  name: string,
  count: number,
  left: { readonly shown: boolean; readonly revealed: boolean },
): ClassExposure {
  const none = { class: name, shown: 0, masked: 0, revealed: 0 }
  if (left.shown) return { ...none, shown: count }
  return left.revealed ? { ...none, revealed: count } : { ...none, masked: count }
}
