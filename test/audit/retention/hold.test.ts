/** What a hold keeps: whatever names its agent or its data subject, wherever a record does. */
import { test } from 'tap'
import { apiActivity } from '../../../src/audit/api-activity.ts'
import { detectionFinding } from '../../../src/audit/detection-finding.ts'
import { grantActivity } from '../../../src/audit/grant-activity.ts'
import { holdMatcher, holdText, parseHold, type Hold } from '../../../src/audit/retention/hold.ts'
import { redactionActivity } from '../../../src/audit/redaction-activity.ts'
import { revocationActivity } from '../../../src/audit/revocation-activity.ts'
import { unblockFinding } from '../../../src/audit/unblock-finding.ts'
import type { Pseudonym } from '../../../src/core/audit-facts.ts'
import { ACCESS, FINDING, GRANT, REDACTION, REVOCATION } from '../../helpers/audit-facts.ts'

const STEP = { by: 'dana', atMs: 1, record: 'r' }
const HOLDS: readonly Hold[] = [
  { name: 'agent', agent: 'agent-9', placed: STEP },
  { name: 'person', pseudonyms: ['v1:nine', 'v2:nine'], placed: STEP },
]
const SUBJECT = { ...ACCESS.subject, id: 'agent-9' }
const UNBLOCK = {
  id: ACCESS.id,
  timeMs: ACCESS.timeMs,
  by: 'dana',
  policy: ACCESS.policy,
  rules: ['many'],
}
const person = (pseudonym: Pseudonym) => ({ kind: 'user', pseudonym, classes: [] })

const CASES = [
  ['an access of others', apiActivity(ACCESS), []],
  ['an access of the agent', apiActivity({ ...ACCESS, subject: SUBJECT }), ['agent']],
  [
    'an access that shows the person',
    apiActivity({ ...ACCESS, dataSubjects: [person('v1:one'), person('v2:nine')] }),
    ['person'],
  ],
  [
    'an access to more people than it names',
    apiActivity({ ...ACCESS, dataSubjectsTruncated: true }),
    ['person'],
  ],
  ['a finding about others', detectionFinding(FINDING), []],
  ['a finding about the agent', detectionFinding({ ...FINDING, subject: SUBJECT }), ['agent']],
  [
    'a finding about who looks at the person',
    detectionFinding({ ...FINDING, per: 'dataSubject', owner: 'v1:nine' }),
    ['person'],
  ],
  [
    'the end of responses to the agent',
    unblockFinding({ ...UNBLOCK, per: 'subject', owner: 'agent-9' }),
    ['agent'],
  ],
  [
    'the end of responses about the person',
    unblockFinding({ ...UNBLOCK, per: 'dataSubject', owner: 'v2:nine' }),
    ['person'],
  ],
  ['what the agent did to a grant', grantActivity({ ...GRANT, by: 'agent-9' }), ['agent']],
  ['a grant for the agent', grantActivity({ ...GRANT, subject: SUBJECT }), ['agent']],
  [
    'the end of the agent’s tokens',
    revocationActivity({ ...REVOCATION, kind: 'subject', value: 'agent-9', untilS: 1 }),
    ['agent'],
  ],
  ['a redaction', redactionActivity(REDACTION), []],
  ['a redaction of the person', redactionActivity({ ...REDACTION, record: 'v1:nine' }), ['person']],
] as const

test('a hold keeps', (t) => {
  const holdsOf = holdMatcher(HOLDS)
  for (const [what, record, names] of CASES) t.same(holdsOf(record), names, what)
  t.same(holdMatcher([])(CASES[1][1]), [], 'nothing where there is none')
  t.end()
})

test('a hold is written only where it can be read again, or no purge would ever be done', (t) => {
  const pseudonyms = (count: number) => Array.from({ length: count }, (_, i) => `v${i}:x`)
  // As many versions as a policy may have of its key.
  const most: Hold = { name: 'case-1', pseudonyms: pseudonyms(101), placed: STEP }
  for (const hold of [...HOLDS, most]) t.same(parseHold(holdText(hold)), hold)
  for (const hold of [
    { ...most, pseudonyms: pseudonyms(129) },
    { ...most, pseudonyms: [] },
    { ...most, placed: { ...STEP, by: '' } },
    { ...most, agent: 'both' },
    { ...most, name: 'Case 1' },
  ])
    t.throws(() => holdText(hold), { code: 'ERR_AUDIT_UNAVAILABLE' })
  t.end()
})
