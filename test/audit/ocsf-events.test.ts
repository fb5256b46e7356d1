/** Our events: word for word, by OCSF's own schemas, and without what has no place in the audit. */
import { METHODS } from 'node:http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test, type Test } from 'tap'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { canonicalJson } from '../../src/audit/chain/canonical-json.ts'
import { checkpointActivity } from '../../src/audit/chain/checkpoint.ts'
import { detectionFinding } from '../../src/audit/detection-finding.ts'
import { fitRecord } from '../../src/audit/export/drop-detail.ts'
import { ocsfJson } from '../../src/audit/export/ocsf-json.ts'
import { grantActivity } from '../../src/audit/grant-activity.ts'
import { loginActivity } from '../../src/audit/login-activity.ts'
import { policyActivity } from '../../src/audit/policy-activity.ts'
import { RECORD_SCHEMA } from '../../src/audit/record-schema.ts'
import { recordLine, recordOfLine } from '../../src/audit/record-codec.ts'
import { unknownOutcome, withoutSubjects } from '../../src/audit/reconcile/open-access.ts'
import { redactionActivity } from '../../src/audit/redaction-activity.ts'
import { refusalsActivity } from '../../src/audit/refusals-activity.ts'
import { revealFinding } from '../../src/audit/reveal-finding.ts'
import { revocationActivity } from '../../src/audit/revocation-activity.ts'
import { holdActivity, purgeActivity } from '../../src/audit/retention/retention-activity.ts'
import { writerActivity } from '../../src/audit/writer-activity.ts'
import type { AccessFacts } from '../../src/core/audit-facts.ts'
import { STREAM_OF, type AuditRecord } from '../../src/core/audit-record.ts'
import { REASONS, type Reason } from '../../src/core/reasons.ts'
import {
  ACCESS,
  BASELINE_FINDING,
  FINDING,
  GRANT,
  HOLDS,
  INTENT,
  POLICY_LOADED,
  PURGE,
  REDACTION,
  REFUSALS,
  REFUSED_ACCESS,
  REVEAL_FINDING,
  LOGIN,
  REVOCATION,
  WRITER_BEGAN,
} from '../helpers/audit-facts.ts'
import { newChain, sealAll } from '../helpers/audit-writers.ts'
import { ocsfFaults, requireOcsf } from '../helpers/ocsf.ts'
import { SAMPLES } from './export/samples.ts'

const CLASS_UIDS: Readonly<Record<string, number>> = {
  api_activity: 6003,
  authentication: 3002,
  detection_finding: 2004,
  entity_management: 3004,
}

const ONE = { at: "$['a']", class: 'contact.email', rule: 'r', operator: 'email', count: 2 }
const LOCATIONS = [
  ONE,
  { at: "$['users'][*][*]", class: undefined, rule: 'unlisted', operator: 'mask', count: 1 },
]
const CLAIM = {
  writer: WRITER_BEGAN.writer,
  sequence: 7,
  hash: 'a'.repeat(64),
  timeMs: 1,
  ended: false,
  openFrom: 8,
}

const EVERYTHING: AccessFacts = {
  ...ACCESS,
  phase: 'interim',
  intentId: INTENT.id,
  claimedAddress: '192.0.2.9',
  transport: 'header',
  proxy: ['certificate'],
  terms: [{ class: 'contact.email', pseudonym: 'v1:Zr5kq0l2m8Tn4bVxY7aWcQ' }],
  unchecked: ['body', 'answer'],
  inbound: [{ class: 'payment.card', action: 'redact', count: 2 }],
  write: {
    read: 'GET /x',
    readStatus: 200,
    precondition: 'etag',
    changes: [{ class: undefined, kept: 1, putBack: 0, written: 2 }],
    places: ['$.a'],
  },
  reveal: {
    classes: ['payment.card'],
    reason: 'refund',
    ticket: '8123',
    grant: { id: 'g', approver: 'dana' },
  },
  locations: LOCATIONS,
  part: { phase: 'interim', window: 2, bytesBefore: 9 },
}

