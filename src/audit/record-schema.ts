/**
 * The JSON Schema (2020-12) of a stored record: the envelope whole, of the OCSF event what every one has, and our own part of
 * it, by type. `celosia schema record` prints it; config/record.schema.json is that text. What OCSF says of the rest of an
 * event is OCSF's.
 */
import { PROXY_MARKS, TRANSPORTS } from '../core/transports.ts'
import { STREAM_OF } from '../core/audit-record.ts'
import type { RecordType } from '../core/audit-record.ts'
import { REASONS } from '../core/reasons.ts'

type Schema = Readonly<Record<string, unknown>>

const TEXT = { type: 'string' }
const COUNT = { type: 'integer', minimum: 0 }
const MS = { type: 'integer' }
const HASH = { type: 'string', pattern: '^[0-9a-f]{64}$' }
const UUID = {
  type: 'string',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
}
const PSEUDONYM = { type: 'string', pattern: '^v[1-9][0-9]*:.+$' }
const REASON = { enum: Object.keys(REASONS) }
const DECISION = { enum: ['permit', 'deny'] }

const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })
const list = (items: Schema): Schema => ({ type: 'array', items })

/** An object of these members; those with a name that ends in `?` may be left out. */
function members(properties: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(properties)
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name.replace('?', ''), schema]),
    ),
    required: names.filter((name) => !name.endsWith('?')),
  }
}

const classes = list(members({ class: TEXT, shown: COUNT, masked: COUNT, revealed: COUNT }))

const access = members({
  phase: { enum: ['intent', 'outcome', 'opening', 'interim', 'closing'] },
  'intent_id?': UUID,
  route: orNull(TEXT),
  policy_sha256: HASH,
  assurance: list(TEXT),
  transport: { enum: [...TRANSPORTS] },
  'proxy?': list({ enum: [...PROXY_MARKS] }),
  decision: DECISION,
  reasons: list(REASON),
  classes,
  data_subjects: list(members({ kind: orNull(TEXT), pseudonym: orNull(PSEUDONYM), classes })),
  data_subjects_truncated: { type: 'boolean' },
  'locations?': list(
    members({ at: TEXT, class: orNull(TEXT), rule: TEXT, operator: TEXT, count: COUNT }),
  ),
  'locations_truncated?': { type: 'boolean' },
  durability: { enum: ['strict', 'relaxed'] },
  duration_ms: { type: 'number', minimum: 0 },
  upstream_status: orNull(COUNT),
  'claimed_address?': TEXT,
  'search_terms?': list(members({ class: TEXT, pseudonym: PSEUDONYM })),
  'write?': members({
    read: TEXT,
    read_status: orNull(COUNT),
    precondition: { enum: ['etag', 'lastModified', 'none'] },
    classes: list(members({ name: orNull(TEXT), kept: COUNT, put_back: COUNT, written: COUNT })),
    'places?': list(TEXT),
  }),
  'purpose?': members({ name: TEXT, header: TEXT, ticket: orNull(TEXT) }),
  'reveal?': members({
    classes: list(TEXT),
    reason: orNull(TEXT),
    ticket: orNull(TEXT),
    'text?': TEXT,
    'grant?': TEXT,
    'approver?': TEXT,
  }),
  'inbound?': list(members({ class: TEXT, action: TEXT, count: COUNT })),
  'unlisted_sample?': members({
    finds: list(
      members({ at: TEXT, class: TEXT, named: { type: 'boolean' }, count: COUNT, whole: COUNT }),
    ),
    truncated: { type: 'boolean' },
  }),
  'unchecked?': list(TEXT),
  'window?': COUNT,
  'bytes_before?': COUNT,
  'self_test?': { const: true },
})

const finding = members({
  rule: TEXT,
  policy_sha256: HASH,
  classes: list(TEXT),
  'access_id?': UUID,
  'observed?': orNull(COUNT),
  'rules?': list(TEXT),
  'by?': TEXT,
  'per?': { enum: ['subject', 'role', 'session', 'address', 'dataSubject', 'counters'] },
  'owner?': TEXT,
  'counted?': TEXT,
  'over?': COUNT,
  'within_ms?': COUNT,
  'baseline?': members({
    role: TEXT,
    median: { type: 'number', minimum: 0 },
    mad: { type: 'number', minimum: 0 },
    agent_days: COUNT,
    score: { type: 'number' },
    score_over: { type: 'number' },
    days_over: COUNT,
    on: COUNT,
    of: COUNT,
  }),
  'actions?': list(TEXT),
  'reason?': orNull(TEXT),
  'ticket?': orNull(TEXT),
  'grant?': TEXT,
  'approver?': TEXT,
  'claimed_address?': TEXT,
  'check?': { enum: ['hidden', 'planted', 'direct'] },
  'canary?': TEXT,
  'route?': orNull(TEXT),
})

