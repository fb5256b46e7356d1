/** What a command of the CLI is: a name, its options, and a function from parsed arguments to an exit code. */
import type { Readable, Writable } from 'node:stream'
import { CelosiaError } from '../core/errors.ts'
import { hasPlaceholder } from '../rules/policy/interpolate.ts'
import type { Issuer } from '../rules/trust.ts'

/** The process as a command sees it; tests hand in their own. */
export interface CommandIo {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborts when the process is asked to end (SIGINT, SIGTERM). */
  readonly signal: AbortSignal
}

export interface CommandOption {
  readonly type: 'string' | 'boolean'
  /** Name of the value in the help. */
  readonly value?: string
  readonly help: string
  readonly default?: string
}

/** Parsed options: texts and switches by name. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

export interface Command {
  /** One or two words: `serve`, `audit tail`. */
  readonly name: string
  readonly summary: string
  /** What stands after the name: `FILE`. Empty where nothing does. */
  readonly operands: string
  readonly options: Readonly<Record<string, CommandOption>>
  /** Anything a reader should know beyond the options: examples, exit codes. */
  readonly notes?: string
  /** Resolves with the exit code. May throw; the error's code then decides. */
  readonly run: (
    values: OptionValues,
    operands: readonly string[],
    io: CommandIo,
  ) => Promise<number>
}

/** Exit code of commands that compare policies: one is looser, or that cannot be told. Not 1, which an unexpected error has. */
export const LOOSER_EXIT_CODE = 6

/** The command line is not one that the command takes. Exit code 2. */
export class UsageError extends CelosiaError {
  readonly code = 'ERR_USAGE'
}

/** The text of an option, or undefined where it was not given. */
export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** The text of an option that must be there. Throws {@link UsageError}. */
export function requiredOption(values: OptionValues, name: string): string {
  const value = textOption(values, name)
  if (value === undefined || value === '') throw new UsageError(`--${name} is needed`)
  return value
}

/** One of the words that an option takes. Throws {@link UsageError}. */
export function choiceOption<T extends string>(
  values: OptionValues,
  name: string,
  choices: readonly T[],
): T {
  const value = textOption(values, name)
  const chosen = choices.find((choice) => choice === value)
  if (chosen !== undefined) return chosen
  throw new UsageError(`--${name} is ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`)
}

/** A port from 0 to 65535; 0 lets the system choose. Throws {@link UsageError}. */
export function portOption(values: OptionValues, name: string): number {
  const text = requiredOption(values, name)
  const port = Number(text)
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535)
    throw new UsageError(`--${name} is a port from 0 to 65535, not ${text}`)
  return port
}

/** The issuer that --issuer names, or the only one. Throws {@link UsageError}. */
export function issuerOption(
  values: OptionValues,
  issuers: readonly Pick<Issuer, 'issuer'>[],
): string {
  const names = issuers.map(({ issuer }) => issuer)
  const open = names.find(hasPlaceholder)
  if (open !== undefined)
    throw new UsageError(`the issuer ${open} is not filled in: set its variable`)
  const named = textOption(values, 'issuer')
  const [only] = names
  if (named === undefined && only !== undefined && names.length === 1) return only
  if (named !== undefined && names.includes(named)) return named
  throw new UsageError(`--issuer is one of ${names.join(', ')}`)
}

/** Writes a line and waits until it is taken, so that nothing is lost when the process ends. */
export async function writeLine(stream: Writable, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))
  })
}