/** Every record that the tests below look at, by the schema of its class. */
const RECORDS: readonly (readonly [schema: string, name: string, record: AuditRecord])[] = [
  ['api_activity', 'access', apiActivity(ACCESS)],
  ['api_activity', 'refused access', apiActivity(REFUSED_ACCESS)],
  ...METHODS.map((method) => ['api_activity', method, apiActivity({ ...ACCESS, method })] as const),
  ...['::1', '::ffff:192.0.2.1', 'fe80::1%eth0', '', 'example', '192.0.2.1, 192.0.2.2'].map(
    (address) => ['api_activity', `from ${address}`, apiActivity({ ...ACCESS, address })] as const,
  ),
  ...(Object.keys(REASONS) as Reason[]).map(
    (reason) =>
      ['api_activity', reason, apiActivity({ ...REFUSED_ACCESS, reasons: [reason] })] as const,
  ),
  [
    'api_activity',
    'fractions of milliseconds',
    apiActivity({ ...ACCESS, timeMs: 1.5, durationMs: 0.4 }),
  ],
  ['api_activity', 'intent', apiActivity(INTENT)],
  ['api_activity', 'with a ledger of locations', apiActivity({ ...ACCESS, locations: LOCATIONS })],
  [
    'entity_management',
    'checkpoint',
    checkpointActivity({ id: WRITER_BEGAN.id, claim: CLAIM, jws: undefined }),
  ],
  [
    'api_activity',
    'outcome of an intent',
    apiActivity({ ...ACCESS, method: 'PATCH', intentId: INTENT.id }),
  ],
  ...[INTENT, { ...ACCESS, phase: 'opening' as const }].map((facts) => {
    const { event } = apiActivity(facts)
    const open = { requestId: 'r', writer: 'w', event }
    return ['api_activity', `unknown after ${facts.phase}`, unknownOutcome(open, 1)] as const
  }),
  ['api_activity', 'with all that a record may have', apiActivity(EVERYTHING)],
  ['entity_management', 'purge', purgeActivity(PURGE)],
  ...Object.values(HOLDS).flatMap((hold) =>
    (['held', 'released'] as const).map(
      (activity) =>
        [
          'entity_management',
          `${hold.name} ${activity}`,
          holdActivity(hold, activity, hold.placed),
        ] as const,
    ),
  ),
  ['api_activity', 'refusals', refusalsActivity(REFUSALS)],
  ['detection_finding', 'finding', detectionFinding(FINDING)],
  ['detection_finding', 'of a baseline', detectionFinding(BASELINE_FINDING)],
  ['detection_finding', 'flagged only', detectionFinding({ ...FINDING, actions: ['flag'] })],
  ['authentication', 'login', loginActivity(LOGIN)],
  [
    'authentication',
    'login through a proxy',
    loginActivity({ ...LOGIN, address: '', claimedAddress: '203.0.113.7' }),
  ],
  ['authentication', 'token revoked', revocationActivity(REVOCATION)],
  ['authentication', 'subject revoked', revocationActivity({ ...REVOCATION, kind: 'subject' })],
  ['detection_finding', 'reveal', revealFinding(REVEAL_FINDING)],
  [
    'detection_finding',
    'reveal by break-glass',
    revealFinding({
      ...REVEAL_FINDING,
      reveal: { ...REVEAL_FINDING.reveal, grant: { id: 'g', approver: 'dana' } },
    }),
  ],
  ...(['requested', 'approved', 'revoked', 'reviewed'] as const).map(
    (activity) =>
      ['entity_management', `grant ${activity}`, grantActivity({ ...GRANT, activity })] as const,
  ),
  ...([undefined, 'redacted', 'left', 'failed'] as const).map(
    (outcome) =>
      [
        'entity_management',
        `redaction ${outcome ?? 'intent'}`,
        redactionActivity(
          outcome === undefined
            ? { ...REDACTION, phase: 'intent', intentId: undefined, outcome }
            : { ...REDACTION, outcome },
        ),
      ] as const,
  ),
  ['entity_management', 'policy loaded', policyActivity(POLICY_LOADED)],
  [
    'entity_management',
    'policy reloaded',
    policyActivity({ ...POLICY_LOADED, activity: 'reloaded' }),
  ],
  ['entity_management', 'writer began', writerActivity(WRITER_BEGAN)],
  ['entity_management', 'writer ended', writerActivity({ ...WRITER_BEGAN, activity: 'ended' })],
  [
    'entity_management',
    'writer after a broken chain',
    writerActivity({ ...WRITER_BEGAN, broken: { writer: 'w', sequence: 7, hash: CLAIM.hash } }),
  ],
  [
    'entity_management',
    'policy refused',
    policyActivity({ ...POLICY_LOADED, activity: 'refused', faults: 3 }),
  ],
  [
    'entity_management',
    'no policy at all',
    policyActivity({ ...POLICY_LOADED, activity: 'refused', policy: undefined, faults: 1 }),
  ],
]

