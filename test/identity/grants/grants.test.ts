/** Grants: what a second person signed, what of it is believed, and when. */
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'tap'
import type { Clock } from '../../../src/core/clock.ts'
import {
  ApproverKeyError,
  readApproval,
  signApproval,
} from '../../../src/identity/grants/approval.ts'
import type { GrantTerms } from '../../../src/identity/grants/approval.ts'
import { GrantBook, GRANTS_MAX } from '../../../src/identity/grants/grant-book.ts'
import { grantEntryOf, grantLine } from '../../../src/identity/grants/grant-entry.ts'
import type { GrantEntry, GrantRequest } from '../../../src/identity/grants/grant-entry.ts'
import { createGrants } from '../../../src/identity/grants/grants.ts'
import { createMemoryLog } from '../../../src/identity/shared-log/memory-shared-log.ts'
import { SharedLogUnavailableError } from '../../../src/identity/shared-log/shared-log.ts'
import type { Approver, BreakGlassRules } from '../../../src/rules/reveal/break-glass.ts'
import { decideBreakGlass } from '../../../src/rules/reveal/decide-break-glass.ts'

const ID = '019ab000-0000-7000-8000-000000000001'
const ENTRY = '019ab000-0000-7000-8000-00000000000e'
const NOW_S = 1_800_000_000

function approver(
  name: string,
  subject?: string,
): { readonly approver: Approver; readonly pem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  return { approver: { name, key, subject }, pem }
}

const DANA = approver('dana', 'dana')
const RULES: BreakGlassRules = { approvers: new Map([['dana', DANA.approver]]), grants: [] }
const TERMS: GrantTerms = {
  id: ID,
  tenant: 'default',
  issuer: 'https://idp.example',
  subject: 'ann',
  classes: ['id.national'],
  code: 'fraud',
  ticket: '8123',
  fromS: NOW_S,
  untilS: NOW_S + 3_600,
}
const REQUEST: GrantRequest = {
  kind: 'request',
  entry: ENTRY,
  id: ID,
  atMs: NOW_S * 1_000,
  by: 'bob',
  issuer: TERMS.issuer,
  subject: 'ann',
  classes: TERMS.classes,
  code: 'fraud',
  ticket: '8123',
  forMs: 3_600_000,
}

test('an approval is what an approver of the policy has signed, and nothing else', async (t) => {
  const token = await signApproval(TERMS, DANA.approver, DANA.pem)
  t.same((await readApproval(token, RULES.approvers))?.terms, TERMS)
  t.equal((await readApproval(token, RULES.approvers))?.approver.name, 'dana')
  const stranger = approver('dana')
  const forged = await signApproval(TERMS, stranger.approver, stranger.pem)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const other = Buffer.from(JSON.stringify({ ...TERMS, subject: 'eve' })).toString('base64url')
  const none = Buffer.from('{"alg":"none","kid":"dana","typ":"celosia-grant+jwt"}').toString(
    'base64url',
  )
  const bad: Readonly<Record<string, string>> = {
    'signed by a stranger of that name': forged,
    'of other terms': `${header}.${other}.${signature}`,
    'without a signature': `${header}.${payload}.`,
    'without an algorithm': `${none}.${payload}.`,
    nothing: '',
    noise: 'a.b.c',
  }
  for (const [name, text] of Object.entries(bad))
    t.equal(await readApproval(text, RULES.approvers), undefined, name)
  t.equal(await readApproval(token, new Map()), undefined, 'an approver who is none any more')
  t.equal(await readApproval(token, new Map([['dana', stranger.approver]])), undefined, 'a new key')
})

test('only the key that the policy has of an approver signs', async (t) => {
  const other = approver('other')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
  const pems = [other.pem, rsa.export({ type: 'pkcs8', format: 'pem' }), '', 'x']
  for (const pem of pems) await t.rejects(signApproval(TERMS, DANA.approver, pem), ApproverKeyError)
})

