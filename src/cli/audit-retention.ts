/** Retention of the audit that a command works with: of Redis or of a journal, and with the sinks that read from it. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openRedisAuditReader } from '../audit/redis-audit-reader.ts'
import { connectAuditRedis } from '../audit/redis-audit-address.ts'
import { AuditUnavailableError } from '../audit/errors.ts'
import { journalRetention, type JournalFollower } from '../audit/retention/journal-retention.ts'
import { redisRetention } from '../audit/retention/redis-retention.ts'
import { systemClock } from '../core/clock.ts'
import type { AuditRetention } from '../gateway.ts'
import type { ShipPlan } from '../shipping/ship-file/plan.ts'
import { readPositions } from '../shipping/sources/journal-positions.ts'
import { folderOf, groupOf } from './ship-sources.ts'
import type { StorePlace } from './stores.ts'

/** Opens it. What the plan's sinks have not passed stays, as does what others that are known have not. */
export async function openAuditRetention(place: StorePlace): Promise<AuditRetention> {
  let plan: ShipPlan | undefined
  const useShipPlan: AuditRetention['useShipPlan'] = (next) => {
    plan = next
  }
  const sinks = () => plan?.sinks ?? []
  if (place.kind === 'redis') {
    const target = redisRetention({
      connection: await connectAuditRedis(place.url),
      reader: await openRedisAuditReader({ url: place.url }),
      clock: systemClock,
      groups: () =>
        plan === undefined ? [] : plan.sinks.map((sink) => groupOf(plan as ShipPlan, sink)),
    })
    return { ...target, useShipPlan }
  }
  const { directory } = place
  const target = journalRetention({
    directory,
    clock: systemClock,
    followers: async () => {
      const planned = sinks().map((sink) => folderOf({ place, state: undefined }, sink))
      const folders = new Set([...planned, ...(await foldersIn(join(directory, 'ship')))])
      return Promise.all([...folders].map(followerOf))
    },
  })
  return { ...target, useShipPlan }
}

async function followerOf(folder: string): Promise<JournalFollower> {
  const name = folder.split(/[/\\]/).at(-1) ?? folder
  return { name, positions: (await readPositions(folder)) ?? {} }
}

async function foldersIn(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new AuditUnavailableError('The folders of the sinks cannot be read')
  }
}
