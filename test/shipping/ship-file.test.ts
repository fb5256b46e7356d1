/** The shipping file: what is a fault, where, and what the parts of it mean. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { ReadRecord } from '../../src/audit/record-codec.ts'
import { SAMPLES } from '../audit/export/samples.ts'
import { ShippingInvalidError } from '../../src/shipping/ship-file/errors.ts'
import { compileFilter } from '../../src/shipping/ship-file/filter.ts'
import { loadShipFile, type LoadedShipFile } from '../../src/shipping/ship-file/load-ship-file.ts'

const MARK = '▸'
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const ENVIRONMENT = { TOKEN: 'token-canary', SECRET, PASSWORD: 'password-canary' }

/** A whole sink of each kind. */
const SINKS = `
  syslog: { syslog: { url: "tls://siem.example.com", tls: { ca: ca.pem, cert: own.pem, key: own.key }, confirm: received } }
  splunk: { splunk: { url: "https://splunk.example.com:8088", token: "\${TOKEN}", acknowledgement: { timeout: 30s } } }
  otlp: { otlp: { url: "https://collector.example.com:4318/v1/logs", compression: gzip } }
  webhook: { webhook: { url: "https://siem.example.com/x", secrets: ["\${SECRET}"] } }
  file: { file: { path: out/audit.jsonl }, format: record }
  list: { redisList: { url: "rediss://u:\${PASSWORD}@redis.example.com", key: siem } }
  out: { stdout: {}, format: cef }
`

test('a whole file loads, with a sink of each kind', (t) => {
  const { plan, missing } = load(t, `version: 1\nsinks:${SINKS}`)
  t.same(
    plan.sinks.map(({ name }) => name),
    ['syslog', 'splunk', 'otlp', 'webhook', 'file', 'list', 'out'],
  )
  t.same(missing, [])
  t.equal(plan.group, 'celosia-ship')
  t.equal(plan.sinks.find(({ name }) => name === 'splunk')?.deliveryMsMax, 40_000)
  t.match(plan.sha256, /^[0-9a-f]{64}$/)
  t.match(plan.sinks[0], {
    batch: { recordsMax: 500, bytesMax: 1_048_576, pauseMs: 1_000 },
    backoff: { firstMs: 500, maxMs: 60_000 },
    refusalsMax: 3,
  })
  t.end()
})

test('secrets play no part in the hash of the file', (t) => {
  const text = `version: 1\nsinks:${SINKS}`
  const other = { ...ENVIRONMENT, TOKEN: 'another' }
  t.equal(load(t, text).plan.sha256, load(t, text, other).plan.sha256)
  t.end()
})

