/** The command line: finds the command, parses its options, and turns every error into one message and an exit code. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CelosiaError, exitCodeOf } from '../core/errors.ts'
import { closest } from '../core/closest.ts'
import { auditCat, auditTail } from './audit.ts'
import { check } from './check.ts'
import { UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, OptionValues } from './command.ts'
import { demo } from './demo.ts'
import { commandHelp, overview } from './help.ts'
import { mask } from './mask.ts'
import { schema } from './schema.ts'
import { serve } from './serve.ts'

export const COMMANDS: readonly Command[] = [serve, demo, check, mask, auditTail, auditCat, schema]

/** Runs one command line (without the program's name) and resolves with the exit code. Never rejects. */
export async function runProgram(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const [first] = args
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      await writeLine(io.stdout, helpFor(args.slice(1)))
      return first === undefined ? 2 : 0
    }
    if (first === '--version' || first === '-v') {
      await writeLine(io.stdout, version())
      return 0
    }
    const command = findCommand(args)
    if (args.includes('--help') || args.includes('-h')) {
      await writeLine(io.stdout, commandHelp(command))
      return 0
    }
    const { values, positionals } = parse(command, args.slice(command.name.split(' ').length))
    return await command.run(values, positionals, io)
  } catch (error) {
    await report(error, io)
    return exitCodeOf(error)
  }
}

function helpFor(names: readonly string[]): string {
  return names.length === 0 ? overview(COMMANDS, version()) : commandHelp(findCommand(names))
}

function findCommand(args: readonly string[]): Command {
  const two = args.slice(0, 2).join(' ')
  const found = COMMANDS.find((command) => command.name === two || command.name === args[0])
  if (found !== undefined) return found
  const near =
    closest(
      two,
      COMMANDS.map((command) => command.name),
    ) ??
    closest(
      args[0] ?? '',
      COMMANDS.map((command) => command.name),
    )
  throw new UsageError(
    `unknown command: ${args[0] ?? ''}${near === undefined ? '' : `; did you mean ${near}?`}`,
  )
}

function parse(
  command: Command,
  args: readonly string[],
): { readonly values: OptionValues; readonly positionals: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [
      name,
      { type: option.type, ...(option.default === undefined ? {} : { default: option.default }) },
    ]),
  )
  try {
    return parseArgs({
      args: [...args],
      options,
      allowPositionals: command.operands !== '',
      strict: true,
    })
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'the options cannot be read', {
      cause,
    })
  }
}

async function report(error: unknown, io: CommandIo): Promise<void> {
  if (!(error instanceof CelosiaError)) {
    await writeLine(
      io.stderr,
      `celosia: unexpected error\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
    return
  }
  await writeLine(io.stderr, `celosia: ${error.message} (${error.code})`)
  if (error.code === 'ERR_USAGE')
    await writeLine(io.stderr, 'celosia --help tells the commands and their options')
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
