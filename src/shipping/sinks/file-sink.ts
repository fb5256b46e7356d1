/**
 * A file of lines, for an agent of the SIEM that reads files: appended, on the disk before it counts (fdatasync), readable by
 * its owner only, and turned over at a size: `audit.jsonl` becomes `audit.jsonl.1`, that `.2`, and so on.
 */
import { constants } from 'node:fs'
import { open, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { endsWithLine } from '../../audit/journal-lines.ts'
import { syncDirectory } from '../../core/durable-file.ts'
import { codeOf, DeliveryError } from '../delivery-error.ts'
import { recordEncoder, type RecordFormat } from '../encoder.ts'
import type { Sink } from '../sink.ts'

export interface FileSinkOptions extends RecordFormat {
  readonly path: string
  /** A file that has so many bytes is turned over before the next batch. */
  readonly rotateBytes: number
  /** How many old files are kept; the oldest goes. */
  readonly keep: number
}

const FILE_MODE = 0o600
// A link in place of the file would lead the records elsewhere.
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW

export function createFileSink(options: FileSinkOptions): Sink {
  let file: FileHandle | undefined
  const drop = async (): Promise<void> => {
    const dropped = file
    file = undefined
    await dropped?.close()
  }
  return {
    encode: recordEncoder(options),
    deliver: async (payloads) => {
      try {
        if (file !== undefined && !(await isStillThere(file, options.path))) await drop()
        file ??= await openForAppending(options.path)
        if ((await file.stat()).size >= options.rotateBytes) {
          await drop()
          await turnOver(options)
          file = await openForAppending(options.path)
        }
        await file.appendFile(payloads.map(({ text }) => `${text}\n`).join(''))
        await file.datasync()
      } catch (error) {
        // What was written in part ends as a line of its own when the file is opened again.
        await drop().catch(() => undefined)
        throw fileFailure(error)
      }
    },
    close: drop,
  }
}

async function openForAppending(path: string): Promise<FileHandle> {
  const file = await open(path, FLAGS, FILE_MODE)
  try {
    const { size } = await file.stat()
    if (size === 0) await syncDirectory(dirname(path))
    else if (!(await endsWithLine(path))) await file.appendFile('\n')
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** False where somebody has moved or removed the file: then a new one is begun. */
async function isStillThere(file: FileHandle, path: string): Promise<boolean> {
  const ours = await file.stat()
  try {
    const there = await stat(path)
    return there.ino === ours.ino && there.dev === ours.dev
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

async function turnOver({ path, keep }: FileSinkOptions): Promise<void> {
  for (let number = keep; number >= 1; number -= 1) {
    await ifThere(rename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`))
  }
  if (keep === 0) await ifThere(unlink(path))
  await syncDirectory(dirname(path))
}

async function ifThere(change: Promise<void>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** What somebody has to put right, and what passes by itself: a full disk gets room again. */
const MISCONFIGURED_CODES = new Set([
  'EACCES',
  'EISDIR',
  'ELOOP',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
])

function fileFailure(error: unknown): DeliveryError {
  const code = codeOf(error)
  const kind = MISCONFIGURED_CODES.has(code) ? 'misconfigured' : 'passing'
  return new DeliveryError({ kind, problem: `The file cannot be written (${code})` })
}