test('every event is valid by the schema of its OCSF class', (t: Test) => {
  if (requireOcsf(t)) {
    for (const [schema, name, record] of RECORDS) {
      t.equal(record.event['class_uid'], CLASS_UIDS[schema], name)
      t.same(ocsfFaults(record.event), [], name)
    }
  }
  t.end()
})

test('an event that lost detail is a valid event of its class, until all but its head is gone', (t: Test) => {
  if (requireOcsf(t)) {
    const lost = new Set<string>()
    for (const [kind, read] of Object.entries(SAMPLES)) {
      for (let bytesMax = 4_000; ; bytesMax -= 40) {
        const fitted = fitRecord(read, bytesMax, ocsfJson)
        if (fitted === undefined || fitted.truncated.includes('event')) break
        t.same(ocsfFaults(JSON.parse(fitted.text) as object), [], `${kind} ${fitted.truncated}`)
        for (const part of fitted.truncated) lost.add(part)
      }
    }
    t.same([...lost].toSorted(), ['classes', 'data_subjects', 'locations', 'own'])
  }
  t.end()
})

test('every record is valid by our own schema, and by no looser one', (t: Test) => {
  const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
    RECORD_SCHEMA,
  )
  const types = new Set<string>()
  for (const [, name, record] of RECORDS) {
    types.add(record.type)
    const stored = storedForm(record)
    t.ok(validate(stored), name, { errors: validate.errors })
    const own = (stored['event'] as { unmapped: { celosia: object } }).unmapped.celosia
    const more = {
      ...stored,
      event: { ...(stored['event'] as object), unmapped: { celosia: { ...own, more: 1 } } },
    }
    t.notOk(validate(more), `${name}, with something more`)
  }
  t.same([...types].toSorted(), Object.keys(STREAM_OF).toSorted(), 'of every type')
  t.notOk(validate({}))
  t.end()
})

test('a ledger of locations is bounded, and the end of an access that was left open repeats none', (t: Test) => {
  const own = (record: AuditRecord) =>
    (record.event['unmapped'] as { celosia: Record<string, unknown> }).celosia
  const of = (count: number, at: string) =>
    own(
      apiActivity({ ...ACCESS, locations: Array.from({ length: count }, () => ({ ...ONE, at })) }),
    )
  t.match(of(500, '$.a'), { locations: { length: 500 }, locations_truncated: false })
  t.match(of(501, '$.a'), { locations: { length: 500 }, locations_truncated: true })
  t.match(of(500, 'x'.repeat(4_096)), { locations: { length: 16 }, locations_truncated: true })
  const others = { at: '(others)', class: null, rule: '(others)', operator: '(others)', count: 4 }
  t.same(
    (of(501, '$.a')['locations'] as unknown[]).at(-1),
    others,
    'two entries are counted in one',
  )
  const { event } = apiActivity({ ...ACCESS, phase: 'opening', locations: LOCATIONS })
  const closing = unknownOutcome({ requestId: 'r', writer: 'w', event: withoutSubjects(event) }, 1)
  t.same(own(closing)['locations'], undefined)
  t.end()
})

