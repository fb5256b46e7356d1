/** The command line: finds the command, parses its options, and turns every error into one message and an exit code. */
import { parseArgs } from 'node:util'
import { CelosiaError, exitCodeOf } from '../core/errors.ts'
import { UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, OptionValues } from './command.ts'
import { allCommands, findCommand } from './commands.ts'
import { commandHelp, overview } from './help.ts'
import { plainText } from './table.ts'
import { version } from './version.ts'

/** Runs one command line (without the program's name) and resolves with the exit code. Never rejects. */
export async function runProgram(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const [first] = args
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      await writeLine(io.stdout, await helpFor(args.slice(1)))
      return first === undefined ? 2 : 0
    }
    if (first === '--version' || first === '-v') {
      await writeLine(io.stdout, version())
      return 0
    }
    const command = await findCommand(args)
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

async function helpFor(names: readonly string[]): Promise<string> {
  return names.length === 0
    ? overview(await allCommands(), version())
    : commandHelp(await findCommand(names))
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
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    await writeLine(io.stderr, plainLines(`celosia: unexpected error\n${told}`))
    return
  }
  await writeLine(io.stderr, plainLines(`celosia: ${error.message} (${error.code})`))
  if (error.code === 'ERR_USAGE')
    await writeLine(io.stderr, 'celosia --help tells the commands and their options')
}

/** Messages may quote what was given; their own lines stay. */
function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n')
}
