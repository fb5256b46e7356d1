/** What a sink gets its records from: a consumer group in Redis, or a place in the journal of this machine. */
import { join } from 'node:path'
import { auditRedisAddress } from '../audit/redis-audit-address.ts'
import { STREAM_KEYS } from '../audit/redis-audit-keys.ts'
import { systemClock } from '../core/clock.ts'
import type { RecordSource } from '../shipping/record-source.ts'
import type { ShipPlan, SinkPlan } from '../shipping/ship-file/plan.ts'
import { openJournalSource } from '../shipping/sources/journal-source.ts'
import { openRedisSource } from '../shipping/sources/redis-source.ts'
import { groupStart, type Start } from '../shipping/sources/start.ts'
import type { StorePlace } from './stores.ts'

export interface ShipSourceOptions {
  readonly place: StorePlace
  readonly plan: ShipPlan
  /** Folder of positions and dead letters, where records come from a journal. Undefined: `ship` in the journal. */
  readonly state: string | undefined
  readonly start: Start
  /** True: begin there also where the sink has come further. */
  readonly restart: boolean
  /** False: end at the newest record that is there. */
  readonly follow: boolean
}

/** Stream of the dead letters in Redis. */
export const DEAD_LETTERS_KEY = 'celosia:ship:dead'

const WAIT_MS = 1_000

/** Opens the source of each sink that it is asked for. */
export function shipSources(options: ShipSourceOptions): (sink: SinkPlan) => Promise<RecordSource> {
  const { place, plan, start, restart, follow } = options
  const { deadLettersMax } = plan
  return (sink) =>
    place.kind === 'redis'
      ? openRedisSource({
          address: auditRedisAddress(place.url),
          streams: Object.values(STREAM_KEYS),
          group: groupOf(plan, sink),
          start: groupStart(start),
          restart,
          waitMs: WAIT_MS,
          claimAfterMs: Math.max(plan.takeOverAfterMs, sink.deliveryMsMax * 2),
          deadLetters: { stream: DEAD_LETTERS_KEY, entriesMax: deadLettersMax },
          sink: sink.name,
          clock: systemClock,
        })
      : openJournalSource({
          directory: place.directory,
          folder: folderOf(options, sink),
          start,
          restart,
          follow,
          deadLettersMax,
          waitMs: WAIT_MS,
          clock: systemClock,
        })
}

/** The consumer group of a sink. */
export function groupOf({ group }: ShipPlan, { name }: SinkPlan): string {
  return `${group}:${name}`
}

/** The folder of a sink where records come from a journal. */
export function folderOf(
  { place, state }: Pick<ShipSourceOptions, 'place' | 'state'>,
  { name }: SinkPlan,
): string {
  const journal = place.kind === 'journal' ? place.directory : '.'
  return join(state ?? join(journal, 'ship'), name)
}