/** A record as a store keeps it. */
function storedForm(record: AuditRecord): Record<string, unknown> {
  const [sealed] = sealAll([record], newChain())
  return { ...sealed?.envelope, event: JSON.parse(sealed?.eventText ?? '') as object }
}

/** Its event, without the members that do not apply. */
function eventAsStored({ event }: AuditRecord): Record<string, unknown> {
  return JSON.parse(canonicalJson(event)) as Record<string, unknown>
}

test('every event carries the id, the severity and the time of its record, and survives the codec', (t: Test) => {
  for (const [, name, record] of RECORDS) {
    t.match(record.event, { metadata: { uid: record.id }, severity_id: record.severity }, name)
    t.ok(Number.isSafeInteger(record.event['time']), name)
    const [sealed] = sealAll([record], newChain())
    const read = sealed && recordOfLine(recordLine(sealed).subarray(0, -1))
    t.same(read?.record, JSON.parse(JSON.stringify(record)), name)
    t.equal(read?.eventText, sealed?.eventText, name)
  }
  t.end()
})

test('accesses are made in the order in which they are stored', (t: Test) => {
  const accesses = RECORDS.filter(([, , { type }]) => type === 'access')
  t.ok(accesses.length > 5)
  for (const [, name, { event }] of accesses) {
    // Those that are made from what is stored have its order, with one member in another place.
    if (name.startsWith('unknown after')) continue
    t.equal(JSON.stringify(event), canonicalJson(event), name)
  }
  t.end()
})

test('an access says who, on which route, with what outcome, and what left of whom', (t: Test) => {
  const { event, ...flat } = apiActivity(ACCESS)
  t.same(flat, { id: ACCESS.id, type: 'access', severity: 1 })
  t.same(event, {
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6003,
    class_name: 'API Activity',
    activity_id: 2,
    activity_name: 'Read',
    type_uid: 600302,
    type_name: 'API Activity: Read',
    severity_id: 1,
    severity: 'Informational',
    time: 1795000000123,
    duration: 12,
    status_id: 1,
    status: 'Success',
    status_code: '200',
    status_detail: 'role-permits',
    action_id: 4,
    action: 'Modified',
    disposition_id: 1,
    disposition: 'Allowed',
    metadata: {
      version: '1.9.0',
      uid: ACCESS.id,
      product: { name: 'Celosía', vendor_name: 'Celosía', feature: { name: 'audit' } },
      profiles: ['security_control'],
      correlation_uid: 'request-1',
    },
    actor: {
      user: { uid: 'agent-7', groups: [{ name: 'agent' }, { name: 'billing' }] },
      session: { issuer: 'https://idp.example.com/realms/support', uid: 'session-1' },
    },
    src_endpoint: { ip: '192.0.2.7' },
    api: {
      operation: 'GET /api/v2/users/{id:integer}',
      request: { uid: 'request-1' },
      response: { code: 200 },
      service: { name: 'helpdesk' },
    },
    http_request: { uid: 'request-1', http_method: 'GET' },
    http_response: { code: 200 },
    policy: { uid: ACCESS.policy },
    unmapped: {
      celosia: {
        phase: 'outcome',
        route: 'GET /api/v2/users/{id:integer}',
        policy_sha256: ACCESS.policy,
        assurance: ['second-factor'],
        transport: 'bearer',
        decision: 'permit',
        reasons: ['role-permits'],
        classes: ACCESS.classes,
        data_subjects: [
          ACCESS.dataSubjects[0],
          {
            kind: null,
            pseudonym: null,
            classes: [{ class: 'contact.email', shown: 0, masked: 1, revealed: 0 }],
          },
        ],
        data_subjects_truncated: false,
        durability: 'strict',
        duration_ms: 12.346,
        upstream_status: 200,
      },
    },
  })
  t.end()
})

