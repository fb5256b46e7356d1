/**
 * The JSON Schema of the shipping file (2020-12). `celosia schema ship` prints it, config/ship.schema.json is that text for
 * editors, and the loader checks with it.
 */
import { STREAM_OF } from '../../core/audit-record.ts'
import { CLASS, duration, HEADER, map, object, text } from '../../rules/policy/schema-parts.ts'
import { FORMATS } from '../encoder.ts'
import { SEVERITY_NAMES } from './document.ts'

const SINK_NAME = '^[a-z][a-z0-9-]{0,31}$'
/** Of a consumer group, a key, a token: printable, without blanks. */
const WORD = '^[!-~]{1,512}$'

const count = (description: string, minimum: number, maximum: number) => ({
  type: 'integer',
  minimum,
  maximum,
  description,
})

const unencrypted = {
  enum: ['allowed'],
  description: 'allowed: without TLS also to another machine. Everybody on the way can read it.',
}

const tls = object('Files in PEM, beside this one. Certificates are always verified.', {
  ca: text('Authorities to trust instead of the usual ones.'),
  cert: text('Our own certificate, where the receiver asks for one.'),
  key: text('Its key.'),
})

const headers = map('Headers of each request, such as a key.', HEADER, text('Value.'), {
  maxProperties: 20,
})

const syslog = object(
  'Syslog over TCP: RFC 5424 messages, octet counting (RFC 5425, RFC 6587).',
  {
    url: text('tls://siem.example.com:6514, or tcp://127.0.0.1:514'),
    tls,
    unencrypted,
    facility: count(
      'Facility of the messages (RFC 5424 6.2.1); 13 is log audit. Default 13.',
      0,
      23,
    ),
    hostname: text('HOSTNAME of the messages. Default: the name of this machine.', {
      maxLength: 255,
    }),
    enterpriseNumber: count(
      'The number in celosia@NUMBER of the structured data; this one is for examples (RFC 5612). Default 32473.',
      1,
      4_294_967_295,
    ),
    confirm: {
      enum: ['closed', 'received'],
      description:
        'closed: a batch counts once the receiver has ended the connection after us. received: once its machine has acknowledged the bytes, for receivers that do not end connections. Default closed.',
    },
  },
  ['url'],
)

const splunk = object(
  "Splunk's HTTP Event Collector.",
  {
    url: text('https://splunk.example.com:8088, without a path.'),
    token: text('The token: ${SPLUNK_TOKEN}', { pattern: WORD }),
    index: text('The index, where it is not the default of the token.', { pattern: WORD }),
    acknowledgement: object(
      'Wait until the events are indexed. The token must have it switched on.',
      {
        poll: duration('How often to ask. Default 1s.'),
        timeout: duration('How long to wait. Default 1m.'),
      },
    ),
    tls,
    unencrypted,
  },
  ['url', 'token'],
)

const otlp = object(
  'OpenTelemetry logs over HTTP, in JSON.',
  {
    url: text('The whole address: https://collector.example.com:4318/v1/logs'),
    headers,
    compression: { enum: ['gzip', 'none'], description: 'Of the body. Default none.' },
    tls,
    unencrypted,
  },
  ['url'],
)

const webhook = object(
  'A webhook, signed by Standard Webhooks.',
  {
    url: text('https://siem.example.com/celosia'),
    secrets: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      items: text('whsec_ and 24 to 64 bytes in base64: ${WEBHOOK_SECRET}'),
      description: 'Keys that sign. Several while they are changed.',
    },
    headers,
    tls,
    unencrypted,
  },
  ['url', 'secrets'],
)

const file = object(
  'A file of lines, for an agent of the SIEM that reads files.',
  {
    path: text('The file. A relative path is taken from the place of this file.'),
    rotateBytes: count('Turned over at this size. Default 64 MiB.', 65_536, 17_179_869_184),
    keep: count('How many old files are kept. Default 10.', 0, 1_000),
  },
  ['path'],
)

const redisList = object(
  'A Redis list, for Logstash or Vector.',
  {
    url: text('rediss://user:password@host:port/database, or redis://'),
    key: text('Key of the list.', { pattern: WORD }),
    entriesMax: count('A list of this length gets no more. Default 100000.', 1, 10_000_000),
    unencrypted,
  },
  ['url', 'key'],
)

const filter = object('What it gets: records that fit each line here. Left out: all.', {
  types: {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { enum: Object.keys(STREAM_OF) },
    description: 'Types of records.',
  },
  severity: { enum: SEVERITY_NAMES, description: 'This one and above.' },
  routes: {
    type: 'array',
    minItems: 1,
    maxItems: 1_000,
    items: text('A route as the policy writes it: GET /api/v2/users/{id:integer}'),
    description: 'Records of these routes only; records without a route are left out.',
  },
  classes: {
    type: 'array',
    minItems: 1,
    maxItems: 1_000,
    items: text('A class, or contact.* for all below.', {
      pattern: `${CLASS.slice(0, -1)}(\\.\\*)?$`,
    }),
    description: 'Records that name one of these classes only.',
  },
})

const sink = object(
  'Where records go. Exactly one of syslog, splunk, otlp, webhook, file, redisList and stdout.',
  {
    format: {
      enum: FORMATS,
      description:
        'ocsf: the event. record: the event with its place in the chain. ecs: Elastic Common Schema. cef: Common Event Format. An otlp sink has its own. Default ocsf.',
    },
    filter,
    batch: object('How many are sent at once.', {
      recordsMax: count('Records of a batch, at most. Default 500.', 1, 5_000),
      bytesMax: count(
        'Bytes of a batch, at most; a single larger record goes alone. Default 1 MiB.',
        1_024,
        67_108_864,
      ),
      pause: duration('From the start of a batch to the next, unless it was full. Default 1s.'),
    }),
    retry: object('What happens when the sink does not take them.', {
      first: duration('The first pause; each next one is twice as long. Default 500ms.'),
      max: duration('The longest pause. Default 1m.'),
      refusals: count('So often refused by itself, a record is put aside. Default 3.', 1, 100),
    }),
    timeout: duration('For a batch. Default 10s.'),
    lateAfter: duration(
      'The alarm: a sink is late while a record has waited for so long. Default 5m.',
    ),
    recordBytesMax: count(
      'A larger record loses detail. For syslog the default is 8192 bytes. Default 1 MiB.',
      2_048,
      16_777_216,
    ),
    syslog,
    splunk,
    otlp,
    webhook,
    file,
    redisList,
    stdout: object('Standard output, for collectors that read what a container says.', {}),
  },
)

export const SHIP_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Celosía shipping',
  ...object(
    'Where the audit is sent to.',
    {
      version: { const: 1, description: 'Version of this form.' },
      group: text(
        'Consumer groups in Redis are named by this, a colon and the sink. Default celosia-ship.',
        {
          pattern: WORD,
          maxLength: 100,
        },
      ),
      takeOverAfter: duration(
        'What a shipper has left in Redis is taken over by another once nobody has worked on it for so long; never before twice the time that a delivery may take. Default 30s.',
      ),
      deadLettersMax: count(
        'So many records may be put aside, all sinks together; then shipping waits. Default 10000.',
        1,
        10_000_000,
      ),
      sinks: map('Sinks by name.', SINK_NAME, sink, { minProperties: 1, maxProperties: 32 }),
    },
    ['version', 'sinks'],
  ),
} as const
