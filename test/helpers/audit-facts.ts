/** Facts for tests of events: one of each kind, with nothing left out. */
import type { Hold } from '../../src/audit/retention/hold.ts'
import type { PurgeFacts } from '../../src/audit/retention/retention-activity.ts'
import type { WriterFacts } from '../../src/audit/writer-activity.ts'
import type {
  AccessFacts,
  GrantFacts,
  PolicyFacts,
  RefusalFacts,
  RevealFindingFacts,
  RedactionFacts,
  RevocationFacts,
} from '../../src/core/audit-facts.ts'
import type { LoginFacts } from '../../src/core/login-facts.ts'
import type { FindingFacts } from '../../src/core/finding-facts.ts'
import type { SelfTestFindingFacts } from '../../src/core/self-test-facts.ts'

const POLICY = '5'.repeat(64)
const TIME_MS = 1_795_000_000_123

const SUBJECT = {
  id: 'agent-7',
  issuer: 'https://idp.example.com/realms/support',
  roles: ['agent', 'billing'],
  session: 'session-1',
  assurance: ['second-factor'],
} as const

/** An access that showed, masked and revealed. */
export const ACCESS: AccessFacts = {
  id: '019ab000-0000-7000-8000-000000000001',
  timeMs: TIME_MS,
  phase: 'outcome',
  intentId: undefined,
  durationMs: 12.345_678,
  requestId: 'request-1',
  subject: SUBJECT,
  transport: 'bearer',
  address: '192.0.2.7',
  method: 'GET',
  route: 'GET /api/v2/users/{id:integer}',
  upstream: 'helpdesk',
  upstreamStatus: 200,
  status: 200,
  effect: 'permit',
  reasons: ['role-permits'],
  policy: POLICY,
  classes: [
    { class: 'contact.email', shown: 0, masked: 2, revealed: 0 },
    { class: 'person.name', shown: 1, masked: 0, revealed: 1 },
  ],
  dataSubjects: [
    {
      kind: 'user',
      pseudonym: 'v3:AAAAAAAAAAAAAAAAAAAAAA',
      classes: [{ class: 'contact.email', shown: 0, masked: 1, revealed: 0 }],
    },
    {
      kind: undefined,
      pseudonym: undefined,
      classes: [{ class: 'contact.email', shown: 0, masked: 1, revealed: 0 }],
    },
  ],
  dataSubjectsTruncated: false,
  durability: 'strict',
}

/** An unsafe request before it goes on. */
export const INTENT: AccessFacts = {
  ...ACCESS,
  id: '019ab000-0000-7000-8000-000000000005',
  phase: 'intent',
  method: 'PATCH',
  route: 'PATCH /api/v2/users/{id:integer}',
  upstreamStatus: undefined,
  status: undefined,
  classes: [],
  dataSubjects: [],
}

/** An access that was refused before a route was found. */
export const REFUSED_ACCESS: AccessFacts = {
  ...ACCESS,
  subject: { ...SUBJECT, session: undefined },
  route: undefined,
  upstream: undefined,
  upstreamStatus: undefined,
  status: 404,
  effect: 'deny',
  reasons: ['route-unlisted'],
  classes: [],
  dataSubjects: [],
  durability: 'relaxed',
}

/** A threshold that was passed. */
export const FINDING: FindingFacts = {
  id: '019ab000-0000-7000-8000-000000000002',
  timeMs: TIME_MS,
  requestId: 'request-1',
  subject: SUBJECT,
  address: '2001:db8::7',
  policy: POLICY,
  rule: 'repeated card look-ups',
  counted: 'dataSubject',
  per: 'subject',
  owner: undefined,
  classes: ['payment.card'],
  observed: 21,
  over: 20,
  withinMs: 600_000,
  actions: ['flag', 'block'],
  accessId: ACCESS.id,
}

/** A day that was too much against those of others. */
export const BASELINE_FINDING: FindingFacts = {
  ...FINDING,
  rule: 'more than the role',
  observed: 91,
  over: 74,
  withinMs: 7 * 86_400_000,
  compared: {
    role: 'agent',
    median: 42,
    mad: 6.5,
    agentDays: 812,
    score: 5.084_692,
    scoreMax: 3.5,
    countMax: 74,
    daysOver: 3,
    on: 3,
    of: 7,
  },
}

/** An interval of refusals. */
export const REFUSALS: RefusalFacts = {
  id: '019ab000-0000-7000-8000-000000000003',
  timeMs: TIME_MS,
  fromMs: TIME_MS - 60_000,
  toMs: TIME_MS,
  policy: POLICY,
  counts: [
    { reason: 'token-missing', count: 40 },
    { reason: 'token-invalid', count: 2 },
  ],
}

