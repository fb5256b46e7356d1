/** The load: wrk, on one thread, with a token. And the CPU time that a process took meanwhile. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What one run of wrk counted. */
export interface LoadResult {
  readonly requests: number
  /** Answers with another status than 2xx or 3xx, and errors of sockets. */
  readonly failed: number
  /** Microseconds. */
  readonly us: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** What to ask for, and how. */
export interface Load {
  readonly url: string
  readonly token: string
  readonly connections: number
  readonly seconds: number
}

const SCRIPT = join(import.meta.dirname, 'wrk.lua')
const run = promisify(execFile)

/** Runs wrk once. Throws where it says nothing that can be read. */
export async function load({ url, token, connections, seconds }: Load): Promise<LoadResult> {
  const { stdout } = await run('wrk', [
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    '--timeout=30s',
    `--script=${SCRIPT}`,
    `--header=authorization: Bearer ${token}`,
    url,
  ])
  const json = /^#JSON (.*)$/m.exec(stdout)?.[1]
  if (json === undefined) throw new Error(`wrk said:\n${stdout}`)
  return JSON.parse(json) as LoadResult
}

/** Microseconds of CPU that the threads of a process have had, user and kernel (proc(5), schedstat: nanoseconds). */
export function cpuMicroseconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads
    .map((thread) => {
      try {
        const [nanoseconds = '0'] = readFileSync(
          `/proc/${pid}/task/${thread}/schedstat`,
          'utf8',
        ).split(' ')
        return Number(nanoseconds) / 1_000
      } catch {
        // The thread has ended in between.
        return 0
      }
    })
    .reduce((sum, us) => sum + us, 0)
}