test('a refused access is a failure of low severity, without a path', (t: Test) => {
  const record = apiActivity(REFUSED_ACCESS)
  t.equal(record.severity, 2)
  t.match(record.event, {
    severity: 'Low',
    status: 'Failure',
    status_code: '404',
    status_detail: 'route-unlisted',
    action: 'Denied',
    disposition: 'Blocked',
    api: { operation: '(no route)' },
    unmapped: {
      celosia: { route: null, decision: 'deny', durability: 'relaxed', upstream_status: null },
    },
  })
  const { session } = eventAsStored(record)['actor'] as { session: object }
  t.notOk('uid' in session)
  t.end()
})

test('an intent has no status yet, and its outcome names it', (t: Test) => {
  const event = eventAsStored(apiActivity(INTENT))
  t.match(event, { activity_name: 'Update', status: 'Unknown', status_id: 0, action: 'Allowed' })
  const absent = ['status_code', 'http_response'].filter((name) => name in event)
  t.same(absent, [])
  t.same(event['api'], {
    operation: INTENT.route,
    request: { uid: 'request-1' },
    service: { name: 'helpdesk' },
  })
  t.match(event['unmapped'], { celosia: { phase: 'intent', upstream_status: null } })
  const outcome = apiActivity({ ...ACCESS, intentId: INTENT.id }).event
  t.match(outcome['unmapped'], { celosia: { phase: 'outcome', intent_id: INTENT.id } })
  t.end()
})

test('activities follow the method, and control what was masked', (t: Test) => {
  t.same(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map(activityOf), [
    'Read',
    'Read',
    'Create',
    'Update',
    'Update',
    'Delete',
    'Other',
  ])
  t.equal(apiActivity({ ...ACCESS, classes: [] }).event['action'], 'Allowed')
  t.equal(apiActivity({ ...ACCESS, status: 404 }).event['status'], 'Failure')
  t.end()
})

test('a subject or session that is no Unicode text can be recorded', (t: Test) => {
  const subject = { ...ACCESS.subject, id: 'a\ud800b', session: '\udc00' }
  const record = apiActivity({ ...ACCESS, subject })
  t.match(record.event['actor'], { user: { uid: 'a\ufffdb' }, session: { uid: '\ufffd' } })
  t.equal(sealAll([record], newChain()).length, 1)
  t.end()
})

test('what is no address does not get into the audit, and a mapped one is IPv4', (t: Test) => {
  t.same(sourceOf('jane@example.com'), { name: 'unknown' })
  t.same(sourceOf('::ffff:192.0.2.1'), { ip: '192.0.2.1' })
  t.same(sourceOf('2001:db8::1'), { ip: '2001:db8::1' })
  t.end()
})

test('parts that an object carries beside those declared stay out of the audit', (t: Test) => {
  const smuggled = {
    class: 'contact.email',
    shown: 1,
    masked: 0,
    revealed: 0,
    value: 'jane@example.com',
  }
  const dataSubject = { kind: 'user', pseudonym: 'v1:x', classes: [smuggled], id: '4711' } as const
  const record = apiActivity({ ...ACCESS, classes: [smuggled], dataSubjects: [dataSubject] })
  t.notMatch(JSON.stringify(record), /jane|4711/)
  t.end()
})

test('a finding of a baseline says with what a day was compared', (t: Test) => {
  const { event } = detectionFinding(BASELINE_FINDING)
  t.match(event, {
    finding_info: { title: 'Look-ups far above those of the role: more than the role' },
    unmapped: { celosia: { observed: 91, over: 74, baseline: { score: 5.08, score_over: 3.5 } } },
  })
  t.equal(
    event['message'],
    '91 data subjects looked at (payment.card) in one day by subject agent-7. Others with the role agent: median 42 a day, MAD 6.5, of 812 days of theirs. Robust z-score 5.08, too much above 3.5. Too much on 3 of the last 7 days. Then: flag, block.',
  )
  t.end()
})

