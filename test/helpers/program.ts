/** Runs a command line of the program: in this process, which is quick, or in one of its own, which is the real thing. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { runProgram } from '../../src/cli/program.ts'

/** How it ended, and what it wrote. */
export interface ProgramEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What it is given beside its arguments. */
export interface ProgramInput {
  /** In a process of its own: over the environment of the test, without `REDIS_URL`. */
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** In this process, with an environment of its own. */
export async function runHere(
  args: readonly string[],
  input: ProgramInput = {},
): Promise<ProgramEnd> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const said = Promise.all([text(stdout), text(stderr)])
  const code = await runProgram(args, {
    stdin: Readable.from([Buffer.from(input.stdin ?? '')]),
    stdout,
    stderr,
    environment: input.env ?? {},
    signal: new AbortController().signal,
  })
  stdout.end()
  stderr.end()
  const [out, err] = await said
  return { code, stdout: out, stderr: err }
}

/** In a process of its own, from the top of the project. */
export async function runProcess(
  args: readonly string[],
  input: ProgramInput = {},
): Promise<ProgramEnd> {
  const child = spawn(process.execPath, ['bin/celosia.js', ...args], {
    cwd: ROOT,
    env: { ...process.env, REDIS_URL: '', ...input.env },
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  // A command that does not read its input ends before it has it.
  child.stdin.on('error', () => undefined).end(input.stdin ?? '')
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    closed,
  ])
  return { code, stdout, stderr }
}
