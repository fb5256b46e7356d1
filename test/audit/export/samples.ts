/** One record of each kind that the gateway makes, by name. */
import { apiActivity } from '../../../src/audit/api-activity.ts'
import { checkpointActivity } from '../../../src/audit/chain/checkpoint.ts'
import { detectionFinding } from '../../../src/audit/detection-finding.ts'
import { grantActivity } from '../../../src/audit/grant-activity.ts'
import { loginActivity } from '../../../src/audit/login-activity.ts'
import { policyActivity } from '../../../src/audit/policy-activity.ts'
import { redactionActivity } from '../../../src/audit/redaction-activity.ts'
import { refusalsActivity } from '../../../src/audit/refusals-activity.ts'
import type { ReadRecord } from '../../../src/audit/record-codec.ts'
import { revealFinding } from '../../../src/audit/reveal-finding.ts'
import { revocationActivity } from '../../../src/audit/revocation-activity.ts'
import { holdActivity, purgeActivity } from '../../../src/audit/retention/retention-activity.ts'
import { selfTestFinding } from '../../../src/audit/self-test-finding.ts'
import { writerActivity } from '../../../src/audit/writer-activity.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import {
  ACCESS,
  FINDING,
  GRANT,
  HOLDS,
  INTENT,
  LOGIN,
  REDACTION,
  POLICY_LOADED,
  PURGE,
  REFUSALS,
  REFUSED_ACCESS,
  REVEAL_FINDING,
  SELF_TEST_FINDING,
} from '../../helpers/audit-facts.ts'
import { storedAndRead } from '../../helpers/siem/read-records.ts'

const PART = { phase: 'interim', window: 2, bytesBefore: 262_144 } as const

const WRITER = {
  id: '019ab000-0000-7000-8000-000000000006',
  timeMs: ACCESS.timeMs,
  activity: 'began',
  writer: '019ab000-0000-7000-8000-0000000000aa',
  broken: undefined,
} as const
const BROKEN = {
  writer: '019ab000-0000-7000-8000-0000000000ab',
  sequence: 41,
  hash: 'b'.repeat(64),
} as const

const REVOCATION = {
  id: '019ab000-0000-7000-8000-000000000007',
  timeMs: ACCESS.timeMs,
  kind: 'subject',
  value: ACCESS.subject.id,
  issuer: ACCESS.subject.issuer,
  untilS: 1_795_003_600,
  source: 'command',
} as const

const CLAIM = { ...BROKEN, timeMs: ACCESS.timeMs, ended: false, openFrom: 40 } as const

const RECORDS: Readonly<Record<string, AuditRecord>> = {
  access: apiActivity(ACCESS),
  'access-everything': apiActivity({
    ...ACCESS,
    phase: 'closing',
    intentId: INTENT.id,
    claimedAddress: '203.0.113.7',
    transport: 'header',
    proxy: ['network', 'certificate'],
    locations: [
      {
        at: "$['user'][*]",
        class: 'person.name',
        rule: 'routes[0].fields',
        operator: 'show',
        count: 2,
      },
      {
        at: "$['user']['x']",
        class: undefined,
        rule: 'routes[0].unlisted',
        operator: 'mask',
        count: 1,
      },
    ],
    purpose: { name: 'refund', header: 'x-purpose', ticket: '8123' },
    reveal: {
      ...REVEAL_FINDING.reveal,
      grant: { id: GRANT.grant, approver: 'dana' },
    },
    part: { phase: 'closing', window: 3, bytesBefore: 524_288 },
    terms: [{ class: 'contact.email', pseudonym: 'v3:BBBBBBBBBBBBBBBBBBBBBB' }],
    unchecked: ['query', 'members'],
    writes: false,
    write: {
      read: ACCESS.route ?? '',
      readStatus: 200,
      precondition: 'etag',
      changes: [
        { class: 'contact.email', kept: 1, putBack: 2, written: 0 },
        { class: undefined, kept: 4, putBack: 0, written: 0 },
      ],
      places: ["$['user'][*]"],
    },
    inbound: [{ class: 'payment.card', action: 'redact', count: 1 }],
    selfTest: true,
  }),
  'access-refused': apiActivity(REFUSED_ACCESS),
  'access-window': apiActivity({
    ...ACCESS,
    phase: PART.phase,
    address: '2001:db8::7',
    part: PART,
  }),
  'access-intent': apiActivity(INTENT),
  checkpoint: checkpointActivity({ id: WRITER.id, claim: CLAIM, jws: undefined }),
  'checkpoint-ended': checkpointActivity({
    id: WRITER.id,
    claim: { ...CLAIM, ended: true },
    jws: undefined,
  }),
  finding: detectionFinding(FINDING),
  'finding-of-a-role': detectionFinding({
    ...FINDING,
    claimedAddress: '203.0.113.7',
    per: 'role',
    owner: 'billing',
    observed: undefined,
  }),
  'finding-break-glass': revealFinding({
    ...REVEAL_FINDING,
    reveal: { ...REVEAL_FINDING.reveal, grant: { id: GRANT.grant, approver: 'dana' } },
  }),
  'finding-reveal': revealFinding(REVEAL_FINDING),
  'finding-self-test': selfTestFinding(SELF_TEST_FINDING),
  'finding-self-test-direct': selfTestFinding({
    ...SELF_TEST_FINDING,
    check: 'direct',
    name: 'helpdesk',
    route: undefined,
    roles: [],
    classes: [],
    accessId: undefined,
    refuses: false,
  }),
  'finding-self-test-passed': selfTestFinding({ ...SELF_TEST_FINDING, state: 'passed' }),
  grant: grantActivity(GRANT),
  login: loginActivity(LOGIN),
  'policy-loaded': policyActivity(POLICY_LOADED),
  'policy-refused': policyActivity({ ...POLICY_LOADED, activity: 'refused', faults: 3 }),
  redaction: redactionActivity(REDACTION),
  refusals: refusalsActivity(REFUSALS),
  'retention-held': holdActivity(HOLDS.person, 'held', HOLDS.person.placed),
  'retention-purged': purgeActivity(PURGE),
  revocation: revocationActivity(REVOCATION),
  'writer-began': writerActivity(WRITER),
  'writer-after-a-break': writerActivity({ ...WRITER, broken: BROKEN }),
}

/** As they are read back from a store. */
export const SAMPLES: Readonly<Record<string, ReadRecord>> = Object.fromEntries(
  Object.entries(RECORDS).map(([kind, record]) => [kind, storedAndRead(record)]),
)
