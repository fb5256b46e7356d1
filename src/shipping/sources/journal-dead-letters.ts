/** Dead letters beside a journal: a file of JSON lines for each sink, appended to, and replaced whole when letters leave it. */
import { createReadStream } from 'node:fs'
import { open, rename, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AuditUnavailableError } from '../../audit/errors.ts'
import { recordOfLine } from '../../audit/record-codec.ts'
import { isoTime, type Clock } from '../../core/clock.ts'
import { syncDirectory } from '../../core/durable-file.ts'
import type { DeadLetter, DeadLetterBox } from '../dead-letters.ts'
import { codeOf } from '../delivery-error.ts'
import type { AsideReason, Delivery } from '../record-source.ts'
import { lockFolder } from './journal-folder.ts'

const NAME = 'dead-letters.jsonl'
const FILE_MODE = 0o600
/** A record has up to a mebibyte, and stands there as text in text. */
const LINE_BYTES_MAX = 8 * 1024 * 1024
const LINE_FEED = 0x0a

/** A line of the file. */
interface StoredLetter {
  readonly reason: string
  readonly stream: string
  readonly position: string
  readonly at: string
  /** The record as a line of the journal; empty where it could not be read there. */
  readonly stored: string
}

/** How many letters a folder holds. Rejects with AuditUnavailableError where the file cannot be read. */
export async function countLetters(folder: string): Promise<number> {
  let letters = 0
  for await (const line of linesOf(join(folder, NAME))) letters += line.length > 0 ? 1 : 0
  return letters
}

/** Appends a letter; resolves once it is on the disk. */
export async function appendLetter(
  folder: string,
  { origin, position, stored }: Delivery,
  reason: AsideReason,
  atMs: number,
): Promise<void> {
  const letter: StoredLetter = {
    reason,
    stream: origin,
    position,
    at: isoTime(atMs),
    stored: stored.at(-1) ?? '',
  }
  const path = join(folder, NAME)
  await onDisk(path, async () => {
    const file = await open(path, 'a', FILE_MODE)
    try {
      await file.appendFile(`${JSON.stringify(letter)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

/**
 * Takes the lock of the folder: a shipper that is at work there has to be ended first. Letters that were removed leave the
 * file when the box is closed.
 */
export async function openJournalDeadLetters(folder: string, clock: Clock): Promise<DeadLetterBox> {
  const path = join(folder, NAME)
  const lock = await lockFolder(folder, clock)
  const gone = new Set<string>()
  const close = async (): Promise<void> => {
    try {
      if (gone.size > 0 && !lock.lost()) await rewrite(path, gone)
    } finally {
      await lock.release()
    }
  }
  let closing: Promise<void> | undefined
  return {
    letters: () => lettersOf(path),
    remove: async (deliveries) => {
      for (const { position } of deliveries) gone.add(position)
    },
    close: () => (closing ??= close()),
  }
}

async function* lettersOf(path: string): AsyncGenerator<DeadLetter, void, undefined> {
  let number = 0
  for await (const line of linesOf(path)) {
    number += 1
    const { reason, stream, at, stored } = parsed(line)
    const read = stored === '' ? undefined : recordOfLine(Buffer.from(stored))
    const delivery = { origin: stream, position: String(number), read, stored: ['line', stored] }
    yield { delivery, reason, at }
  }
}

/** Leaves the lines out whose numbers are among those that are gone. */
async function rewrite(path: string, gone: ReadonlySet<string>): Promise<void> {
  const aside = `${path}.new`
  await onDisk(path, async () => {
    const file = await open(aside, 'w', FILE_MODE)
    try {
      await copyLines(path, file, gone)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  })
}

async function copyLines(path: string, to: FileHandle, gone: ReadonlySet<string>): Promise<void> {
  let number = 0
  for await (const line of linesOf(path)) {
    number += 1
    if (gone.has(String(number))) continue
    await to.appendFile(line)
    await to.appendFile('\n')
  }
}

async function onDisk(path: string, change: () => Promise<void>): Promise<void> {
  try {
    await change()
    await syncDirectory(dirname(path))
  } catch (error) {
    if (error instanceof AuditUnavailableError) throw error
    throw new AuditUnavailableError(`${path} cannot be written`)
  }
}

/** Lines without their line feeds; none where there is no file. What was not ended by a line feed is a line too. */
async function* linesOf(path: string): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer = Buffer.alloc(0)
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      held = Buffer.concat([held, piece])
      let start = 0
      for (let end = held.indexOf(LINE_FEED); end >= 0; end = held.indexOf(LINE_FEED, start)) {
        yield held.subarray(start, end)
        start = end + 1
      }
      held = held.subarray(start)
      if (held.length > LINE_BYTES_MAX) throw new AuditUnavailableError(`${path} has no lines`)
    }
  } catch (error) {
    if (error instanceof AuditUnavailableError) throw error
    if (codeOf(error) === 'ENOENT') return
    throw new AuditUnavailableError(`${path} cannot be read`)
  }
  if (held.length > 0) yield held
}

// What somebody has written there by hand is a letter that nobody can read: it stays.
function parsed(line: Buffer): StoredLetter {
  let value: unknown
  try {
    value = JSON.parse(line.toString('utf8'))
  } catch {
    value = undefined
  }
  const letter = (value ?? {}) as Readonly<Record<string, unknown>>
  const textOf = (name: keyof StoredLetter): string => {
    const text = letter[name]
    return typeof text === 'string' ? text : ''
  }
  return {
    reason: textOf('reason'),
    stream: textOf('stream'),
    position: textOf('position'),
    at: textOf('at'),
    stored: textOf('stored'),
  }
}
