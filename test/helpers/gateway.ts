/**
 * The real gateway in a process of its own: `celosia serve` under a policy in a temporary folder, with its log, metrics,
 * audit and policy file at hand.
 */
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { journalEvents, redisEvents, type EventSource } from './audit-events.ts'
import type { GatewayUnderTest } from './gateway-under-test.ts'
import { startProcess, type RunningProcess, type TestScope } from './process.ts'

/** A policy as YAML text, or as a document; JSON is YAML. */
export type PolicyText = string | PolicyDocument

/** How to start it. */
export interface GatewayOptions {
  /** Undefined: the shipped policy. A path is that of a file, from the root of the project, which is served where it is. */
  readonly policy?: PolicyText | { readonly file: string }
  /** `HELPDESK_URL` of the shipped policy. */
  readonly upstreamUrl: string
  /** `OIDC_ISSUER` of the shipped policy. */
  readonly issuer: string
  /** Undefined: a journal of its own. */
  readonly store?: 'journal' | { readonly journal: string } | { readonly redisUrl: string }
  /** Over the variables that the shipped policy asks for. */
  readonly env?: Readonly<Record<string, string>>
  /** Files beside the policy, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** False: do not wait until it listens. */
  readonly waitUntilReady?: boolean
}

/** What one line of the log says. */
export type LogLine = Readonly<Record<string, unknown>>

/** A gateway that was started as a process. */
export interface GatewayProcess extends GatewayUnderTest {
  readonly adminUrl: string
  readonly process: RunningProcess
  readonly policyFile: string
  /** Where the journal is; empty with Redis. */
  readonly journal: string
  /** The variables that it was started with, for another program of the same policy. */
  readonly environment: Readonly<Record<string, string>>
  /** The credential that it shows the upstream. */
  readonly upstreamToken: string
  readonly logLines: () => readonly LogLine[]
  /** The answer of `/readyz`. */
  readonly readiness: () => Promise<{ readonly ready: boolean; readonly problems: string[] }>
  /** Writes another policy, sends SIGHUP and waits for the line that tells what came of it. */
  readonly reload: (policy: PolicyText) => Promise<'reloaded' | 'refused'>
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PROGRAM = join(ROOT, 'bin', 'celosia.js')
const LISTENING = /"msg":"listening"/
const READY_TIMEOUT_MS = 30_000
const RELOAD_TIMEOUT_MS = 10_000

/** The shipped policy as a document, to be changed. Its fixtures are found from the folder of each gateway. */
export function shippedPolicy(): PolicyDocument {
  return parse(readFileSync(join(ROOT, 'config', 'policies.yaml'), 'utf8')) as PolicyDocument
}

/** Starts one and waits until it listens; it is ended with the test. Rejects with its output where it does not come up. */
export async function startGatewayProcess(
  t: TestScope,
  options: GatewayOptions,
): Promise<GatewayProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-gateway-'))
  t.teardown(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
  await cp(join(ROOT, 'config', 'fixtures'), join(directory, 'fixtures'), { recursive: true })
  for (const [name, text] of Object.entries(options.files ?? {})) {
    await writeFile(join(directory, name), text)
  }
  const policyFile = await placePolicy(directory, options.policy ?? shippedPolicy())
  const journal = journalOf(options) ?? join(directory, 'journal')
  const upstreamToken = randomBytes(24).toString('base64url')
  const environment = {
    HELPDESK_URL: options.upstreamUrl,
    HELPDESK_TOKEN: upstreamToken,
    OIDC_ISSUER: options.issuer,
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
    REDIS_URL: '',
    ...options.env,
  }
  const running = await startProcess(
    t,
    process.execPath,
    commandLine(options, policyFile, journal),
    {
      cwd: ROOT,
      env: environment,
      ...(options.waitUntilReady === false
        ? {}
        : { ready: LISTENING, readyTimeoutMs: READY_TIMEOUT_MS }),
    },
  )
  const events = await eventSource(t, options, journal)
  return describe(running, { policyFile, journal, environment, upstreamToken, events })
}

function commandLine(options: GatewayOptions, policyFile: string, journal: string): string[] {
  const redisUrl = redisUrlOf(options)
  const spool = join(journal, '..', 'spool')
  const place =
    redisUrl === undefined ? ['--journal', journal] : ['--redis', redisUrl, '--spool', spool]
  const ports = ['--port', '0', '--admin-port', '0']
  return [PROGRAM, 'serve', '--config', policyFile, ...ports, ...place]
}

function redisUrlOf({ store }: GatewayOptions): string | undefined {
  return typeof store === 'object' && 'redisUrl' in store ? store.redisUrl : undefined
}

function journalOf({ store }: GatewayOptions): string | undefined {
  return typeof store === 'object' && 'journal' in store ? store.journal : undefined
}

function eventSource(t: TestScope, options: GatewayOptions, journal: string): Promise<EventSource> {
  const redisUrl = redisUrlOf(options)
  return redisUrl === undefined ? Promise.resolve(journalEvents(journal)) : redisEvents(t, redisUrl)
}

async function placePolicy(
  directory: string,
  policy: NonNullable<GatewayOptions['policy']>,
): Promise<string> {
  if (typeof policy === 'object' && 'file' in policy) return join(ROOT, policy.file)
  const file = join(directory, 'policies.yaml')
  await writePolicy(file, policy)
  return file
}

async function writePolicy(file: string, policy: PolicyText): Promise<void> {
  await writeFile(file, typeof policy === 'string' ? policy : JSON.stringify(policy, null, 2))
}

interface Parts {
  readonly policyFile: string
  readonly journal: string
  readonly environment: Readonly<Record<string, string>>
  readonly upstreamToken: string
  readonly events: EventSource
}

function describe(running: RunningProcess, parts: Parts): GatewayProcess {
  const logLines = () => readLog(running.stdout())
  const listening = logLines().find(({ msg }) => msg === 'listening')
  const url = (listening?.['address'] ?? '') as string
  const adminUrl = (listening?.['adminAddress'] ?? '') as string
  const { events, ...own } = parts
  return {
    url,
    port: url === '' ? 0 : Number(new URL(url).port),
    adminUrl,
    process: running,
    ...own,
    logLines,
    records: events,
    logs: () => running.stdout() + running.stderr(),
    metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
    alive: running.alive,
    readiness: async () => {
      const answer = await fetch(`${adminUrl}/readyz`)
      return (await answer.json()) as { ready: boolean; problems: string[] }
    },
    reload: (policy) => reload(running, own.policyFile, policy),
  }
}

async function reload(
  running: RunningProcess,
  policyFile: string,
  policy: PolicyText,
): Promise<'reloaded' | 'refused'> {
  const outcomes = () =>
    readLog(running.stdout()).filter(({ msg }) => /^policy (reloaded|refused)/.test(String(msg)))
  const before = outcomes().length
  await writePolicy(policyFile, policy)
  running.signal('SIGHUP')
  const deadline = performance.now() + RELOAD_TIMEOUT_MS
  while (outcomes().length === before) {
    if (performance.now() > deadline) throw new Error('the policy was neither reloaded nor refused')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return outcomes().at(-1)?.['msg'] === 'policy reloaded' ? 'reloaded' : 'refused'
}

// The last line may not be whole yet.
function readLog(text: string): LogLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)
}
