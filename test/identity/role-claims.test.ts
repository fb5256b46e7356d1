/** What is read of role claims: the shapes of identity providers as data, and the limits. */
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { parse } from 'yaml'
import { readRoles } from '../../src/identity/roles-claim.ts'
import type { ClaimedRoles } from '../../src/identity/roles-claim.ts'
import { parseClaims } from '../../src/identity/strict-json.ts'
import { checkClaims } from '../../src/identity/token-claims.ts'
import type { Issuer } from '../../src/rules/trust.ts'
import { compileText } from '../rules/policy-text.ts'

interface Provider {
  readonly name: string
  readonly roles: unknown
  readonly cases: readonly {
    readonly claims: unknown
    readonly names?: readonly string[]
    readonly fault?: string
  }[]
}

const PROVIDERS = parse(
  readFileSync(new URL('./claim-shapes.yaml', import.meta.url), 'utf8'),
) as Provider[]

/** The issuer of a policy with this role claim. */
function issuerWith(roles: unknown): Issuer {
  const { issuers } = compileText(`version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers:
    - issuer: "http://127.0.0.1:9"
      audience: celosia
      algorithms: [ES256]
      roles: ${JSON.stringify(roles)}
classes: {}
roles: { agent: {}, lead: {} }
routes: []
`)
  const [issuer] = issuers
  if (issuer === undefined) throw new Error('the policy has no issuer')
  return issuer
}

function read(issuer: Issuer, claims: string): ClaimedRoles {
  const rest = '"iss":"http://127.0.0.1:9","aud":"celosia","sub":"a","iat":0,"exp":300'
  const payload = Buffer.from(claims === '{}' ? `{${rest}}` : `{${rest},${claims.slice(1)}`)
  const all = parseClaims(payload)
  if (all === undefined) throw new Error(`not claims: ${claims}`)
  return readRoles(checkClaims({ all, payload }, issuer, 0), issuer.roles)
}

test('the role claims of identity providers are read as the policy declares them', (t) => {
  let count = 0
  for (const { name, roles, cases } of PROVIDERS) {
    const issuer = issuerWith(roles)
    for (const { claims, names, fault } of cases) {
      const text = JSON.stringify(claims)
      const expected = fault === undefined ? { names } : { fault }
      t.same(read(issuer, text), expected, `${name}: ${text}`)
      count += 1
    }
  }
  t.ok(count >= 48, `${count} cases`)
  t.end()
})

test('names are compared as they stand, after the escapes of JSON', (t) => {
  const issuer = issuerWith('$.groups[*]')
  const groups = (list: string) => read(issuer, `{"groups":${list}}`)
  t.same(groups('["ag\\u0065nt"]'), { names: ['agent'] })
  t.same(groups('["Admin","admin\\u200b","admin "," admin","\\u0000"]'), {
    names: ['Admin', 'admin\u200b', 'admin ', ' admin', '\u0000'],
  })
  t.end()
})

test('a claim beyond the limits of reading is malformed', (t) => {
  const issuer = issuerWith('$.groups[*]')
  const list = (count: number) => `{"groups":${JSON.stringify(Array(count).fill('agent'))}}`
  t.same(read(issuer, list(1_001)), { fault: 'roles-malformed' })
  t.match(read(issuer, list(1_000)), { names: Array(1_000).fill('agent') })
  const scopes = issuerWith({ claim: '$.scope', split: 'space' })
  const text = (count: number) => `{"scope":"${Array(count).fill('a').join(' ')}"}`
  t.same(read(scopes, text(1_001)), { fault: 'roles-malformed' })
  t.match(read(scopes, text(1_000)), { names: Array(1_000).fill('a') })
  t.end()
})
