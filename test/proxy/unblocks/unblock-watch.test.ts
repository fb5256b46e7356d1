/** Unblocks as every instance reads them: what is emptied, what is on record, and what is no entry. */
import { test } from 'tap'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import { createMemoryLog } from '../../../src/identity/shared-log/memory-shared-log.ts'
import { SharedLogUnavailableError } from '../../../src/identity/shared-log/shared-log.ts'
import type { DetectionRule } from '../../../src/rules/detect/detection-rule.ts'
import {
  unblockedKeys,
  unblockedRules,
  unblockLine,
  unblockOfLine,
} from '../../../src/proxy/unblocks/unblock-entry.ts'
import type { UnblockEntry } from '../../../src/proxy/unblocks/unblock-entry.ts'
import { watchUnblocks } from '../../../src/proxy/unblocks/unblock-watch.ts'
import type { UnblockWatchOptions } from '../../../src/proxy/unblocks/unblock-watch.ts'

const NOW_MS = 1_800_000_000_000
const ENTRY: UnblockEntry = {
  entry: '019ab000-0000-7000-8000-00000000000e',
  atMs: NOW_MS + 1,
  by: 'Privacy Officer',
  kind: 'subject',
  key: ['https://idp.example', 'ann'],
  label: 'ann',
  rule: '',
}
const RULES = [
  { name: 'many', per: 'subject', counts: 'dataSubject' },
  { name: 'first', per: 'subject', counts: 'firstClass' },
  { name: 'all of a role', per: 'role', counts: 'dataSubject' },
] as unknown as readonly DetectionRule[]

/** What an instance that starts now does about an entry. */
async function read(entry: UnblockEntry) {
  const unblockLog = createMemoryLog().open()
  await unblockLog.append(unblockLine(entry))
  const emptied: string[] = []
  const recorded: AuditRecord[] = []
  const watch = watchUnblocks({
    unblockLog,
    clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 },
    counter: { forget: async (keys: readonly string[]) => void emptied.push(...keys) },
    late: { add: (records: readonly AuditRecord[]) => void recorded.push(...records) },
    log: { failure: () => undefined },
    inForce: () => ({ lookups: RULES, sha256: 'x' }),
  } as unknown as UnblockWatchOptions)
  await watch.start()
  watch.stop()
  return { emptied, recorded: recorded.map(({ id }) => id) }
}

test('an unblock empties the windows, and is on record', async (t) => {
  t.same(await read(ENTRY), { emptied: unblockedKeys(ENTRY, RULES), recorded: [ENTRY.entry] })
})

test('one that nobody was there to read is on record, and empties nothing once more', async (t) => {
  t.same(await read({ ...ENTRY, atMs: NOW_MS - 1_000 }), { emptied: [], recorded: [ENTRY.entry] })
})

test('it is about the rules that watch whom it names', (t) => {
  const names = (entry: UnblockEntry) => unblockedRules(entry, RULES).map(({ name }) => name)
  t.same(names(ENTRY), ['many'], 'a first look has no response that could end, and keeps its past')
  t.same(names({ ...ENTRY, rule: 'many' }), ['many'])
  t.same(names({ ...ENTRY, rule: 'first' }), [])
  t.same(names({ ...ENTRY, kind: 'role' }), ['all of a role'])
  t.end()
})

test('a line is an entry whole, or none', (t) => {
  t.same(unblockOfLine(unblockLine(ENTRY)), ENTRY)
  const bad: readonly unknown[] = [
    {},
    null,
    { ...ENTRY, more: 1 },
    { ...ENTRY, kind: 'nobody' },
    { ...ENTRY, by: '' },
    { ...ENTRY, key: [] },
    ...Object.keys(ENTRY).map((name) => ({ ...ENTRY, [name]: undefined })),
  ]
  for (const value of bad)
    t.throws(() => unblockOfLine(JSON.stringify(value)), SharedLogUnavailableError)
  t.throws(() => unblockOfLine('{'), SharedLogUnavailableError)
  t.end()
})
