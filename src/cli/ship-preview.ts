/** `celosia audit ship --dry-run`: what each sink would be sent next. Reads only; no sink is asked, nothing is acknowledged. */
import { counted } from '../core/counted.ts'
import { auditRedisAddress } from '../audit/redis-audit-address.ts'
import { STREAM_KEYS } from '../audit/redis-audit-keys.ts'
import { readAllStreams, timeOf } from '../audit/read-all.ts'
import type { StreamName } from '../core/audit-record.ts'
import { connectRedis } from '../core/redis-connection.ts'
import type { SinkPlan, SinkTools } from '../shipping/ship-file/plan.ts'
import { readPositions } from '../shipping/sources/journal-positions.ts'
import { deliveredIds } from '../shipping/sources/redis-group.ts'
import { writeLine, type CommandIo } from './command.ts'
import { folderOf, groupOf, type ShipSourceOptions } from './ship-sources.ts'
import { openReader } from './stores.ts'
import { escapeControls } from './table.ts'

const TIMEOUT_MS = 5_000

export interface PreviewOptions extends ShipSourceOptions {
  readonly tools: SinkTools
  /** So many records of each sink are shown. */
  readonly limit: number
}

/** Prints a line for each record that would be sent, after the name of its sink and a tab. */
export async function previewShipping(options: PreviewOptions, io: CommandIo): Promise<void> {
  for (const sink of options.plan.sinks) await previewSink(options, sink, io)
}

async function previewSink(options: PreviewOptions, plan: SinkPlan, io: CommandIo): Promise<void> {
  const { place, start, limit, tools } = options
  const after = await placesOf(options, plan)
  const sinceMs = after.size === 0 && start.at === 'time' ? start.sinceMs : 0
  const sink = plan.open(tools)
  const reader = await openReader(place)
  let [shown, leftOut, tooLarge, truncated] = [0, 0, 0, 0]
  try {
    for await (const stored of readAllStreams(reader, { after, signal: io.signal })) {
      if (timeOf(stored) < sinceMs) continue
      if (!plan.accepts(stored.record)) {
        leftOut += 1
        continue
      }
      const fitted = sink.encode(stored)
      if (fitted === undefined) tooLarge += 1
      else {
        if (fitted.truncated.length > 0) truncated += 1
        await writeLine(io.stdout, `${plan.name}\t${escapeControls(fitted.text)}`)
      }
      shown += 1
      if (shown >= limit) break
    }
  } finally {
    await Promise.all([reader.close(), sink.close()])
  }
  const parts = [
    `${counted(shown, 'record')} would be sent${shown >= limit ? ' first' : ''}`,
    `${leftOut} left out by the filter`,
    `${truncated} without detail`,
    `${tooLarge} too large`,
  ]
  await writeLine(io.stderr, `${plan.name}: ${parts.join(', ')}`)
}

/** How far a sink has come, a stream each; none where it has not begun, or is to begin anew. */
async function placesOf(
  options: PreviewOptions,
  sink: SinkPlan,
): Promise<ReadonlyMap<StreamName, string>> {
  const { place, plan, restart } = options
  if (restart) return new Map()
  if (place.kind === 'journal') {
    const positions = (await readPositions(folderOf(options, sink))) ?? {}
    return new Map(Object.entries(positions) as [StreamName, string][])
  }
  const address = auditRedisAddress(place.url)
  const connection = await connectRedis({ address, timeoutMs: TIMEOUT_MS })
  try {
    const streams = Object.entries(STREAM_KEYS) as [StreamName, string][]
    const ids = await deliveredIds(connection, groupOf(plan, sink), Object.values(STREAM_KEYS))
    return new Map(
      streams.flatMap(([name, key]) => {
        const id = ids.get(key)
        return id === undefined ? [] : [[name, id] as const]
      }),
    )
  } finally {
    connection.close()
  }
}
