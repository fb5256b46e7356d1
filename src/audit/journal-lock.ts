/**
 * One writer a directory: a lock file that names its process. The lock of a process that has died is taken over; that of
 * another host once it has not been touched for a while. The holder looks after its lock, and knows when it lost it.
 */
import { hash, randomUUID } from 'node:crypto'
import { link, readFile, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { AuditUnavailableError } from './errors.ts'

export interface JournalLock {
  /** True once somebody else has the lock, or the file is gone. For good: nothing may be written any more. */
  readonly lost: () => boolean
  /** Gives the lock back, where it is still ours. Twice is once. */
  readonly release: () => Promise<void>
}

/** Who holds it. */
interface Holder {
  readonly pid: number
  /** When the process started, so that a later process of the same id is not taken for it. Empty where unknown. */
  readonly started: string
  readonly host: string
  readonly token: string
}

export const LOCK_NAME = 'audit.lock'
/** The holder touches its lock so often... */
const TOUCH_MS = 5_000
/** ...and one from another host that was not touched for so long is stale. */
export const STALE_MS = 30_000
const TAKE_OVER_ATTEMPTS = 3

/** Takes the lock of a directory, and looks after it every `touchMs`. Throws AuditUnavailableError where a living process has it. */
export async function lockJournal(
  directory: string,
  clock: Clock,
  touchMs: number = TOUCH_MS,
): Promise<JournalLock> {
  const path = join(directory, LOCK_NAME)
  const holder: Holder = {
    pid: process.pid,
    started: await processStart(process.pid),
    host: hostname(),
    token: randomUUID(),
  }
  const text = JSON.stringify(holder)
  // Written aside and linked: a lock is there whole or not at all.
  const own = `${path}.${holder.token}`
  await writeFile(own, text, { mode: 0o600, flag: 'wx' })
  try {
    await take(path, own, clock)
  } finally {
    await unlink(own)
  }
  return keep({ path, text, clock, touchMs })
}

async function take(path: string, own: string, clock: Clock): Promise<void> {
  for (let attempt = 0; attempt < TAKE_OVER_ATTEMPTS; attempt += 1) {
    if (await linked(own, path)) return
    const found = await readIfThere(path)
    if (found === undefined) continue
    if (!(await isStale(path, found, clock))) throw new AuditUnavailableError(TAKEN)
    if (await takeOver({ path, own, clock }, found)) return
  }
  throw new AuditUnavailableError('The lock of the journal could not be taken')
}

const TAKEN = 'Another process writes to this journal; one directory each'
/** Heirs that died while they took over, one after the other. */
const HEIRS_MAX = 8

interface Taking {
  readonly path: string
  readonly own: string
  readonly clock: Clock
}

/**
 * Replaces a stale lock. Whoever wants to must first be its heir, by a link that only one can make: nobody else removes
 * this very lock, so that no living one is removed in its stead. An heir who died amid this has an heir himself.
 */
async function takeOver({ path, own, clock }: Taking, stale: string): Promise<boolean> {
  const claims: string[] = []
  let inherited = stale
  for (;;) {
    const claim = `${path}.heir.${hash('sha256', inherited).slice(0, 32)}`
    claims.push(claim)
    if (await linked(own, claim)) break
    const heir = await readIfThere(claim)
    // Somebody is done with it.
    if (heir === undefined) return false
    if (!(await isStale(claim, heir, clock)) || claims.length > HEIRS_MAX)
      throw new AuditUnavailableError(TAKEN)
    inherited = heir
  }
  if ((await readIfThere(path)) === stale) await unlink(path)
  const taken = await linked(own, path)
  for (const claim of claims) await rm(claim, { force: true })
  return taken
}

async function isStale(path: string, text: string, clock: Clock): Promise<boolean> {
  const holder = parseHolder(text)
  // Locks are linked whole, so this is not ours: a person has to look.
  if (holder === undefined) return false
  if (holder.host === hostname()) {
    const started = isAlive(holder.pid) ? await processStart(holder.pid) : ENDED
    // What cannot be told, as where /proc is hidden, counts as alive.
    return started !== '' && started !== holder.started
  }
  const { mtimeMs } = await stat(path)
  return clock.nowMs() - mtimeMs > STALE_MS
}

interface Held {
  readonly path: string
  readonly text: string
  readonly clock: Clock
  readonly touchMs: number
}

function keep({ path, text, clock, touchMs }: Held): JournalLock {
  let lost = false
  let released = false
  const touch = async (): Promise<void> => {
    if ((await readFile(path, 'utf8')) !== text) lost = true
    else await utimes(path, clock.nowMs() / 1_000, clock.nowMs() / 1_000)
  }
  const timer = setInterval(() => {
    touch().catch(() => (lost = true))
  }, touchMs).unref()
  return {
    lost: () => lost,
    release: async () => {
      clearInterval(timer)
      if (released) return
      released = true
      if ((await readIfThere(path)) === text) await unlink(path)
    },
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    // ESRCH: the process ended while its file in /proc was being read.
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined
    throw error
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null
    const { pid, started, host } = value ?? {}
    const known =
      Number.isSafeInteger(pid) && typeof started === 'string' && typeof host === 'string'
    return known ? (value as Holder) : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

const ENDED = 'ended'

/** When a process started, in ticks since boot (proc_pid_stat(5), fields 3 and 22). Empty where there is no /proc. */
async function processStart(pid: number): Promise<string> {
  const text = await readIfThere(`/proc/${pid}/stat`)
  // The second field, the program's name, may hold blanks and brackets.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' ? ENDED : (fields?.[19] ?? '')
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
