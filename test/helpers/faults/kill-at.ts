/**
 * Preloaded into a real process (`node --import`): kills it, as `kill -9` does, right before call number `KILL_AT` of those that
 * change files. Each call is written to `KILL_LOG`, so that a run that nothing kills tells how many there are.
 */
import { appendFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

const killAt = Number(process.env['KILL_AT'] ?? '0')
const log = process.env['KILL_LOG'] ?? ''
let calls = 0

type Call = (...args: readonly unknown[]) => Promise<unknown>

function watched(name: string, call: Call): Call {
  return function (this: unknown, ...args) {
    // A file that is only read is not changed.
    if (name === 'open' && (args[1] ?? 'r') === 'r') return call.apply(this, [...args])
    calls += 1
    if (calls === killAt) process.kill(process.pid, 'SIGKILL')
    const [first] = args
    const file = typeof first === 'string' && first.startsWith('/') ? basename(first) : ''
    appendFileSync(log, `${name} ${file}\n`)
    return call.apply(this, [...args])
  }
}

function watch(target: object, names: readonly string[]): void {
  const calls = target as Record<string, Call>
  for (const name of names) calls[name] = watched(name, calls[name] as Call)
}

const handle = await promises.open('/dev/null')
watch(Object.getPrototypeOf(handle) as object, [
  'appendFile',
  'datasync',
  'sync',
  'truncate',
  'utimes',
  'write',
  'writeFile',
  'writev',
])
await handle.close()
watch(promises, ['link', 'mkdir', 'open', 'rename', 'rm', 'unlink', 'writeFile'])
syncBuiltinESMExports()