/** ▸ stands before a place where a fault is expected. */
const FAULTS: readonly (readonly [name: string, text: string, says: RegExp])[] = [
  ['nothing', '▸', /the shipping file is empty/],
  ['no sinks', '▸version: 1\n', /lacks `sinks`/],
  ['no sink', 'version: 1\nsinks: ▸{}\n', /fewer than 1/],
  [
    'an unknown key',
    'version: 1\nsinks:\n  a:\n    ▸filters: {}\n    stdout: {}\n',
    /unknown key `sinks\.a\.filters`/,
  ],
  ['no kind', 'version: 1\nsinks:\n  ▸a: { format: ocsf }\n', /exactly one of: syslog/],
  ['two kinds', 'version: 1\nsinks:\n  ▸a: { stdout: {}, file: { path: x } }\n', /exactly one of/],
  ['a name that cannot be', 'version: 1\nsinks:\n  ▸../a: { stdout: {} }\n', /not a name allowed/],
  ['an anchor', 'version: 1\nsinks: { a: &x ▸{ stdout: {} } }\n', /anchor/],
  [
    'an unknown type',
    'version: 1\nsinks: { a: { stdout: {}, filter: { types: [▸acess] } } }\n',
    /must be one of/,
  ],
  [
    'an unknown severity',
    'version: 1\nsinks: { a: { stdout: {}, filter: { severity: ▸hi } } }\n',
    /must be one of/,
  ],
  [
    'a variable that is not set',
    'version: 1\nsinks: { a: { otlp: { url: ▸"${COLLECTOR}" } } }\n',
    /COLLECTOR is not set/,
  ],
  [
    'syslog without TLS',
    'version: 1\nsinks: { a: { syslog: { url: ▸"tcp://siem.example.com" } } }\n',
    /without TLS/,
  ],
  [
    'a webhook without TLS',
    `version: 1\nsinks: { a: { webhook: { url: ▸"http://siem.example.com", secrets: ["${SECRET}"] } } }\n`,
    /without TLS/,
  ],
  [
    'Redis without TLS',
    'version: 1\nsinks: { a: { redisList: { url: ▸"redis://redis.example.com", key: k } } }\n',
    /without TLS/,
  ],
  [
    '127.example.com is not this machine',
    'version: 1\nsinks: { a: { otlp: { url: ▸"http://127.example.com/v1/logs" } } }\n',
    /without TLS/,
  ],
  [
    'another protocol',
    'version: 1\nsinks: { a: { syslog: { url: ▸"udp://127.0.0.1:514" } } }\n',
    /not of the form/,
  ],
  [
    'a password in an address',
    'version: 1\nsinks: { a: { otlp: { url: ▸"https://u:password-canary@x.example/v1/logs" } } }\n',
    /password in it/,
  ],
  [
    'a path at Splunk',
    'version: 1\nsinks: { a: { splunk: { url: ▸"https://x.example/services", token: t } } }\n',
    /has a path/,
  ],
  [
    'a path at syslog',
    'version: 1\nsinks: { a: { syslog: { url: ▸"tls://x.example/a" } } }\n',
    /no path/,
  ],
  [
    'a secret that is no key',
    'version: 1\nsinks: { a: { webhook: { url: "https://x.example", secrets: [▸password-canary] } } }\n',
    /no key/,
  ],
  [
    'a secret that is short',
    'version: 1\nsinks: { a: { webhook: { url: "https://x.example", secrets: [▸whsec_AAAA] } } }\n',
    /no key/,
  ],
  [
    'a certificate without its key',
    'version: 1\nsinks: { a: { syslog: { url: "tls://x.example", tls: ▸{ cert: own.pem } } } }\n',
    /go together/,
  ],
  [
    'a file that is not there',
    'version: 1\nsinks: { a: { syslog: { url: "tls://x.example", tls: { ca: ▸none.pem } } } }\n',
    /ENOENT/,
  ],
  [
    'a format of an otlp sink',
    'version: 1\nsinks: { a: { otlp: { url: "https://x.example/v1/logs" }, ▸format: cef } }\n',
    /format of its own/,
  ],
  [
    'a duration that is none',
    'version: 1\nsinks: { a: { stdout: {}, timeout: ▸10 } }\n',
    /must be text/,
  ],
]

test('faults are told where they stand, and repeat no secret', (t) => {
  for (const [name, marked, says] of FAULTS) {
    const offset = marked.indexOf(MARK)
    const before = marked.slice(0, offset).split('\n')
    const place = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
    const error = failureOf(t, marked.replace(MARK, ''))
    t.equal(error?.code, 'ERR_SHIPPING_INVALID', name)
    const places = error?.faults.map(({ line, column }) => `${line}:${column}`)
    t.same(places, [place], name, { faults: error?.faults })
    t.match(error?.message, says, name)
    t.notMatch(error?.message, /canary/, name)
  }
  t.end()
})

