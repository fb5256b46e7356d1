/**
 * A shared log of one machine: a folder with one file a day, each line an entry, each append made durable by fdatasync. Files
 * are only added to, so that commands and the gateway need no lock; old ones are deleted whole.
 */
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { isoTime } from '../../core/clock.ts'
import type { Clock } from '../../core/clock.ts'
import { checkEntry, SharedLogUnavailableError } from './shared-log.ts'
import type { SharedLog } from './shared-log.ts'

const NAME = /^(\d{4}-\d{2}-\d{2})\.jsonl$/
const DAY_MS = 86_400_000
/** Largest file of one day. */
const FILE_BYTES_MAX = 67_108_864

export interface FileSharedLogOptions {
  readonly directory: string
  /** Entries older than this may be dropped. */
  readonly keptMs: number
  readonly clock: Clock
}

/** Makes the folder where it is missing. Throws {@link SharedLogUnavailableError} where that fails. */
export async function openFileSharedLog(options: FileSharedLogOptions): Promise<SharedLog> {
  const { directory, keptMs, clock } = options
  await guarded(() => mkdir(directory, { recursive: true, mode: 0o700 }))
  let offsets: ReadonlyMap<string, number> = new Map()
  return {
    append: async (entry) => {
      checkEntry(entry)
      const file = join(directory, `${isoTime(clock.nowMs()).slice(0, 10)}.jsonl`)
      await guarded(() => appendLine(directory, file, entry))
    },
    read: () =>
      guarded(async () => {
        const entries: string[] = []
        const ends = new Map<string, number>()
        for (const name of await namesOf(directory)) {
          if (isOver(name, clock.nowMs() - keptMs)) {
            await rm(join(directory, name), { force: true })
            continue
          }
          const { lines, end } = await readLines(join(directory, name), offsets.get(name) ?? 0)
          ends.set(name, end)
          entries.push(...lines.flatMap(entryOf))
        }
        // Only now: what is not handed out is read again.
        offsets = ends
        return entries
      }),
    close: async () => undefined,
  }
}

// What is shorter than it says was never acknowledged. What is longer, or says nothing, is not ours.
function entryOf(line: string): readonly string[] {
  const colon = line.indexOf(':')
  const length = colon === -1 ? line : line.slice(0, colon)
  const entry = line.slice(length.length + 1)
  const isNumber = /^[1-9]\d{0,4}$/.test(length)
  if (colon === -1 && isNumber) return []
  if (!isNumber || entry.length > Number(length))
    throw new SharedLogUnavailableError('the shared log holds a line that no gateway wrote')
  return entry.length < Number(length) ? [] : [entry]
}

async function namesOf(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => NAME.test(name)).toSorted()
}

// A day's file has nothing younger than the end of that day.
function isOver(name: string, oldestMs: number): boolean {
  const day = Date.parse(NAME.exec(name)?.[1] ?? '')
  return day + DAY_MS < oldestMs
}

async function appendLine(directory: string, file: string, entry: string): Promise<void> {
  const handle = await open(file, 'a', 0o600)
  try {
    const { size } = await handle.stat()
    if (size > FILE_BYTES_MAX) throw new SharedLogUnavailableError('the shared log is full')
    // The line feed before it ends what a crash or a full disk may have left unfinished.
    const line = Buffer.from(`\n${entry.length}:${entry}\n`)
    const { bytesWritten } = await handle.write(line)
    if (bytesWritten !== line.byteLength)
      throw new SharedLogUnavailableError('an entry was written in part')
    await handle.datasync()
  } finally {
    await handle.close()
  }
  await syncDirectory(directory)
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Whole lines from an offset on, and where the next read begins. A file that became shorter is read anew. */
async function readLines(
  file: string,
  from: number,
): Promise<{ readonly lines: readonly string[]; readonly end: number }> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    if (size > FILE_BYTES_MAX * 2) throw new SharedLogUnavailableError('the shared log is too long')
    const start = size < from ? 0 : from
    const bytes = await readFrom(handle, start, size - start)
    const end = bytes.lastIndexOf(0x0a) + 1
    const lines = bytes.toString('utf8', 0, end).split('\n')
    return { lines: lines.filter((line) => line !== ''), end: start + end }
  } finally {
    await handle.close()
  }
}

async function readFrom(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, start + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof SharedLogUnavailableError) throw cause
    throw new SharedLogUnavailableError('the shared log cannot be read or written', { cause })
  }
}
