/** What the commands on grants have in common: the policy, the log, and who speaks. */
import { uuidV7 } from '../../core/ids.ts'
import { systemClock } from '../../core/clock.ts'
import { GrantBook } from '../../identity/grants/grant-book.ts'
import type { Grant } from '../../identity/grants/grant-book.ts'
import { grantEntryOf, grantLine } from '../../identity/grants/grant-entry.ts'
import type { GrantEntry } from '../../identity/grants/grant-entry.ts'
import type { SharedLog } from '../../identity/shared-log/shared-log.ts'
import type { CompiledPolicy } from '../../rules/compiled-policy.ts'
import type { BreakGlassRules } from '../../rules/reveal/break-glass.ts'
import { requiredOption, UsageError } from '../command.ts'
import type { CommandIo, CommandOption, OptionValues } from '../command.ts'
import { loadPolicy } from '../load-policy.ts'
import { openGrantLog, STORE_OPTIONS, storePlace } from '../stores.ts'

export const GRANT_OPTIONS: Readonly<Record<string, CommandOption>> = {
  config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
  ...STORE_OPTIONS,
}

export const BY_OPTION: Readonly<Record<string, CommandOption>> = {
  by: { type: 'string', value: 'NAME', help: 'who does this' },
}

/** A policy with break-glass. */
export interface GrantPolicy {
  readonly compiled: CompiledPolicy
  readonly breakGlass: BreakGlassRules
}

/** Throws {@link UsageError} where the policy has no break-glass. */
export function loadGrantPolicy(values: OptionValues, { environment }: CommandIo): GrantPolicy {
  const file = requiredOption(values, 'config')
  const { compiled } = loadPolicy({ file, environment, mode: 'author' })
  const { breakGlass } = compiled
  if (breakGlass === undefined)
    throw new UsageError('the policy grants nobody anything: no role has breakGlass')
  return { compiled, breakGlass }
}

/** Opens the log for one command. */
export async function withGrantLog<T>(
  values: OptionValues,
  io: CommandIo,
  work: (log: SharedLog) => Promise<T>,
): Promise<T> {
  const log = await openGrantLog(storePlace(values, io))
  try {
    return await work(log)
  } finally {
    await log.close()
  }
}

/** All grants of the log, oldest first. */
export async function readGrants(log: SharedLog): Promise<GrantBook> {
  const book = new GrantBook()
  for (const line of await log.read()) {
    if (!book.add(grantEntryOf(line))) throw new UsageError('the log has more grants than are kept')
  }
  return book
}

/** The grant that the operand names. Throws {@link UsageError} where the log has none. */
export async function namedGrant(
  operands: readonly string[],
  log: SharedLog,
): Promise<Grant & { readonly request: NonNullable<Grant['request']> }> {
  const [id, ...others] = operands
  if (id === undefined || others.length > 0) throw new UsageError('one grant is named, by its id')
  const grant = (await readGrants(log)).get(id)
  if (grant?.request === undefined) throw new UsageError(`there is no grant ${id}`)
  return { ...grant, request: grant.request }
}

/** Adds an entry with what each has. */
export async function append<T extends GrantEntry>(
  log: SharedLog,
  entry: Omit<T, 'entry' | 'atMs'>,
): Promise<void> {
  const whole = { ...entry, entry: uuidV7(), atMs: systemClock.nowMs() } as unknown as T
  await log.append(grantLine(whole))
}

/** A name of a person, in a form that stands well in records. Throws {@link UsageError}. */
export function nameOption(values: OptionValues, option: string): string {
  const name = requiredOption(values, option)
  if (!/^[A-Za-z0-9._@-]{1,100}$/.test(name))
    throw new UsageError(`--${option} has letters, digits and ._@- only, at most 100`)
  return name
}