test('what leads to another machine without TLS may be allowed aloud; this machine needs no word', (t) => {
  for (const url of [
    'tcp://127.0.0.1:514',
    'tcp://127.9.9.9',
    'tcp://localhost',
    'tcp://[::1]:514',
  ]) {
    t.doesNotThrow(() => load(t, `version: 1\nsinks: { a: { syslog: { url: "${url}" } } }\n`), url)
  }
  const allowed = '{ url: "tcp://siem.example.com", unencrypted: allowed }'
  t.doesNotThrow(() => load(t, `version: 1\nsinks: { a: { syslog: ${allowed} } }\n`))
  t.end()
})

test('an author can check a file without its secrets', (t) => {
  const { plan, missing } = load(t, `version: 1\nsinks:${SINKS}`, {}, 'author')
  t.same(missing.toSorted(), ['PASSWORD', 'SECRET', 'TOKEN'])
  t.ok(plan.sinks.length >= 4)
  t.end()
})

test('a file that is not there is a fault of its own', (t) => {
  const directory = t.testdir()
  t.throws(
    () => loadShipFile({ file: join(directory, 'none.yaml'), environment: {}, mode: 'ship' }),
    {
      code: 'ERR_SHIPPING_INVALID',
      message: /is not there/,
    },
  )
  writeFileSync(join(directory, 'wide.yaml'), `# ${'x'.repeat(1_100_000)}\n`)
  t.throws(
    () => loadShipFile({ file: join(directory, 'wide.yaml'), environment: {}, mode: 'ship' }),
    {
      code: 'ERR_SHIPPING_INVALID',
    },
  )
  t.end()
})

/** Samples that the filters below tell apart. */
const SOME_KINDS: readonly string[] = [
  'access',
  'access-refused',
  'access-window',
  'access-intent',
  'checkpoint',
  'finding',
  'finding-reveal',
  'grant',
  'policy-loaded',
  'policy-refused',
  'refusals',
  'revocation',
  'writer-began',
  'writer-after-a-break',
]

test('a filter lets through what fits each of its lines', (t) => {
  const kinds = (filter: Parameters<typeof compileFilter>[0]) => {
    const accepts = compileFilter(filter)
    return SOME_KINDS.filter((kind) => accepts((SAMPLES[kind] as ReadRecord).record))
  }
  t.same(kinds(undefined), SOME_KINDS)
  t.same(kinds({}), SOME_KINDS)
  t.same(kinds({ types: ['finding'] }), ['finding', 'finding-reveal'])
  t.same(kinds({ severity: 'medium' }), ['finding', 'policy-refused', 'writer-after-a-break'])
  t.same(kinds({ severity: 'high' }), ['writer-after-a-break'])
  t.same(kinds({ routes: ['PATCH /api/v2/users/{id:integer}'] }), ['access-intent'])
  t.same(kinds({ classes: ['payment.card'] }), ['finding', 'finding-reveal'])
  t.same(kinds({ classes: ['id.*'] }), ['grant'])
  t.same(kinds({ classes: ['contact.*'] }), ['access', 'access-window'])
  t.same(kinds({ classes: ['contact'] }), [])
  t.same(kinds({ types: ['access'], severity: 'low' }), ['access-refused'])
  const both = { types: ['access', 'finding'], severity: 'medium', classes: ['payment.*'] } as const
  t.same(kinds(both), ['finding'])
  t.end()
})

function load(
  t: Test,
  text: string,
  environment: Readonly<Record<string, string>> = ENVIRONMENT,
  mode: 'ship' | 'author' = 'ship',
): LoadedShipFile {
  const directory = t.testdir()
  mkdirSync(directory, { recursive: true })
  for (const name of ['ca.pem', 'own.pem', 'own.key']) writeFileSync(join(directory, name), 'PEM')
  const file = join(directory, 'ship.yaml')
  writeFileSync(file, text)
  return loadShipFile({ file, environment, mode })
}

function failureOf(t: Test, text: string): ShippingInvalidError | undefined {
  try {
    load(t, text)
    return undefined
  } catch (error) {
    if (error instanceof ShippingInvalidError) return error
    throw error
  }
}