test('before the log is read nothing is known', async (t) => {
  const clock: Clock = { nowMs: () => NOW_S * 1_000, monotonicMs: () => 0 }
  const log = createMemoryLog().open()
  const seen: string[] = []
  const grants = createGrants({
    log,
    clock,
    onProblem: () => undefined,
    onEntry: ({ kind }) => void seen.push(kind),
  })
  await t.rejects(grants.inForce(ID, RULES, 'default'), SharedLogUnavailableError)
  t.match(grants.problem(), /not been read/)
  await log.append(grantLine(REQUEST))
  await grants.start()
  grants.stop()
  t.equal(await grants.inForce(ID, RULES, 'default'), undefined, 'asked for, and not approved')
  t.equal(await grants.inForce(ENTRY, RULES, 'default'), undefined, 'never asked for')
  t.same(seen, ['request'])
})

test('a grant is in force from its approval to its end, unless it is revoked', async (t) => {
  const law = async (
    name: string,
    good: boolean,
    {
      terms = {},
      signer = DANA,
      rules = RULES,
      tenant = 'default',
      atS = NOW_S + 1,
      entries = [],
    }: {
      readonly terms?: Partial<GrantTerms>
      readonly signer?: typeof DANA
      readonly rules?: BreakGlassRules
      readonly tenant?: string
      readonly atS?: number
      readonly entries?: readonly GrantEntry[]
    } = {},
  ) => {
    const shared = createMemoryLog()
    const log = shared.open()
    const token = await signApproval({ ...TERMS, ...terms }, signer.approver, signer.pem)
    const approval: GrantEntry = { kind: 'approval', entry: ENTRY, id: ID, atMs: 0, token }
    for (const entry of [REQUEST, approval, ...entries]) await log.append(grantLine(entry))
    const clock: Clock = { nowMs: () => atS * 1_000, monotonicMs: () => 0 }
    const grants = createGrants({
      log,
      clock,
      onProblem: () => undefined,
      onEntry: () => undefined,
    })
    await grants.start()
    grants.stop()
    const found = await grants.inForce(ID, rules, tenant)
    t.equal(found !== undefined, good, name)
  }
  await law('approved', true)
  await law('in its last second', true, { atS: NOW_S + 3_599 })
  await law('over', false, { atS: NOW_S + 3_600 })
  await law('not yet', false, { atS: NOW_S - 1 })
  await law('of another tenant', false, { tenant: 'other' })
  await law('of another grant', false, { terms: { id: ENTRY } })
  await law('for the approver', false, { terms: { subject: 'dana' } })
  await law('approved by nobody of the policy', false, {
    rules: { approvers: new Map(), grants: [] },
  })
  const revocation: GrantEntry = { kind: 'revocation', entry: ENTRY, id: ID, atMs: 1, by: 'bob' }
  await law('revoked', false, { entries: [revocation] })
  await law('reviewed', true, { entries: [{ ...revocation, kind: 'review' }] })
  const second: GrantRequest = { ...REQUEST, subject: 'eve', classes: ['payment.card'] }
  await law('asked for again under the same id', true, { entries: [second] })
})

test('a grant that was in force lasts until it is over, revoked, or not known any more', async (t) => {
  const log = createMemoryLog().open()
  const token = await signApproval(TERMS, DANA.approver, DANA.pem)
  for (const entry of [
    REQUEST,
    { kind: 'approval', entry: ENTRY, id: ID, atMs: 0, token },
  ] satisfies readonly GrantEntry[])
    await log.append(grantLine(entry))
  const now = { s: NOW_S, monotonicMs: 0 }
  const grants = createGrants({
    log,
    clock: { nowMs: () => now.s * 1_000, monotonicMs: () => now.monotonicMs },
    onProblem: () => undefined,
    onEntry: () => undefined,
  })
  await grants.start()
  grants.stop()
  const approval = await grants.inForce(ID, RULES, 'default')
  if (approval === undefined) throw new Error('it is not in force')
  t.equal(grants.lasts(approval), true)
  now.s = TERMS.untilS
  t.equal(grants.lasts(approval), false, 'over')
  now.s = NOW_S
  now.monotonicMs = 1_500
  t.throws(() => grants.lasts(approval), SharedLogUnavailableError)
})

