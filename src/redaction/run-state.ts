/** How far a run has come, in a file: another run with the same file goes on there. Holds no text of a record. */
import { readFile } from 'node:fs/promises'
import { replaceFile } from '../core/durable-file.ts'
import { noTotals } from './report.ts'
import type { Totals } from './report.ts'
import { RedactionStateError } from './errors.ts'

export interface RunState {
  readonly version: 1
  /** What is done: of another connector, policy or task the file is refused. */
  readonly task: string
  /** The resource that is gone through, by its number. */
  resource: number
  /** The page that was begun; undefined: the first. */
  page: string | undefined
  /** Ids of records of this page that are done. */
  done: string[]
  totals: Totals
  isFinished: boolean
}

export interface StateFile {
  readonly state: RunState
  readonly save: () => Promise<void>
}

/** Opens or begins one. `path` undefined: nothing is kept. Throws {@link RedactionStateError}. */
export async function openState(path: string | undefined, task: string): Promise<StateFile> {
  const begun: RunState = {
    version: 1,
    task,
    resource: 0,
    page: undefined,
    done: [],
    totals: noTotals(),
    isFinished: false,
  }
  if (path === undefined) return { state: begun, save: async () => {} }
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new RedactionStateError(`${path} cannot be read`, { cause: error })
  })
  const state = text === undefined ? begun : stateOf(path, text, task)
  const save = async (): Promise<void> => {
    await replaceFile(path, `${JSON.stringify(state)}\n`).catch((cause: unknown) => {
      throw new RedactionStateError(`${path} cannot be written`, { cause })
    })
  }
  await save()
  return { state, save }
}

function stateOf(path: string, text: string, task: string): RunState {
  const state = parsed(text)
  if (state?.version !== 1 || !Array.isArray(state.done)) {
    throw new RedactionStateError(`${path} is no state of a run`)
  }
  if (state.task !== task) {
    throw new RedactionStateError(
      `${path} is of another run: another connector, policy, or other options`,
    )
  }
  return state
}

function parsed(text: string): RunState | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as RunState) : undefined
  } catch {
    return undefined
  }
}
