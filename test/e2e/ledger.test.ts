/** The ledger of locations in use: where in an answer each location stood, held or in windows, and never a name that it brought. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import type { AuditEvent } from '../helpers/gateway-under-test.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

const NAME = 'jane.canary@example.com'
const USERS = 4_000

interface Entry {
  readonly at: string
  readonly class: string | null
  readonly operator: string
  readonly count: number
}

interface Own {
  readonly phase: string
  readonly locations?: readonly Entry[]
}

const ownOf = (event: AuditEvent): Own => (event['unmapped'] as { celosia: Own }).celosia

test('each location is on record by its place', async (t) => {
  const world = await startWorld(t, {
    change: (policy) => ({
      ...policy,
      audit: { ...policy.audit, ledger: 'locations' },
      limits: { ...policy.limits, bodyBytesMax: 65_536 },
    }),
  })
  const { gateway, upstream } = world
  const user = (id: number) => ({
    id,
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    [NAME]: { email: 'other@example.com', [NAME]: 'text' },
  })
  upstream.answer(({ target }) =>
    jsonAnswer(
      JSON.stringify(
        target.endsWith('/7')
          ? { user: user(7) }
          : { users: Array.from({ length: USERS }, (_, id) => user(id)), count: USERS },
      ),
    ),
  )
  const token = await world.token()
  for (const path of ['/api/v2/users/7', '/api/v2/users'])
    t.equal((await request(gateway.port, { path, token })).status, 200)
  const accesses = (await gateway.records()).filter((event) => event['class_uid'] === 6003)
  const [one, ...windows] = accesses.map(ownOf)
  const emails = (entries: readonly Entry[]) =>
    entries.filter((entry) => entry.class === 'contact.email').map(({ at, count }) => [at, count])
  t.same(emails(one?.locations ?? []), [
    ["$['user']['email']", 1],
    ["$['user'][*]['email']", 1],
  ])
  t.ok(windows.length > 2, `the list leaves in windows: ${windows.length} records`)
  const sums = new Map<string, number>()
  for (const [at, count] of emails(windows.flatMap(({ locations }) => locations ?? [])))
    sums.set(String(at), (sums.get(String(at)) ?? 0) + Number(count))
  t.same(Object.fromEntries(sums), {
    "$['users'][*][*]['email']": USERS,
    "$['users'][*]['email']": USERS,
  })
  const files = (await readdir(gateway.journal)).filter((name) => name.endsWith('.jsonl'))
  for (const name of files)
    t.notMatch(await readFile(join(gateway.journal, name), 'utf8'), /canary/, name)
})