test('a finding names rule, counts and the access that passed the threshold', (t: Test) => {
  const record = detectionFinding(FINDING)
  t.same([record.type, record.severity], ['finding', 3])
  t.match(record.event, {
    type_uid: 200401,
    status: 'New',
    is_alert: true,
    action: 'Denied',
    disposition: 'Blocked',
    metadata: { correlation_uid: 'request-1' },
    actor: { user: { uid: 'agent-7' } },
    evidences: [{ src_endpoint: { ip: '2001:db8::7' } }],
    finding_info: {
      title: 'Look-ups over the threshold: repeated card look-ups',
      analytic: { type: 'Rule', name: 'repeated card look-ups' },
      first_seen_time: FINDING.timeMs - 600_000,
      last_seen_time: FINDING.timeMs,
      related_events: [{ uid: ACCESS.id }],
    },
  })
  t.same(record.event['unmapped'], {
    celosia: {
      rule: 'repeated card look-ups',
      counted: 'dataSubject',
      policy_sha256: FINDING.policy,
      classes: ['payment.card'],
      observed: 21,
      over: 20,
      within_ms: 600_000,
      actions: ['flag', 'block'],
      access_id: ACCESS.id,
    },
  })
  const flagged = detectionFinding({ ...FINDING, actions: ['flag'] }).event
  t.match(flagged, { action: 'Observed', disposition: 'Alert' })
  t.end()
})

test('refusals are counted, and name nobody', (t: Test) => {
  const record = refusalsActivity(REFUSALS)
  t.same([record.type, record.severity], ['refusals', 2])
  t.match(record.event, {
    type_uid: 600399,
    count: 42,
    start_time: REFUSALS.fromMs,
    end_time: REFUSALS.toMs,
    duration: 60_000,
    status: 'Failure',
    actor: { app_name: 'unauthenticated' },
    unmapped: { celosia: { reasons: REFUSALS.counts } },
  })
  t.end()
})

test('a policy that was refused is of medium severity, and names the one in force', (t: Test) => {
  const loaded = policyActivity(POLICY_LOADED)
  t.same([loaded.type, loaded.severity], ['policy', 1])
  t.match(loaded.event, {
    type_uid: 300410,
    status: 'Success',
    entity: { policy: { uid: POLICY_LOADED.policy } },
  })
  const refused = policyActivity({ ...POLICY_LOADED, activity: 'refused', faults: 3 })
  t.equal(refused.severity, 3)
  t.match(refused.event, {
    type_uid: 300403,
    status: 'Failure',
    unmapped: { celosia: { activity: 'refused', policy_sha256: POLICY_LOADED.policy, faults: 3 } },
  })
  t.end()
})

function activityOf(method: string): unknown {
  return apiActivity({ ...ACCESS, method }).event['activity_name']
}

function sourceOf(address: string): unknown {
  return apiActivity({ ...ACCESS, address }).event['src_endpoint']
}

test('a write that was held against its record tells how that was read and what became of it', (t) => {
  const { event } = apiActivity({
    ...INTENT,
    write: {
      read: 'GET /api/v2/users/{id:integer}',
      readStatus: 200,
      precondition: 'etag',
      changes: [
        { class: 'contact.email', kept: 1, putBack: 2, written: 3 },
        { class: undefined, kept: 4, putBack: 0, written: 0 },
      ],
      places: ["$['user'][*]"],
    },
  })
  const { celosia } = event['unmapped'] as { celosia: { write: unknown } }
  t.same(celosia.write, {
    read: 'GET /api/v2/users/{id:integer}',
    read_status: 200,
    precondition: 'etag',
    classes: [
      { name: 'contact.email', kept: 1, put_back: 2, written: 3 },
      { name: null, kept: 4, put_back: 0, written: 0 },
    ],
    places: ["$['user'][*]"],
  })
  t.end()
})