/** A policy that was loaded. */
export const POLICY_LOADED: PolicyFacts = {
  id: '019ab000-0000-7000-8000-000000000004',
  timeMs: TIME_MS,
  activity: 'loaded',
  policy: POLICY,
  faults: 0,
}

/** The first words of a writer. */
export const WRITER_BEGAN: WriterFacts = {
  id: '019ab000-0000-7000-8000-000000000006',
  timeMs: TIME_MS,
  activity: 'began',
  writer: '019ab000-0000-7000-8000-0000000000aa',
  broken: undefined,
}

/** A browser that logged in. */
export const LOGIN: LoginFacts = {
  id: '019ab000-0000-7000-8000-0000000000e1',
  timeMs: TIME_MS,
  requestId: '019ab000-0000-7000-8000-0000000000e2',
  subject: SUBJECT,
  address: '192.0.2.7',
  claimedAddress: undefined,
  policy: 'b'.repeat(64),
}

/** A token that was revoked. */
export const REVOCATION: RevocationFacts = {
  id: '019ab000-0000-7000-8000-00000000000a',
  timeMs: TIME_MS,
  issuer: SUBJECT.issuer,
  kind: 'token',
  value: 'jti-1',
  untilS: 1_795_000_030,
  source: 'command',
}

/** A grant that was asked for. */
export const GRANT: GrantFacts = {
  id: '019ab000-0000-7000-8000-00000000000b',
  timeMs: TIME_MS,
  grant: '019ab000-0000-7000-8000-00000000000c',
  activity: 'requested',
  by: 'bob',
  subject: { id: SUBJECT.id, issuer: SUBJECT.issuer },
  classes: ['id.national'],
}

/** A record of the helpdesk that was redacted. */
export const REDACTION: RedactionFacts = {
  id: '019ab000-0000-7000-8000-0000000000e1',
  timeMs: TIME_MS,
  phase: 'outcome',
  intentId: '019ab000-0000-7000-8000-0000000000e2',
  run: '019ab000-0000-7000-8000-0000000000e3',
  by: 'dana',
  connector: 'c'.repeat(64),
  policy: POLICY,
  resource: 'comment',
  record: 'v1:Zr5kq0l2m8Tn4bVxY7aWcQ',
  places: [{ location: "$['body']", classes: [{ class: 'payment.card', count: 2 }] }],
  outcome: 'redacted',
}

/** A card that was revealed. */
export const REVEAL_FINDING: RevealFindingFacts = {
  id: '019ab000-0000-7000-8000-00000000000d',
  timeMs: TIME_MS,
  requestId: 'request-1',
  subject: SUBJECT,
  address: '192.0.2.7',
  policy: POLICY,
  claimedAddress: undefined,
  reveal: { classes: ['payment.card'], reason: 'refund', ticket: '8123' },
  accessId: ACCESS.id,
}

const PLACED = { by: 'dana', atMs: TIME_MS, record: '019ab000-0000-7000-8000-00000000000e' }

/** Holds of either sort. */
export const HOLDS: Readonly<Record<'agent' | 'person', Hold>> = {
  agent: { name: 'case-2026-14', agent: SUBJECT.id, placed: PLACED },
  person: { name: 'case-2026-15', pseudonyms: ['v1:Zr5kq0l2m8Tn4bVxY7aWcQ'], placed: PLACED },
}

/** A purge of 4,000 records. */
export const PURGE: PurgeFacts = {
  id: '019ab000-0000-7000-8000-00000000000f',
  claim: {
    timeMs: TIME_MS,
    runs: [
      {
        writer: '019ab000-0000-7000-8000-0000000000aa',
        from: 1,
        to: 4_000,
        previous: '0'.repeat(64),
        hash: 'a'.repeat(64),
      },
    ],
  },
  records: 4_000,
  before: { records: TIME_MS - 34_560_000_000, chain: TIME_MS - 34_560_000_000 },
  holds: ['case-2026-14'],
  jws: 'header.payload.signature',
}

/** A leak that the self-test found, on a route that is closed for it. */
export const SELF_TEST_FINDING: SelfTestFindingFacts = {
  id: '019ab000-0000-7000-8000-000000000012',
  timeMs: TIME_MS,
  policy: POLICY,
  state: 'failed',
  check: 'hidden',
  name: 'canary',
  upstream: 'helpdesk',
  route: 'GET /api/v2/users/{id:integer}',
  roles: ['agent', 'billing'],
  classes: ['contact.email', 'payment.card'],
  accessId: ACCESS.id,
  refuses: true,
}
