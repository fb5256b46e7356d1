/** Starts a program for a test, waits until it says that it is ready, and ends it by its id when the test ends. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'

/** The part of a test that helpers with something to put away need. */
export type TestScope = Pick<Test, 'teardown'>

/** How to start it, and how to know that it is up. */
export interface ProcessOptions {
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What standard output or standard error says once it is up. Undefined: do not wait. */
  readonly ready?: RegExp
  readonly readyTimeoutMs?: number
  /** How long it may take to end before it is killed. Undefined: five seconds. */
  readonly stopTimeoutMs?: number
}

/** How it ended. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that runs, or has ended. */
export interface RunningProcess {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  readonly alive: () => boolean
  readonly exit: Promise<ProcessExit>
  /** Sends a signal, SIGSTOP and SIGKILL too. False where it has ended already. */
  readonly signal: (signal: NodeJS.Signals) => boolean
  /** Asks it to end, kills it where that takes too long, and tells how it ended. Twice is once. */
  readonly stop: () => Promise<ProcessExit>
}

const READY_TIMEOUT_MS = 10_000
/** Longer than the gateway waits for what is under way. */
const STOP_TIMEOUT_MS = 15_000
const PIPES_TIMEOUT_MS = 500
/** More output than that is cut at the front: a program that floods must not take the test's memory. */
const OUTPUT_CHARACTERS_MAX = 16 * 1024 * 1024

/** Starts `command` without a shell. Rejects with its output where it ends, or is not ready in time. */
export async function startProcess(
  t: TestScope,
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = exitOf(child)
  const stdout = collect(child, 'stdout')
  const stderr = collect(child, 'stderr')
  await once(child, 'spawn')
  const running: RunningProcess = {
    pid: child.pid as number,
    stdout,
    stderr,
    alive: () => child.exitCode === null && child.signalCode === null,
    exit,
    signal: (signal) => child.kill(signal),
    stop: () => stop(child, exit, options.stopTimeoutMs ?? STOP_TIMEOUT_MS),
  }
  t.teardown(async () => void (await running.stop()))
  if (options.ready !== undefined) await waitUntilReady(running, options.ready, options)
  return running
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    // `close` waits for the pipes, which a grandchild may hold open for ever.
    child.once('exit', (code, signal) => {
      setTimeout(() => resolve({ code, signal }), PIPES_TIMEOUT_MS).unref()
    })
  })
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  let text = ''
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-OUTPUT_CHARACTERS_MAX)
  })
  return () => text
}

async function waitUntilReady(
  running: RunningProcess,
  ready: RegExp,
  options: ProcessOptions,
): Promise<void> {
  const deadline = performance.now() + (options.readyTimeoutMs ?? READY_TIMEOUT_MS)
  // A regular expression with `g` or `y` remembers where it stopped, and would miss what it looks for.
  const pattern = new RegExp(ready.source, ready.flags.replaceAll(/[gy]/g, ''))
  while (!pattern.test(running.stdout()) && !pattern.test(running.stderr())) {
    const ended = !running.alive()
    if (ended || performance.now() > deadline) {
      const how = ended ? 'ended before it was ready' : 'was not ready in time'
      const output = `${running.stdout()}\n${running.stderr()}`
      await running.stop()
      throw new Error(`the process ${how}; it said:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function stop(
  child: ChildProcess,
  exit: Promise<ProcessExit>,
  timeoutMs: number,
): Promise<ProcessExit> {
  if (child.exitCode !== null || child.signalCode !== null) return exit
  child.kill('SIGTERM')
  // A stopped process gets SIGTERM only once it goes on.
  child.kill('SIGCONT')
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  return exit.finally(() => clearTimeout(timer))
}
