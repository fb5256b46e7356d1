/** The targets: each a process in front of the same origin. They are started together and measured in turn. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort, LOOPBACK } from '../../test/helpers/free-port.ts'
import { startProcess, type TestScope } from '../../test/helpers/process.ts'

/** One of them. */
export interface Target {
  readonly name: TargetName
  readonly pid: number
  readonly url: string
}

export const TARGETS = ['plain', 'held', 'checks', 'plain-jwt', 'gateway'] as const
export type TargetName = (typeof TARGETS)[number]

/** What all of them are told. */
export interface Surroundings {
  readonly directory: string
  readonly originUrl: string
  readonly issuer: string
  /** Folder for CPU profiles, one for each process; undefined: none. */
  readonly profiles: string | undefined
}

const ROOT = join(import.meta.dirname, '../..')
const START_MS = 30_000

/** Starts one and waits until it listens. */
export async function startTarget(
  scope: TestScope,
  name: TargetName,
  surroundings: Surroundings,
): Promise<Target> {
  const { directory, originUrl, issuer, profiles } = surroundings
  const port = await freePort()
  const node = profiles === undefined ? [] : profiling(join(profiles, name))
  const command =
    name === 'gateway' ? serve(directory, port) : [join(import.meta.dirname, 'target.ts'), name]
  const { pid } = await startProcess(scope, process.execPath, [...node, ...command], {
    cwd: ROOT,
    env: {
      PORT: String(port),
      UPSTREAM: originUrl,
      OIDC_ISSUER: issuer,
      POLICY: plainPolicy(directory),
      HELPDESK_URL: originUrl,
      HELPDESK_TOKEN: randomBytes(24).toString('base64url'),
      CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
      REDIS_URL: '',
    },
    ready: /listening/,
    readyTimeoutMs: START_MS,
  })
  return { name, pid, url: `http://${LOOPBACK}:${port}` }
}

function profiling(folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`]
}

function serve(directory: string, port: number): string[] {
  const ports = ['--port', String(port), '--admin-port', '0']
  const files = ['--config', 'config/policies.yaml', '--journal', join(directory, 'journal')]
  return ['bin/celosia.js', 'serve', ...ports, ...files]
}

/** The routes of the shipped policy that are asked for, with nothing to mask. */
function plainPolicy(directory: string): string {
  const shipped = readFileSync(join(ROOT, 'config', 'policies.yaml'), 'utf8')
  const head = shipped.slice(shipped.indexOf('version:'), shipped.indexOf('keys:'))
  const file = join(directory, 'plain.yaml')
  writeFileSync(
    file,
    `${head}
classes: { person.name: { mask: initials } }
roles: { agent: { show: [person.name] } }
defaults: { unlisted: show }
routes:
  - { match: "GET /api/v2/users/{id:integer}", upstream: helpdesk }
  - { match: "GET /api/v2/tickets/{id:integer}", upstream: helpdesk }
  - match: GET /api/v2/tickets
    upstream: helpdesk
    query: { page: integer, per_page: integer }
`,
  )
  return file
}
