/** Which audit store and counters a command works with: Redis where it is named, else the journal of this machine. */
import { join } from 'node:path'
import type { AuditNotes } from '../audit/audit-notes.ts'
import { createChainWriter } from '../audit/chain/chain-writer.ts'
import { openFileRecordStore } from '../audit/file-record-store.ts'
import { openJournalReader } from '../audit/journal-reader.ts'
import { openRedisAuditReader } from '../audit/redis-audit-reader.ts'
import { connectAuditRedis } from '../audit/redis-audit-address.ts'
import { journalOrphans } from '../audit/reconcile/journal-orphans.ts'
import type { OrphanSource } from '../audit/reconcile/reconciler.ts'
import { redisOrphans } from '../audit/reconcile/redis-orphans.ts'
import { openRedisRecordStore } from '../audit/redis-record-store.ts'
import type { ChainedWriter } from '../audit/chain/chain-writer.ts'
import type { AuditReader } from '../audit/audit-store.ts'
import type { RecordStore, StoreSettings } from '../audit/record-store.ts'
import { openSpooledStore } from '../audit/spool/open-spooled-store.ts'
import { writerActivity } from '../audit/writer-activity.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import type { LookupCounter } from '../detection/lookup-counter.ts'
import { createFallbackLookupCounter } from '../detection/fallback-lookup-counter.ts'
import { createMemoryLookupCounter } from '../detection/memory-lookup-counter.ts'
import { openRedisLookupCounter } from '../detection/redis-lookup-counter.ts'
import { createMemorySpentProofs } from '../identity/dpop/memory-spent-proofs.ts'
import { openRedisSpentProofs } from '../identity/dpop/redis-spent-proofs.ts'
import type { SpentProofs } from '../identity/dpop/spent-proofs.ts'
import { createMemorySessionStore } from '../identity/sessions/memory-session-store.ts'
import { openRedisSessionStore } from '../identity/sessions/redis-session-store.ts'
import type { SessionStore } from '../identity/sessions/session-store.ts'
import { GRANT_KEPT_MS } from '../identity/grants/grant-book.ts'
import { REVOCATION_KEPT_MS } from '../identity/revocation/revocation-index.ts'
import { UNBLOCK_KEPT_MS } from '../proxy/unblocks/unblock-entry.ts'
import { openFileSharedLog } from '../identity/shared-log/file-shared-log.ts'
import { openRedisSharedLog } from '../identity/shared-log/redis-shared-log.ts'
import type { SharedLog, SharedLogs } from '../identity/shared-log/shared-log.ts'
import { textOption } from './command.ts'
import type { CommandIo, CommandOption, OptionValues } from './command.ts'

export const JOURNAL_DEFAULT = '.celosia/audit'
export const SPOOL_DEFAULT = '.celosia/spool'

/** Options of every command that works with the audit. */
export const STORE_OPTIONS: Readonly<Record<string, CommandOption>> = {
  redis: { type: 'string', value: 'URL', help: 'audit stream in Redis; else REDIS_URL' },
  journal: {
    type: 'string',
    value: 'DIR',
    help: `audit journal where there is no Redis; else CELOSIA_JOURNAL, else ${JOURNAL_DEFAULT}`,
  },
}

/** The option of commands that write to it. */
export const SPOOL_OPTION: Readonly<Record<string, CommandOption>> = {
  spool: {
    type: 'string',
    value: 'DIR',
    help: `where records wait while Redis is away; else CELOSIA_SPOOL, else ${SPOOL_DEFAULT}`,
  },
}

/** Where records wait while Redis is away. */
export function spoolDirectory(values: OptionValues, { environment }: CommandIo): string {
  return textOption(values, 'spool') ?? environment['CELOSIA_SPOOL'] ?? SPOOL_DEFAULT
}

export type StorePlace =
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'journal'; readonly directory: string }

/** An option beats the environment; Redis beats the journal, unless --journal was given. */
export function storePlace(values: OptionValues, { environment }: CommandIo): StorePlace {
  const redis = textOption(values, 'redis')
  const journal = textOption(values, 'journal')
  if (redis !== undefined) return { kind: 'redis', url: redis }
  if (journal !== undefined) return { kind: 'journal', directory: journal }
  const url = environment['REDIS_URL']
  if (url !== undefined && url !== '') return { kind: 'redis', url }
  return { kind: 'journal', directory: environment['CELOSIA_JOURNAL'] ?? JOURNAL_DEFAULT }
}

