/** `celosia audit ship --dead-letters`: records that were put aside are sent once more, or shown. */
import { auditRedisAddress } from '../audit/redis-audit-address.ts'
import { systemClock } from '../core/clock.ts'
import {
  deadLetterSource,
  type DeadLetterBox,
  type DeadLetterSource,
} from '../shipping/dead-letters.ts'
import { startShipper, type ShipperOptions } from '../shipping/shipper.ts'
import type { SinkPlan } from '../shipping/ship-file/plan.ts'
import { openJournalDeadLetters } from '../shipping/sources/journal-dead-letters.ts'
import { openRedisDeadLetters } from '../shipping/sources/redis-dead-letters.ts'
import { writeLine, type CommandIo } from './command.ts'
import { DEAD_LETTERS_KEY, folderOf, type ShipSourceOptions } from './ship-sources.ts'
import { plainText } from './table.ts'

/** Exit code where some are left: as where a sink does not take records. */
const SOME_ARE_LEFT = 5

/** Sends those of each sink once more. Resolves with the exit code; rejects where a sink takes nothing at all. */
export async function resendDeadLetters(
  source: ShipSourceOptions,
  options: Omit<ShipperOptions, 'once' | 'openSource' | 'plan'>,
  io: CommandIo,
): Promise<number> {
  const sources = new Map<string, DeadLetterSource>()
  const shipper = await startShipper({
    ...options,
    plan: source.plan,
    openSource: async (sink) => {
      const letters = deadLetterSource(await openBox(source, sink))
      sources.set(sink.name, letters)
      return letters
    },
    once: true,
    // Those that are here were refused before: any number of them may be again.
    refusedInARowMax: Number.POSITIVE_INFINITY,
  })
  const stop = (): void => void shipper.stop(0)
  io.signal.addEventListener('abort', stop)
  try {
    await shipper.done
  } finally {
    io.signal.removeEventListener('abort', stop)
    for (const [name, { counts }] of sources) {
      const { sent, left } = counts()
      await writeLine(io.stderr, `${name}: ${sent} sent, ${left} not taken, which stay`)
    }
  }
  return [...sources.values()].some(({ counts }) => counts().left > 0) ? SOME_ARE_LEFT : 0
}

/** Prints a line for each: its sink, why and when it was put aside, its stream, its type and its id. Changes nothing. */
export async function showDeadLetters(
  source: ShipSourceOptions,
  limit: number,
  { stdout }: CommandIo,
): Promise<void> {
  for (const sink of source.plan.sinks) {
    const box = await openBox(source, sink)
    try {
      let shown = 0
      for await (const { delivery, reason, at } of box.letters()) {
        const { type = '-', id = '-' } = delivery.read?.record ?? {}
        const cells = [sink.name, reason, at, delivery.origin, type, id]
        await writeLine(
          stdout,
          cells.map((cell) => (cell === '' ? '-' : plainText(cell))).join('\t'),
        )
        shown += 1
        if (shown >= limit) break
      }
    } finally {
      await box.close()
    }
  }
}

function openBox(options: ShipSourceOptions, sink: SinkPlan): Promise<DeadLetterBox> {
  const { place } = options
  return place.kind === 'redis'
    ? openRedisDeadLetters({
        address: auditRedisAddress(place.url),
        stream: DEAD_LETTERS_KEY,
        sink: sink.name,
      })
    : openJournalDeadLetters(folderOf(options, sink), systemClock)
}
