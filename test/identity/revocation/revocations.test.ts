/** What is revoked and what is not, how long that is kept, and that nobody is let through while it is not known. */
import { test } from 'tap'
import type { Clock } from '../../../src/core/clock.ts'
import { createMemoryLog } from '../../../src/identity/shared-log/memory-shared-log.ts'
import { SharedLogUnavailableError } from '../../../src/identity/shared-log/shared-log.ts'
import { revocationLine, revocationOfLine } from '../../../src/identity/revocation/revocation.ts'
import type { Revocation } from '../../../src/identity/revocation/revocation.ts'
import {
  REVOCATION_KEPT_MS,
  RevocationIndex,
  REVOCATIONS_MAX,
} from '../../../src/identity/revocation/revocation-index.ts'
import { createRevocations } from '../../../src/identity/revocation/revocations.ts'

const ISSUER = 'https://idp.example'
const NOW_S = 1_800_000_000
const NOW_MS = NOW_S * 1_000
const TOKEN = { issuer: ISSUER, id: 'ann', jti: 'j-1', sid: 's-1', issuedS: NOW_S }

const revocation = (parts: Partial<Revocation>): Revocation => ({
  id: '019ab000-0000-7000-8000-000000000001',
  issuer: ISSUER,
  kind: 'token',
  value: 'j-1',
  untilS: 0,
  atMs: NOW_MS,
  source: 'command',
  ...parts,
})

test('a token is revoked by its jti, its session, or the time it was issued at', (t) => {
  const revokes = (parts: Partial<Revocation>, token: Partial<typeof TOKEN> = {}) => {
    const index = new RevocationIndex()
    index.add(revocation(parts), NOW_MS)
    return index.isRevoked({ ...TOKEN, ...token })
  }
  t.ok(revokes({}))
  t.ok(revokes({ kind: 'session', value: 's-1' }))
  t.ok(revokes({ kind: 'subject', value: 'ann', untilS: NOW_S }), 'issued in that very second')
  t.ok(revokes({ kind: 'subject', value: 'ann', untilS: NOW_S + 30 }))
  t.notOk(revokes({ kind: 'subject', value: 'ann', untilS: NOW_S - 1 }), 'issued later')
  for (const parts of [
    { value: 'j-2' },
    { value: 'J-1' },
    { value: 's-1' },
    { issuer: 'https://other.example' },
    { kind: 'session', value: 'j-1' },
    { kind: 'subject', value: 'Ann', untilS: NOW_S },
    { kind: 'subject', value: 'j-1', untilS: NOW_S },
  ] as const)
    t.notOk(revokes(parts), JSON.stringify(parts))
  const without = { ...TOKEN, jti: undefined, sid: undefined }
  const index = new RevocationIndex()
  t.notOk(index.isRevoked(TOKEN), 'nothing is revoked at first')
  index.add(revocation({}), NOW_MS)
  index.add(revocation({ kind: 'session', value: 's-1' }), NOW_MS)
  t.notOk(index.isRevoked(without), 'a token without ids has none that could be revoked')
  t.end()
})

test('of two revocations of a subject the later time holds, in any order', (t) => {
  const times = [NOW_S - 100, NOW_S, NOW_S - 50]
  const index = new RevocationIndex()
  for (const untilS of times)
    index.add(revocation({ kind: 'subject', value: 'ann', untilS }), NOW_MS)
  t.ok(index.isRevoked(TOKEN))
  t.equal(index.size, 1)
  t.equal(index.add(revocation({ kind: 'subject', value: 'ann', untilS: NOW_S }), NOW_MS), 'known')
  t.end()
})

test('a revocation is kept until no token of its time can be left, then forgotten', (t) => {
  const index = new RevocationIndex()
  t.equal(index.add(revocation({}), NOW_MS), 'new')
  const last = NOW_MS + REVOCATION_KEPT_MS - 1
  index.add(revocation({ value: 'x', atMs: last }), last)
  t.ok(index.isRevoked(TOKEN))
  index.add(revocation({ value: 'y', atMs: last + 1 }), last + 1)
  t.notOk(index.isRevoked(TOKEN))
  t.equal(index.size, 2)
  t.equal(index.add(revocation({ value: 'z' }), last + 1), 'known', 'an old line of the log')
  t.end()
})

test('there is a limit, and nothing is forgotten for it', (t) => {
  const index = new RevocationIndex()
  for (let n = 0; n < REVOCATIONS_MAX; n += 1) index.add(revocation({ value: `t${n}` }), NOW_MS)
  t.equal(index.add(revocation({ value: 'one more' }), NOW_MS), 'full')
  t.equal(index.add(revocation({ value: 't7', atMs: NOW_MS + 1 }), NOW_MS + 1), 'new', 'again')
  t.ok(index.isRevoked({ ...TOKEN, jti: 't0' }))
  t.end()
})

test('a line of the log is a revocation whole, or none', (t) => {
  const good = revocation({})
  t.same(revocationOfLine(revocationLine(good)), good)
  const bad: readonly unknown[] = [
    {},
    [],
    null,
    { ...good, more: 1 },
    { ...good, id: 7 },
    { ...good, kind: 'user' },
    { ...good, value: '' },
    { ...good, value: 'x'.repeat(513) },
    { ...good, untilS: '0' },
    { ...good, source: 'me' },
    ...Object.keys(good).map((name) => ({ ...good, [name]: undefined })),
  ]
  for (const value of bad)
    t.throws(() => revocationOfLine(JSON.stringify(value)), SharedLogUnavailableError)
  for (const line of ['', '{', 'x'])
    t.throws(() => revocationOfLine(line), SharedLogUnavailableError)
  t.end()
})

test('what one adds holds here at once, and there at the next look; unknown is an error', async (t) => {
  let nowMs = NOW_MS
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const shared = createMemoryLog()
  const seen: string[] = []
  const make = () =>
    createRevocations({
      log: shared.open(),
      clock,
      onProblem: () => undefined,
      onRevocation: ({ value }) => void seen.push(value),
    })
  const [here, there] = [make(), make()]
  t.throws(() => here.isRevoked(TOKEN), SharedLogUnavailableError, 'before the first look')
  await Promise.all([here.start(), there.start()])
  t.teardown(() => {
    here.stop()
    there.stop()
  })
  t.notOk(here.isRevoked(TOKEN))
  await here.add([revocation({}), revocation({ kind: 'session', value: 's-9' })])
  t.ok(here.isRevoked(TOKEN))
  t.ok(here.isRevoked({ ...TOKEN, jti: 'x', sid: 's-9' }))
  await here.add([revocation({})])
  t.same(seen, ['j-1', 's-9'], 'told once')
  nowMs += 1_600
  t.throws(() => there.isRevoked(TOKEN), SharedLogUnavailableError, 'nobody has looked since')
  t.match(there.problem(), /./)
})
