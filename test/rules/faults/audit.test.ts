/** Faults of what a policy says of the audit itself. */
import { test } from 'tap'
import { checkFaults } from './table.ts'

const REST = 'classes: {}\nroles: { a: {} }\nroutes: []\n'

test('what is said of the audit is checked', (t) => {
  checkFaults(t, [
    {
      name: 'anchors without a key to sign with',
      policy: `${REST}audit: { ▸anchors: [{ file: a.jws }] }\n`,
      says: [/there is no key/],
      hints: [/keys: \{ checkpoint:/],
    },
    {
      name: 'an anchor that is none',
      whole: `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity: { issuers: [{ issuer: "http://127.0.0.1:9", audience: c, algorithms: [ES256], roles: "$.r[*]" }] }
keys: { checkpoint: { version: 1, env: K } }
${REST}audit: { anchors: [{ objects: ▸"s3://bucket" }, { url: ▸"ftp://h" }, { url: ▸"http://u:p@h" }, { url: "http://h", headers: { a: ▸"ñ" } }] }
`,
      says: [/not an http/, /not an http/, /no user/, /printable ASCII/],
    },
    {
      name: 'keys of an object store that are none',
      whole: `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity: { issuers: [{ issuer: "http://127.0.0.1:9", audience: c, algorithms: [ES256], roles: "$.r[*]" }] }
keys: { checkpoint: { version: 1, env: K } }
${REST}audit: { anchors: [{ objects: "https://h/b", sign: { region: ▸"a b", keyId: ▸"ñ", secret: "\${SET_LATER}" } }] }
`,
      says: [/without blanks/, /without blanks/],
    },
    {
      name: 'a key from two places, and from none',
      whole: `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity: { issuers: [{ issuer: "http://127.0.0.1:9", audience: c, algorithms: [ES256], roles: "$.r[*]" }] }
keys: { checkpoint: ▸{ version: 1, env: K, file: k } }
${REST}`,
      says: [/exactly one/],
    },
    {
      name: 'checkpoints that are too far apart',
      policy: `${REST}audit: { checkpoints: { every: 10, within: ▸2h } }\n`,
      says: [/at most 1h/],
    },
    {
      name: 'retention without a key to sign purges with',
      policy: `${REST}audit: { ▸retention: { records: 400d } }\n`,
      says: [/a purge is signed/],
      hints: [/keys: \{ checkpoint:/],
    },
    {
      name: 'retention of less than a day, and of nothing',
      whole: `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity: { issuers: [{ issuer: "http://127.0.0.1:9", audience: c, algorithms: [ES256], roles: "$.r[*]" }] }
keys: { checkpoint: { version: 1, env: K } }
${REST}audit: { retention: { records: ▸400ms, findings: ▸23h } }
`,
      says: [/at least 1d/, /at least 1d/],
    },
    {
      name: 'retention that says nothing',
      policy: `${REST}audit: { retention: ▸{} }\n`,
      says: [/properties|fewer|empty/],
    },
    {
      name: 'checkpoints after no record',
      policy: `${REST}audit: { checkpoints: { every: ▸0 } }\n`,
      says: [/>= 1/],
    },
  ])
  t.end()
})
