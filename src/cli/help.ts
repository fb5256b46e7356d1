/** Help texts, made from the commands themselves. */
import type { Command } from './command.ts'

/** The list of commands. */
export function overview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return [
    `celosia ${version}: a privacy-enforcing reverse proxy for customer support`,
    '',
    'Usage: celosia COMMAND [OPTIONS]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'celosia COMMAND --help tells the options of one. Documentation: docs/.',
    'Exit codes: 0 done, 1 not all was done, 2 usage, 3 policy refused, 4 input refused, or a check that failed, 5 environment,',
    '6 a policy is looser. docs/errors.md has them all.',
  ].join('\n')
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const operands = command.operands === '' ? '' : ` ${command.operands}`
  const rows = Object.entries(command.options).map(([name, option]) => {
    const left = option.type === 'string' ? `--${name} ${option.value ?? 'TEXT'}` : `--${name}`
    const fallback = option.default === undefined ? '' : ` (default ${option.default})`
    return [left, `${option.help}${fallback}`] as const
  })
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return [
    `Usage: celosia ${command.name}${rows.length > 0 ? ' [OPTIONS]' : ''}${operands}`,
    '',
    command.summary,
    ...(rows.length > 0
      ? ['', ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)]
      : []),
    ...(command.notes === undefined ? [] : ['', command.notes]),
  ].join('\n')
}
