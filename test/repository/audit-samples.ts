/** The facts behind the sample record of docs/audit.md. */
import type { ChainHead } from '../../src/audit/chain/envelope.ts'
import type { AccessFacts } from '../../src/core/audit-facts.ts'
import type { FindingFacts } from '../../src/core/finding-facts.ts'

const POLICY = '3cd84627a6b13c2b368ff7e4e490764271d3de5d2bc59ae6853fa2db21978f84'
const CLASSES = [
  { class: 'contact.email', shown: 0, masked: 1, revealed: 0 },
  { class: 'person.name', shown: 1, masked: 0, revealed: 0 },
]
const CALLER = {
  timeMs: Date.UTC(2026, 10, 23, 10, 0, 0),
  requestId: '019ab0c2-7d3e-7c41-9f0a-000000000001',
  subject: {
    id: 'agent-1',
    issuer: 'https://idp.example.com/realms/support',
    roles: ['agent'],
    session: 's-17',
    assurance: ['second-factor'],
  },
  address: '192.0.2.10',
  policy: POLICY,
}

/** The record before it in its chain. */
export const headOfDocs: ChainHead = {
  writer: '019ab0c2-0000-7000-8000-0000000000aa',
  sequence: 16,
  hash: '7d1a4f0c3b6e59287d1a4f0c3b6e59287d1a4f0c3b6e59287d1a4f0c3b6e5928',
}

export const accessOfDocs: AccessFacts = {
  ...CALLER,
  id: '019ab0c2-7d3e-7c41-9f0a-6b1d2e3f4a5b',
  phase: 'outcome',
  intentId: undefined,
  durationMs: 12.345,
  transport: 'bearer',
  method: 'GET',
  route: 'GET /api/v2/users/{id:integer}',
  upstream: 'helpdesk',
  upstreamStatus: 200,
  status: 200,
  effect: 'permit',
  reasons: ['role-permits'],
  classes: CLASSES,
  dataSubjects: [{ kind: 'user', pseudonym: 'v1:Zr5kq0l2m8Tn4bVxY7aWcQ', classes: CLASSES }],
  dataSubjectsTruncated: false,
  durability: 'strict',
}

export const findingOfDocs: FindingFacts = {
  ...CALLER,
  id: '019ab0c2-7d3e-7c41-9f0a-6b1d2e3f4a5c',
  rule: 'repeated card look-ups',
  counted: 'dataSubject',
  per: 'role',
  owner: 'agent',
  classes: ['payment.card'],
  observed: 21,
  over: 20,
  withinMs: 600_000,
  actions: ['flag'],
  accessId: '019ab0c2-7d3e-7c41-9f0a-6b1d2e3f4a5b',
}
