/** The lock of the journal: one writer a directory, stale locks, and locks that are lost. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { openFileRecordStore } from '../../src/audit/file-record-store.ts'
import { LOCK_NAME, lockJournal, STALE_MS } from '../../src/audit/journal-lock.ts'
import { systemClock } from '../../src/core/clock.ts'
import { newChain, sealAll } from '../helpers/audit-writers.ts'
import { auditRecord } from '../helpers/audit-records.ts'

function folder(t: Test): string {
  return join(t.testdir({}), 'journal')
}

test('one directory has one writer, and the lock of a dead process is taken over', async (t) => {
  const directory = folder(t)
  const path = join(directory, LOCK_NAME)
  const first = await openFileRecordStore({ directory })
  await t.rejects(openFileRecordStore({ directory }), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /Another/,
  })
  await first.append(sealAll([auditRecord(0)], newChain()))
  const held = JSON.parse(await readFile(path, 'utf8')) as object
  await first.close()
  await t.rejects(stat(path), { code: 'ENOENT' })
  const stale: readonly object[] = [
    { ...held, pid: 999_999_999 },
    { ...held, started: '1' },
  ]
  for (const lock of stale) {
    await writeFile(path, JSON.stringify(lock))
    await (await openFileRecordStore({ directory })).close()
  }
  for (const living of [
    JSON.stringify(held),
    JSON.stringify({ ...held, host: 'elsewhere' }),
    '{',
  ]) {
    await writeFile(path, living)
    await t.rejects(openFileRecordStore({ directory }), { code: 'ERR_AUDIT_UNAVAILABLE' }, living)
  }
  await writeFile(path, JSON.stringify({ ...held, host: `not-${hostname()}` }))
  const old = new Date((await stat(path)).mtimeMs - STALE_MS - 1_000)
  await utimes(path, old, old)
  await (await openFileRecordStore({ directory })).close()
  t.same(
    (await readdir(directory)).filter((name) => !name.endsWith('.jsonl')),
    [],
    'nothing is left behind',
  )
})

test('of many who take over a stale lock one succeeds', async (t) => {
  const directory = folder(t)
  await mkdir(directory)
  await writeFile(
    join(directory, LOCK_NAME),
    JSON.stringify({ pid: 999_999_999, started: '1', host: hostname(), token: 'x' }),
  )
  const opened = await Promise.allSettled(
    Array.from({ length: 20 }, () => openFileRecordStore({ directory })),
  )
  const stores = opened.filter((result) => result.status === 'fulfilled')
  t.equal(stores.length, 1)
  for (const { value } of stores) await value.close()
})

test('an heir who died while he took over has an heir himself', async (t) => {
  const dead = (token: string) =>
    JSON.stringify({ pid: 999_999_999, started: '1', host: hostname(), token })
  const heirOf = (text: string) =>
    `${LOCK_NAME}.heir.${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  const other = t.testdir({ other: {} })
  const lock = await lockJournal(other, systemClock)
  const living = await readFile(join(other, LOCK_NAME), 'utf8')
  await lock.release()
  for (const [name, files, taken] of [
    ['before he removed the lock', { [heirOf(dead('a'))]: dead('b') }, true],
    ['and his heir too', { [heirOf(dead('a'))]: dead('b'), [heirOf(dead('b'))]: dead('c') }, true],
    ['but this one lives', { [heirOf(dead('a'))]: living }, false],
  ] as const) {
    const directory = t.testdir({ [LOCK_NAME]: dead('a'), ...files })
    if (taken) {
      await (await openFileRecordStore({ directory })).close()
      t.same(await readdir(directory), [], `${name}: nothing is left behind`)
    } else {
      await t.rejects(openFileRecordStore({ directory }), { message: /Another/ }, name)
    }
  }
})

test('a lock that was replaced or removed is lost for good', async (t) => {
  for (const harm of [(path: string) => writeFile(path, 'other'), (path: string) => rm(path)]) {
    const directory = t.testdir({})
    const path = join(directory, LOCK_NAME)
    const lock = await lockJournal(directory, systemClock, 10)
    const text = await readFile(path, 'utf8')
    await new Promise((resolve) => setTimeout(resolve, 50))
    t.equal(lock.lost(), false)
    await harm(path)
    await new Promise((resolve) => setTimeout(resolve, 200))
    t.equal(lock.lost(), true)
    await writeFile(path, text)
    await new Promise((resolve) => setTimeout(resolve, 50))
    t.equal(lock.lost(), true)
    await writeFile(path, 'other')
    await lock.release()
    t.equal(await readFile(path, 'utf8'), 'other', 'what is not ours is not removed')
  }
})
