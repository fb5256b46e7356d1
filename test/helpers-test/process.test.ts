/** Programs of tests: started, waited for, and never left behind. */
import { test } from 'tap'
import { startProcess } from '../helpers/process.ts'

const NODE = process.execPath
const FOREVER = 'setInterval(() => undefined, 1000);'

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('startProcess waits until it is ready, collects output, and stops it', async (t) => {
  const script = `${FOREVER}console.error('to stderr'); console.log('got', process.env.GIVEN, 'up')`
  const running = await startProcess(t, NODE, ['-e', script], { env: { GIVEN: 'x' }, ready: /up/g })
  t.match(running.stdout(), /got x up/)
  t.match(running.stderr(), /to stderr/)
  t.ok(running.alive() && exists(running.pid))
  t.same(await running.stop(), { code: null, signal: 'SIGTERM' })
  t.notOk(running.alive() || exists(running.pid))
  t.same(await running.stop(), { code: null, signal: 'SIGTERM' }, 'twice is once')
  t.equal(running.signal('SIGTERM'), false)
})

test('startProcess ends what is stopped or will not listen, at the end of a test', async (t) => {
  const pids: number[] = []
  const inner = { teardowns: [] as (() => unknown)[] }
  const scope = { teardown: (run: () => unknown) => inner.teardowns.push(run) }
  const stopped = await startProcess(scope, NODE, ['-e', `${FOREVER}console.log(1)`], {
    ready: /1/,
  })
  stopped.signal('SIGSTOP')
  const script = `${FOREVER}process.on('SIGTERM', () => undefined); console.log(1)`
  const stubborn = await startProcess(scope, NODE, ['-e', script], {
    ready: /1/,
    stopTimeoutMs: 300,
  })
  pids.push(stopped.pid, stubborn.pid)
  await Promise.all(inner.teardowns.map((run) => run()))
  t.same(pids.map(exists), [false, false])
  t.same(await stubborn.exit, { code: null, signal: 'SIGKILL' })
})

test('startProcess rejects with the output where it ends, is late, or cannot start', async (t) => {
  const ends = startProcess(t, NODE, ['-e', 'console.error("why"); process.exit(3)'], {
    ready: /up/,
  })
  await t.rejects(ends, /ended before it was ready; it said:\s*why/)
  const late = startProcess(t, NODE, ['-e', FOREVER], { ready: /up/, readyTimeoutMs: 100 })
  await t.rejects(late, /not ready in time/)
  await t.rejects(startProcess(t, '/no/such/program', []), { code: 'ENOENT' })
  const quick = await startProcess(t, NODE, ['-e', 'process.exit(4)'])
  t.same(await quick.exit, { code: 4, signal: null })
})
