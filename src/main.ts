/** The entry of the process: hands the command line to the program and its exit code back. */
import { runProgram } from './cli/program.ts'

const ending = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())

// After an exception that nobody caught nothing is known to hold: say so and go, so that a supervisor starts anew.
process.on('uncaughtException', (error: Error & { readonly code?: string }) => {
  process.stderr.write(`celosia: uncaught ${error.name} ${error.code ?? ''}\n${frames(error)}\n`)
  process.exit(70)
})

const EXIT_PIPE = 141

// Whoever read the output has gone, as `head` does once it has enough: an end as by SIGPIPE, which Node ignores.
process.stdout.on('error', (error: Error & { readonly code?: string }) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT_PIPE)
})

process.exitCode = await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: ending.signal,
})

// Without the message, which may quote what was being parsed.
function frames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n')
}