const grant = members({
  activity: { enum: ['requested', 'approved', 'revoked', 'reviewed'] },
  grant: TEXT,
  by: orNull(TEXT),
  subject: orNull(TEXT),
  issuer: orNull(TEXT),
  classes: list(TEXT),
})

const redaction = members({
  phase: { enum: ['intent', 'outcome'] },
  'intent_id?': UUID,
  run: UUID,
  by: TEXT,
  connector_sha256: HASH,
  policy_sha256: HASH,
  resource: TEXT,
  record: PSEUDONYM,
  places: list(members({ location: TEXT, classes: list(members({ class: TEXT, count: COUNT })) })),
  places_truncated: { type: 'boolean' },
  'outcome?': { enum: ['redacted', 'left', 'failed'] },
})

const writer = members({
  activity: { enum: ['began', 'reconciled', 'ended'] },
  writer: TEXT,
  broken: orNull(members({ writer: TEXT, sequence: COUNT, hash: HASH })),
})

const checkpoint = members({
  activity: { const: 'checkpoint' },
  v: { const: 1 },
  writer: TEXT,
  sequence: COUNT,
  hash: HASH,
  time: MS,
  ended: { type: 'boolean' },
  open_from: COUNT,
  jws: orNull(TEXT),
})

const retention = {
  oneOf: [
    members({
      activity: { const: 'purged' },
      v: { const: 1 },
      time: MS,
      runs: list(members({ writer: TEXT, from: COUNT, to: COUNT, previous: HASH, hash: HASH })),
      records: COUNT,
      before: members({ 'records?': MS, 'findings?': MS, 'chain?': MS }),
      holds: list(TEXT),
      jws: TEXT,
    }),
    members({
      activity: { enum: ['held', 'released'] },
      hold: TEXT,
      by: TEXT,
      subject: orNull(TEXT),
      pseudonyms: list(PSEUDONYM),
    }),
  ],
}

/** Our own part of the event, `unmapped.celosia`, of each type. */
const OWN: Readonly<Record<RecordType, Schema>> = {
  access,
  refusals: members({
    policy_sha256: HASH,
    decision: { const: 'deny' },
    reasons: list(members({ reason: REASON, count: COUNT })),
  }),
  policy: members({
    activity: { enum: ['loaded', 'reloaded', 'refused'] },
    policy_sha256: orNull(HASH),
    faults: COUNT,
    'changes?': members({ looser: COUNT, unclear: COUNT, stricter: COUNT }),
  }),
  revocation: members({
    kind: { enum: ['token', 'session', 'subject'] },
    issuer: TEXT,
    source: TEXT,
    until: orNull({ type: 'number' }),
  }),
  login: members({ policy_sha256: HASH, assurance: list(TEXT), 'claimed_address?': TEXT }),
  grant,
  redaction,
  finding,
  writer,
  checkpoint,
  retention,
}

const event = (own: Schema): Schema => ({
  type: 'object',
  description: 'An event of OCSF 1.9.',
  required: [
    'category_uid',
    'class_uid',
    'activity_id',
    'type_uid',
    'severity_id',
    'time',
    'metadata',
    'unmapped',
  ],
  properties: {
    category_uid: COUNT,
    class_uid: { enum: [2004, 2006, 3002, 3004, 6003] },
    activity_id: COUNT,
    type_uid: COUNT,
    severity_id: COUNT,
    time: MS,
    metadata: {
      type: 'object',
      required: ['uid', 'version', 'product'],
      properties: { uid: UUID, version: { const: '1.9.0' }, product: { type: 'object' } },
    },
    unmapped: members({ celosia: own }),
  },
})

export const RECORD_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Celosía audit record',
  description:
    'One record as the stores keep it. docs/audit-chain.md says what the hashes are made of.',
  ...members({
    v: { const: 1, description: 'Version of this form.' },
    writer: { ...UUID, description: 'Who wrote it: one run of one process.' },
    sequence: {
      type: 'integer',
      minimum: 1,
      description: 'Number among the records of the writer.',
    },
    previous: { ...HASH, description: 'Hash of the record before it; zeros in the first.' },
    id: { ...UUID, description: 'The key to de-duplicate by.' },
    type: { enum: Object.keys(STREAM_OF), description: 'What it is about.' },
    severity: { type: 'integer', minimum: 0, maximum: 6, description: 'OCSF severity_id.' },
    event_sha256: { ...HASH, description: 'SHA-256 of the canonical JSON of the event.' },
    event: { type: 'object' },
  }),
  allOf: Object.entries(OWN).map(([type, own]) => ({
    if: { properties: { type: { const: type } } },
    // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
    then: { properties: { event: event(own) } },
  })),
}