/** What the gateway writes to, counts with, and learns of revocations from. */
export interface Stores {
  readonly audit: ChainedWriter
  readonly counter: LookupCounter
  readonly logs: SharedLogs
  readonly proofs: SpentProofs
  readonly sessions: SessionStore
  /** Where accesses are found that a dead process left open. */
  readonly orphans: OrphanSource
}

export interface OpenStoresOptions {
  readonly place: StorePlace
  /** Where records wait while Redis is away. */
  readonly spool: string
  /** What the policy asks of them. */
  readonly settings: StoreSettings
  readonly notes: AuditNotes
}

/**
 * Opens what the gateway writes to and counts with. Throws where the address or a folder cannot be used; a Redis that is
 * away is no error.
 */
export async function openStores(options: OpenStoresOptions): Promise<Stores> {
  const { place, spool, settings, notes } = options
  if (place.kind === 'redis') {
    const primary = await openRedisRecordStore({ url: place.url })
    const parts = { primary, directory: spool, clock: systemClock, notes }
    const store = await openSpooledStore(parts, settings)
    const counter = createFallbackLookupCounter({
      shared: await openRedisLookupCounter({ url: place.url, notes }),
      local: createMemoryLookupCounter(),
      fallBack: () => store.spools,
      clock: systemClock,
      notes,
    })
    const audit = writerOf(store, notes)
    return {
      audit,
      counter,
      logs: await openLogs(place),
      proofs: await openRedisSpentProofs({ url: place.url }),
      sessions: await openRedisSessionStore({ url: place.url }),
      orphans: redisOrphans({
        connection: await connectAuditRedis(place.url),
        clock: systemClock,
        writer: audit.writer,
      }),
    }
  }
  const store = await openFileRecordStore({ directory: place.directory, notes })
  const audit = writerOf(store, notes)
  return {
    audit,
    counter: createMemoryLookupCounter(),
    logs: await openLogs(place),
    proofs: createMemorySpentProofs(systemClock),
    sessions: createMemorySessionStore(systemClock),
    orphans: journalOrphans({
      directory: place.directory,
      writer: audit.writer,
      mark: () => audit.append([reconciledRecord(audit.writer())]),
    }),
  }
}

function reconciledRecord(writer: string): AuditRecord {
  const timeMs = systemClock.nowMs()
  return writerActivity({ id: uuidV7(), timeMs, activity: 'reconciled', writer, broken: undefined })
}

async function openLogs(place: StorePlace): Promise<SharedLogs> {
  return {
    revocations: await openRevocationLog(place),
    grants: await openGrantLog(place),
    unblocks: await openUnblockLog(place),
  }
}

/** Opens the log of grants alone, for commands. */
export function openGrantLog(place: StorePlace): Promise<SharedLog> {
  const options = { keptMs: GRANT_KEPT_MS, clock: systemClock }
  return place.kind === 'redis'
    ? openRedisSharedLog({ ...options, url: place.url, key: 'celosia:grants' })
    : openFileSharedLog({ ...options, directory: join(place.directory, 'grants') })
}

/** Opens the log of unblocks alone, for commands. */
export function openUnblockLog(place: StorePlace): Promise<SharedLog> {
  const options = { keptMs: UNBLOCK_KEPT_MS, clock: systemClock }
  return place.kind === 'redis'
    ? openRedisSharedLog({ ...options, url: place.url, key: 'celosia:unblocks' })
    : openFileSharedLog({ ...options, directory: join(place.directory, 'unblocks') })
}

/** Opens the log of revocations alone, for commands. */
export function openRevocationLog(place: StorePlace): Promise<SharedLog> {
  const options = { keptMs: REVOCATION_KEPT_MS, clock: systemClock }
  return place.kind === 'redis'
    ? openRedisSharedLog({ ...options, url: place.url, key: 'celosia:revocations' })
    : openFileSharedLog({ ...options, directory: join(place.directory, 'revocations') })
}

function writerOf(store: RecordStore, notes: AuditNotes): ChainedWriter {
  return createChainWriter({ store, clock: systemClock, ids: uuidV7, notes })
}

/** Opens the audit for a command that writes to it; a journal only where no gateway does. */
export async function openAuditWriter(
  place: StorePlace,
  notes: AuditNotes,
): Promise<ChainedWriter> {
  const store =
    place.kind === 'redis'
      ? await openRedisRecordStore({ url: place.url })
      : await openFileRecordStore({ directory: place.directory, notes })
  return writerOf(store, notes)
}

/** Opens the same audit for reading. */
export async function openReader(place: StorePlace): Promise<AuditReader> {
  return place.kind === 'redis'
    ? openRedisAuditReader({ url: place.url })
    : openJournalReader(place.directory)
}