test('a line of the log is an entry whole, or none', (t) => {
  const note: GrantEntry = { kind: 'review', entry: ENTRY, id: ID, atMs: 1, by: 'bob' }
  for (const entry of [REQUEST, note]) t.same(grantEntryOf(grantLine(entry)), entry)
  const bad: readonly unknown[] = [
    {},
    null,
    { ...REQUEST, id: 'x' },
    { ...REQUEST, classes: [] },
    { ...REQUEST, more: 1 },
    { ...REQUEST, kind: 'approval' },
    { ...note, kind: 'grant' },
    { ...note, by: '' },
    ...Object.keys(REQUEST).map((name) => ({ ...REQUEST, [name]: undefined })),
  ]
  for (const value of bad)
    t.throws(() => grantEntryOf(JSON.stringify(value)), SharedLogUnavailableError)
  t.throws(() => grantEntryOf('{'), SharedLogUnavailableError)
  t.end()
})

test('there is a limit to the grants that are kept', (t) => {
  const book = new GrantBook()
  const uuid = (n: number) => `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`
  for (let n = 0; n < GRANTS_MAX; n += 1) book.add({ ...REQUEST, id: uuid(n) })
  t.notOk(book.add({ ...REQUEST, id: uuid(GRANTS_MAX) }))
  t.ok(
    book.add({ kind: 'revocation', entry: ENTRY, id: uuid(0), atMs: 1, by: 'bob' }),
    'of a known one',
  )
  t.equal(book.all().length, GRANTS_MAX)
  t.end()
})

test('a role must be one that may have it, for that long, at that level', (t) => {
  const level = { name: 'strong', acr: ['phr'], amr: [], maxAgeSeconds: undefined }
  const rules: BreakGlassRules = {
    approvers: new Map(),
    grants: [
      {
        role: 'lead',
        classes: new Set(['id.national', 'payment.card']),
        forMs: 3_600_000,
        assurance: level,
      },
      { role: 'agent', classes: new Set(['payment.card']), forMs: 60_000, assurance: undefined },
    ],
  }
  const standing = {
    roles: ['lead'],
    assurance: new Set(['strong']),
    trained: true,
    writes: false,
    nowMs: 0,
  }
  const decide = (more: object = {}, classes = ['id.national'], durationMs = 3_600_000) => {
    const request = { classes, reason: undefined, text: undefined, grant: ID }
    const terms = { classes: ['id.national', 'payment.card'], durationMs }
    const verdict = decideBreakGlass(rules, request, { ...standing, ...more }, terms)
    return verdict.effect === 'deny' ? verdict.reason : verdict.grants.map(({ role }) => role)
  }
  t.same(decide(), ['lead'])
  t.same(decide({}, ['id.national', 'payment.card']), ['lead', 'lead'])
  t.equal(decide({}, ['text.note']), 'grant-invalid', 'not approved')
  t.equal(decide({ roles: ['agent'] }), 'grant-invalid', 'not for that role')
  t.equal(decide({ roles: ['agent'] }, ['payment.card']), 'grant-invalid', 'not for so long')
  t.same(decide({ roles: ['agent'] }, ['payment.card'], 60_000), ['agent'])
  t.equal(decide({ assurance: new Set() }), 'assurance-insufficient')
  t.same(decide({ roles: ['agent', 'lead'], assurance: new Set() }, ['payment.card'], 60_000), [
    'agent',
  ])
  t.equal(decide({ trained: false }), 'reveal-forbidden')
  t.equal(decide({ writes: true }), 'reveal-forbidden')
  t.end()
})
