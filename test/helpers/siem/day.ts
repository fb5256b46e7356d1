/** A made-up day of an audit, with something to find in it: the queries of the documents are run on it. */
import { apiActivity } from '../../../src/audit/api-activity.ts'
import { checkpointActivity } from '../../../src/audit/chain/checkpoint.ts'
import { detectionFinding } from '../../../src/audit/detection-finding.ts'
import { recordJson } from '../../../src/audit/export/ocsf-json.ts'
import { grantActivity } from '../../../src/audit/grant-activity.ts'
import { policyActivity } from '../../../src/audit/policy-activity.ts'
import { recordLine, recordOfLine } from '../../../src/audit/record-codec.ts'
import { refusalsActivity } from '../../../src/audit/refusals-activity.ts'
import { revealFinding } from '../../../src/audit/reveal-finding.ts'
import { writerActivity } from '../../../src/audit/writer-activity.ts'
import type { AccessFacts } from '../../../src/core/audit-facts.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import {
  ACCESS,
  FINDING,
  GRANT,
  POLICY_LOADED,
  REFUSALS,
  REFUSED_ACCESS,
  REVEAL_FINDING,
} from '../audit-facts.ts'
import { newChain, sealAll } from '../audit-writers.ts'

/** Writers: one that fell silent, one that ended, one that is at work. */
const [SILENT, ENDED, ALIVE] = [1, 2, 3].map(
  (number) => `019a9600-0000-7000-8000-00000000000${number}`,
) as [string, string, string]
/** The record that did not arrive. */
const MISSING_SEQUENCE = 8
const DAY_MS = Date.UTC(2025, 10, 18, 9)
const CARD = 'payment.card'
const APPROVAL_ID = '019a9600-0000-7000-8000-000000000110'

type Make = (id: string) => AuditRecord

/** Lines of a file of records, in no order that a reader may rely on, and some of them twice. `nowMs`: when it is read. */
export function dayOfRecords(nowMs: number): readonly string[] {
  let number = 0
  const lines = (writer: string, makers: readonly Make[]): readonly string[] => {
    const records = makers.map((make) => {
      number += 1
      return make(`019a9600-0000-7000-8000-0000000001${String(number).padStart(2, '0')}`)
    })
    return sealAll(records, newChain(writer)).map((sealed) => {
      const read = recordOfLine(recordLine(sealed).subarray(0, -1))
      if (read === undefined) throw new Error('no record')
      return recordJson(read)
    })
  }
  const silent = lines(SILENT, SILENT_DAY).filter((_, index) => index + 1 !== MISSING_SEQUENCE)
  const ended = lines(ENDED, [began(ENDED), checkpoint(ENDED, minute(5), true)])
  // An approval that two instances have recorded, under one id.
  const approved = () => grant('approved', 'dana', 21)(APPROVAL_ID)
  const alive = lines(ALIVE, [began(ALIVE), approved, checkpoint(ALIVE, nowMs - 60_000, false)])
  return [...alive, ...silent, ...ended, ...silent.slice(1, 7)]
}

const SILENT_DAY: readonly Make[] = [
  began(SILENT),
  access('agent-1', 'r-1', { shown: 1 }),
  access('agent-3', 'r-2', { shown: 4 }),
  access('agent-3', 'r-3', { revealed: 3, masked: 5 }),
  access('agent-3', 'r-4', { shown: 1 }, 'opening'),
  access('agent-3', 'r-4', { shown: 1 }, 'closing'),
  (id) => detectionFinding({ ...FINDING, id, timeMs: minute(15), subject: subject('agent-3') }),
  (id) => policyActivity({ ...POLICY_LOADED, id, timeMs: minute(16) }),
  grant('requested', 'agent-2', 20),
  () => grant('approved', 'dana', 21)(APPROVAL_ID),
  (id) =>
    revealFinding({
      ...REVEAL_FINDING,
      id,
      timeMs: minute(22),
      subject: subject('agent-2'),
      reveal: { ...REVEAL_FINDING.reveal, grant: { id: GRANT.grant, approver: 'dana' } },
    }),
  refused('grant-invalid', 23),
  ...[24, 25, 26, 27].map((at) => refused('route-unlisted', at)),
  access('agent-2', 'r-9', { masked: 7 }),
  (id) => refusalsActivity({ ...REFUSALS, id }),
  checkpoint(SILENT, minute(40), false),
]

function minute(number: number): number {
  return DAY_MS + number * 60_000
}

function subject(id: string): AccessFacts['subject'] {
  return { ...ACCESS.subject, id }
}

function began(writer: string): Make {
  return (id) =>
    writerActivity({ id, timeMs: minute(0), activity: 'began', writer, broken: undefined })
}

function checkpoint(writer: string, timeMs: number, ended: boolean): Make {
  const claim = { writer, sequence: 1, hash: 'c'.repeat(64), timeMs, ended, openFrom: 1 }
  return (id) => checkpointActivity({ id, claim, jws: undefined })
}

function access(
  agent: string,
  requestId: string,
  counts: Partial<AccessFacts['classes'][number]>,
  phase: 'outcome' | 'opening' | 'closing' = 'outcome',
): Make {
  const card = { class: CARD, shown: 0, masked: 0, revealed: 0, ...counts }
  const name = { class: 'person.name', shown: 1, masked: 0, revealed: 0 }
  const part = phase === 'outcome' ? {} : { part: { phase, window: 1, bytesBefore: 0 } }
  const facts = {
    ...ACCESS,
    timeMs: minute(10),
    requestId,
    subject: subject(agent),
    phase,
    ...part,
  }
  return (id) => apiActivity({ ...facts, id, classes: [card, name], dataSubjects: [] })
}

function refused(reason: AccessFacts['reasons'][number], at: number): Make {
  const facts = { ...REFUSED_ACCESS, timeMs: minute(at), subject: subject('agent-3') }
  return (id) => apiActivity({ ...facts, id, requestId: `refused-${at}`, reasons: [reason] })
}

function grant(activity: 'requested' | 'approved', by: string, at: number): Make {
  return (id) => grantActivity({ ...GRANT, id, timeMs: minute(at), activity, by })
}
