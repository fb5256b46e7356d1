/** Holds beside a journal: one file each, so that commands and the gateway need no lock. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile, replaceFile } from '../../core/durable-file.ts'
import { AuditUnavailableError } from '../errors.ts'
import { HOLDS_MAX, holdText, parseHold } from './hold.ts'
import type { HoldStore } from './hold.ts'

const SUFFIX = '.json'

/** In this folder, which is made with the first. */
export function fileHoldStore(folder: string): HoldStore {
  const pathOf = (name: string): string => join(folder, `${name}${SUFFIX}`)
  return {
    list: () =>
      guarded(async () => {
        const names = (await namesIn(folder)).filter((name) => name.endsWith(SUFFIX))
        if (names.length > HOLDS_MAX) throw new AuditUnavailableError('There are too many holds')
        const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
        return texts.map(parseHold)
      }),
    place: (hold) =>
      guarded(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        return createFile(pathOf(hold.name), holdText(hold))
      }),
    replace: (hold) => guarded(() => replaceFile(pathOf(hold.name), holdText(hold))),
    forget: (name) => guarded(() => rm(pathOf(name), { force: true })),
    close: () => Promise.resolve(),
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof AuditUnavailableError) throw cause
    throw new AuditUnavailableError('The holds cannot be read or written', { cause })
  }
}
