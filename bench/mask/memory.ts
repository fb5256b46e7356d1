/**
 * `npm run bench:memory`: what `celosia mask` takes for 100 MB and for 1 GB: the peak resident memory of the process, as
 * the kernel counts it. Exits 1 where a goal is missed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { largeDocument } from './large-document.ts'

const GOAL_MIB = 160
const GOAL_GROWTH_MIB = 10
const POLL_MS = 20

const program = fileURLToPath(new URL('../../bin/celosia.js', import.meta.url))
const policy = fileURLToPath(new URL('../../config/policies.yaml', import.meta.url))

/** Peak resident memory in MiB for a document of `bytes`. The process is asked shortly before its input ends. */
async function peakMib(bytes: number): Promise<number> {
  const args = [
    program,
    'mask',
    '--config',
    policy,
    '--role',
    'agent',
    '--route',
    'GET /api/v2/users',
  ]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit') as Promise<[number]>
  child.stdout.resume()
  let peakKib = 0
  const look = () => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    peakKib = Math.max(peakKib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
  }
  for (const piece of largeDocument(bytes))
    if (!child.stdin.write(piece)) await once(child.stdin, 'drain')
  look()
  const poll = setInterval(() => {
    if (child.exitCode === null) look()
  }, POLL_MS)
  child.stdin.end()
  const [code] = await exit
  clearInterval(poll)
  if (code !== 0) throw new Error(`mask ended with ${code}`)
  return peakKib / 1024
}

const small = await peakMib(100_000_000)
console.log(`100 MB: peak ${small.toFixed(1)} MiB resident`)
const large = await peakMib(1_000_000_000)
console.log(`1 GB:   peak ${large.toFixed(1)} MiB resident`)
const growth = large - small
const holds = large < GOAL_MIB && growth <= GOAL_GROWTH_MIB
console.log(
  `growth ${growth.toFixed(1)} MiB, goal at most ${GOAL_GROWTH_MIB}; peak goal under ${GOAL_MIB} MiB: ${holds ? 'holds' : 'MISSED'}`,
)
process.exitCode = holds ? 0 : 1
