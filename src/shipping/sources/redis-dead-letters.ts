/** Dead letters in Redis: one stream for all sinks, in which each entry is the stored record with a few notes beside it. */
import { AuditUnavailableError } from '../../audit/errors.ts'
import { recordOfEntry } from '../../audit/record-codec.ts'
import { isoTime } from '../../core/clock.ts'
import type { RedisAddress } from '../../core/redis-address.ts'
import { connectRedis, type RedisConnection } from '../../core/redis-connection.ts'
import type { DeadLetter, DeadLetterBox } from '../dead-letters.ts'
import type { AsideReason, Delivery } from '../record-source.ts'

/** Why and when a record was put aside, and where it came from. */
export interface LetterNotes {
  readonly sink: string
  readonly reason: AsideReason
  readonly stream: string
  readonly position: string
  readonly atMs: number
}

const PREFIX = 'dead_'
const TIMEOUT_MS = 5_000
/** Letters that are asked for at once. A record has up to a mebibyte. */
const PIECE_LETTERS = 32

/** The fields of a letter, names and values in turn. */
export function letterFields(
  stored: readonly string[],
  { sink, reason, stream, position, atMs }: LetterNotes,
): readonly string[] {
  const notes = { sink, reason, stream, position, at: String(atMs) }
  return [
    ...stored,
    ...Object.entries(notes).flatMap(([name, value]) => [`${PREFIX}${name}`, value]),
  ]
}

export interface RedisDeadLettersOptions {
  readonly address: RedisAddress
  readonly stream: string
  /** Letters of other sinks are passed over. */
  readonly sink: string
}

/** A Redis that is away is no error yet; the methods then reject. */
export async function openRedisDeadLetters(
  options: RedisDeadLettersOptions,
): Promise<DeadLetterBox> {
  const { address, stream, sink } = options
  const connection = await connectRedis({ address, timeoutMs: TIMEOUT_MS })
  return {
    letters: () => lettersOf(connection, stream, sink),
    remove: async (deliveries) => {
      const ids = deliveries.map(({ position }) => position)
      await command(connection, ({ redis }) => redis.xdel(stream, ...ids))
    },
    close: () => Promise.resolve(connection.close()),
  }
}

// Only what is there when it begins: a shipper at work may put aside more meanwhile.
async function* lettersOf(
  connection: RedisConnection,
  stream: string,
  sink: string,
): AsyncGenerator<DeadLetter, void, undefined> {
  const [newest] = await command(connection, ({ redis }) =>
    redis.xrevrange(stream, '+', '-', 'COUNT', 1),
  )
  if (newest === undefined) return
  for (let after = '-'; ;) {
    const from = after
    const entries = await command(connection, ({ redis }) =>
      redis.xrange(stream, from, newest[0], 'COUNT', PIECE_LETTERS),
    )
    for (const [id, fields] of entries) {
      const { notes, stored } = parted(fields)
      if (notes.get('sink') === sink) yield letterOf(id, notes, stored)
    }
    const last = entries.at(-1)
    if (last === undefined || entries.length < PIECE_LETTERS) return
    after = `(${last[0]}`
  }
}

function letterOf(
  position: string,
  notes: ReadonlyMap<string, string>,
  stored: readonly string[],
): DeadLetter {
  const origin = notes.get('stream') ?? ''
  const delivery: Delivery = { origin, position, read: recordOfEntry(stored), stored }
  const atMs = Number(notes.get('at') ?? Number.NaN)
  const at = Number.isSafeInteger(atMs) ? isoTime(atMs) : ''
  return { delivery, reason: notes.get('reason') ?? '', at }
}

function parted(fields: readonly string[]) {
  const notes = new Map<string, string>()
  const stored: string[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name = '', value = ''] = fields.slice(i, i + 2)
    if (name.startsWith(PREFIX)) notes.set(name.slice(PREFIX.length), value)
    else stored.push(name, value)
  }
  return { notes, stored }
}

async function command<T>(
  connection: RedisConnection,
  run: (connection: RedisConnection) => Promise<T>,
): Promise<T> {
  try {
    return await run(connection)
  } catch (error) {
    // Without the cause: ioredis' errors carry the arguments of the command.
    throw new AuditUnavailableError(connection.problem(error))
  }
}
