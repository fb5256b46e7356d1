/**
 * A real helpdesk: Request Tracker 5 from Debian's packages, seeded with made-up customers, on loopback. Its start scripts
 * and its data are not part of the repository.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, LOOPBACK } from './free-port.ts'
import { requireData, requirePeer, type PeerScope } from './peers.ts'
import type { TestScope } from './process.ts'

/** A tracker that runs. */
export interface RequestTracker {
  readonly port: number
  readonly url: string
  /** The token that the gateway shows it: of a user that may see all tickets and users. */
  readonly token: string
  /** Asks it directly, with that token. Rejects with what it said where that is no success. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<unknown>
}

const LAB = join(import.meta.dirname, '../../../shared/lab')
/** A program of the package, for whom nobody else installs it. */
const PROGRAM = 'rt-setup-database-5'
const PATH_PREFIX = '/REST/2.0'
const START_TIMEOUT_MS = 90_000

const run = promisify(execFile)

/** True where it can be started. Otherwise the test has failed or is skipped: return at once. */
export function requireRequestTracker(t: PeerScope): boolean {
  if (!requireData(t, join(LAB, 'rt/up.sh'), 'the lab of the tests')) return false
  return requirePeer(t, PROGRAM)
}

/** Starts one from its snapshot, and waits until it answers. */
export async function startRequestTracker(t: TestScope): Promise<RequestTracker> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-rt-'))
  const port = await freePort()
  t.teardown(async () => {
    await run('bash', [join(LAB, 'rt/down.sh'), directory])
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  })
  await run('bash', [join(LAB, 'rt/up.sh'), directory, String(port)], {
    timeout: START_TIMEOUT_MS,
    env: { ...process.env, RT_SNAPSHOT: join(LAB, 'rt-seeded.tgz') },
  })
  const tokens: unknown = JSON.parse(await readFile(join(directory, 'tokens.json'), 'utf8'))
  const token = (tokens as { readonly service: string }).service
  const url = `http://${LOOPBACK}:${port}`
  return { port, url, token, ask: (method, path, body) => ask({ url, token }, method, path, body) }
}

async function ask(
  { url, token }: Pick<RequestTracker, 'url' | 'token'>,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const answer = await fetch(url + PATH_PREFIX + path, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text)
}
