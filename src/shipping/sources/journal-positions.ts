/** How far a sink has come in a journal: one small file, replaced whole, and on the disk before it counts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditUnavailableError } from '../../audit/errors.ts'
import { STREAM_NAMES, type StreamName } from '../../core/audit-record.ts'
import { replaceFile } from '../../core/durable-file.ts'

export type Positions = Readonly<Partial<Record<StreamName, string>>>

const POSITIONS_NAME = 'positions.json'
const VERSION = 1

/**
 * The positions in a folder, or undefined where there are none yet. Rejects with AuditUnavailableError where the file is not
 * one of ours: to begin anew would send everything again, so that is for a person to decide.
 */
export async function readPositions(folder: string): Promise<Positions | undefined> {
  const path = join(folder, POSITIONS_NAME)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new AuditUnavailableError(`${path} cannot be read`)
  }
  const positions = parsed(text)
  if (positions !== undefined) return positions
  throw new AuditUnavailableError(
    `${path} is not a file of positions; remove it to begin with the oldest record again`,
  )
}

/** Resolves once they are on the disk. */
export async function writePositions(folder: string, positions: Positions): Promise<void> {
  try {
    await replaceFile(
      join(folder, POSITIONS_NAME),
      `${JSON.stringify({ v: VERSION, positions })}\n`,
    )
  } catch {
    // Without the cause: all that it would add is the path.
    throw new AuditUnavailableError(`The positions in ${folder} cannot be written`)
  }
}

function parsed(text: string): Positions | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { v, positions } = (value ?? {}) as { readonly v?: unknown; readonly positions?: unknown }
  if (v !== VERSION || typeof positions !== 'object' || positions === null) return undefined
  const fits = Object.entries(positions).every(
    ([stream, position]) =>
      (STREAM_NAMES as readonly string[]).includes(stream) && typeof position === 'string',
  )
  return fits ? positions : undefined
}
