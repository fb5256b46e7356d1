/** `celosia demo`: a sample helpdesk, a development issuer and the gateway on one machine, with nothing but Node. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dirname, join, resolve } from 'node:path'
import { destination as pinoDestination } from 'pino'
import { startHelpdesk } from '../../demo/helpdesk.ts'
import { startIssuer } from '../../demo/issuer.ts'
import { DEMO_SUBJECTS } from '../../demo/roles.ts'
import { noteByWarning } from '../audit/audit-notes.ts'
import { isoTime, systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import { startGateway } from '../gateway.ts'
import { createLogger } from '../proxy/logger.ts'
import { portOption, requiredOption, textOption, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { openAuditRetention } from './audit-retention.ts'
import { gatewayShipping } from './gateway-shipping.ts'
import { loadPolicy } from './load-policy.ts'
import { LISTEN_OPTIONS } from './serve.ts'
import { openStores, SPOOL_OPTION, spoolDirectory, STORE_OPTIONS } from './stores.ts'
import type { StorePlace } from './stores.ts'

const HOST = '127.0.0.1'
const POLICY = fileURLToPath(new URL('../../config/policies.yaml', import.meta.url))
/** Where the variables are, below the current folder. */
const VARIABLES = join('.celosia', 'demo', 'variables')
/** Paths that every role may ask for, with ids of the sample data. */
const EXAMPLES = [
  '/api/v2/tickets/9007199254741011',
  '/api/v2/tickets/9007199254741011/comments',
  '/api/v2/tickets?page=1&per_page=5',
  '/api/v2/users/9007199254740993',
  '/api/v2/users/9007199254740993/identities',
  '/api/v2/users/search?query=email:alvaro.fernandez@example.net',
]

interface Running {
  readonly gateway: string
  readonly admin: string
  readonly upstream: string
  readonly journal: string | null
  readonly tokens: Readonly<Record<string, string>>
  /** A file for the shell: the addresses and tokens as variables. */
  readonly variables: string
  readonly examples: readonly string[]
}

export const demo: Command = {
  name: 'demo',
  summary: 'Try it: a sample helpdesk, a development issuer and the gateway, on this machine only.',
  operands: '',
  options: {
    port: {
      ...LISTEN_OPTIONS['port'],
      type: 'string',
      help: 'port of the gateway; 0 chooses a free one',
    },
    'admin-port': {
      ...LISTEN_OPTIONS['admin-port'],
      type: 'string',
      help: 'port for /livez, /readyz and /metrics',
    },
    ...STORE_OPTIONS,
    ...SPOOL_OPTION,
    config: { type: 'string', value: 'FILE', help: 'the policy', default: POLICY },
    json: { type: 'boolean', help: 'print one JSON line instead of words' },
  },
  notes:
    'Everything listens on 127.0.0.1. The issuer makes its key at start and believes nobody but this process.',
  run: async (values, _operands, io) => {
    const place = demoPlace(
      textOption(values, 'redis') ?? io.environment['REDIS_URL'],
      textOption(values, 'journal'),
    )
    const helpdeskToken = randomBytes(24).toString('base64url')
    const auditKey = randomBytes(32).toString('base64')
    await using closers = new AsyncDisposableStack()
    const helpdesk = await startHelpdesk({ host: HOST, port: 0, token: helpdeskToken })
    closers.defer(helpdesk.close)
    const issuer = await startIssuer({ host: HOST, port: 0, audience: 'celosia' })
    closers.defer(issuer.close)
    const policy = loadPolicy({
      file: requiredOption(values, 'config'),
      mode: 'serve',
      environment: {
        CELOSIA_AUDIT_KEY: auditKey,
        ...io.environment,
        HELPDESK_URL: helpdesk.url,
        HELPDESK_TOKEN: helpdeskToken,
        OIDC_ISSUER: issuer.issuer,
      },
    })
    const log = createLogger(pinoDestination({ dest: 2, sync: true }), 'error', systemClock)
    const gateway = await startGateway({
      policy,
      retention: await openAuditRetention(place),
      shipping: gatewayShipping(place, io, log),
      ...(await openStores({
        place,
        spool: spoolDirectory(values, io),
        settings: policy.audit.store,
        notes: noteByWarning,
      })),
      listen: { host: HOST, port: portOption(values, 'port') },
      admin: { host: HOST, port: portOption(values, 'admin-port') },
      allowRelaxed: true,
      log,
      clock: systemClock,
      ids: uuidV7,
    })
    closers.defer(gateway.close)
    const tokens: Record<string, string> = {}
    for (const { name, role, subject, amr, trained } of DEMO_SUBJECTS) {
      const more = trained === undefined ? {} : { privacy_training_at: trained }
      tokens[name] = await issuer.mint({ sub: subject, roles: [role], amr, ...more })
    }
    const running: Running = {
      variables: resolve(VARIABLES),
      gateway: gateway.url,
      admin: gateway.adminUrl,
      upstream: helpdesk.url,
      journal: place.kind === 'journal' ? place.directory : null,
      tokens,
      examples: EXAMPLES,
    }
    // A key that was given stays where it is; that of this run is needed to ask the audit about a person.
    const given = io.environment['CELOSIA_AUDIT_KEY'] !== undefined
    writeVariables(running, [
      // For the commands that ask the helpdesk themselves or name the issuer: `redact`, `selftest`, `unblock`, `revoke`.
      `HELPDESK_URL=${quoted(helpdesk.url)}`,
      `HELPDESK_TOKEN=${quoted(helpdeskToken)}`,
      `OIDC_ISSUER=${quoted(issuer.issuer)}`,
      storeVariable(place),
      ...(given ? [] : [keyVariable(auditKey)]),
    ])
    await writeLine(io.stdout, values['json'] === true ? JSON.stringify(running) : words(running))
    if (!io.signal.aborted) await once(io.signal, 'abort')
    return 0
  },
}

// Each run has a journal of its own, so that its records can be told from those of the last one.
function demoPlace(redis: string | undefined, journal: string | undefined): StorePlace {
  if (journal === undefined && redis !== undefined && redis !== '')
    return { kind: 'redis', url: redis }
  const name = isoTime(systemClock.nowMs()).replaceAll(/[:.]/g, '-')
  const directory = resolve(journal ?? join('.celosia', 'demo', `${name}-${process.pid}`))
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return { kind: 'journal', directory }
}

// Tokens of the development issuer, which nobody but this run believes; still nobody else's to read.
function writeVariables(
  { variables, gateway, tokens }: Running,
  exported: readonly string[],
): void {
  mkdirSync(dirname(variables), { recursive: true, mode: 0o700 })
  const lines = Object.entries(tokens).map(([name, token]) => `${variableOf(name)}=${token}\n`)
  const exports = exported.map((one) => `export ${one}\n`)
  const text = [`CELOSIA=${gateway}\n`, ...lines, ...exports].join('')
  writeFileSync(variables, text, { mode: 0o600 })
}

// What commands look for, so that they find the audit of this run.
function storeVariable(place: StorePlace): string {
  return place.kind === 'redis'
    ? `REDIS_URL=${quoted(place.url)}`
    : `CELOSIA_JOURNAL=${quoted(place.directory)}`
}

function keyVariable(key: string): string {
  return `CELOSIA_AUDIT_KEY=${quoted(key)}`
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function variableOf(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

function words({ gateway, admin, journal, tokens, examples, variables }: Running): string {
  const curls = DEMO_SUBJECTS.map(
    ({ name, words: who }) =>
      `# as ${who}\ncurl -s ${gateway}${examples[0] ?? ''} -H 'authorization: Bearer ${tokens[name] ?? ''}'\n`,
  )
  return [
    'Celosía runs in front of a sample helpdesk. The same ticket, as each of them sees it:',
    '',
    ...curls,
    `More to ask for: ${examples.slice(1).join('  ')}`,
    `Addresses and tokens as variables, for the commands of the README: . ${variables}`,
    `Health and metrics: ${admin}/readyz  ${admin}/metrics`,
    journal === null
      ? 'The audit is in Redis: celosia audit tail --follow'
      : `The audit, one record an access: npx celosia audit tail --follow --format line --journal ${journal}`,
    'Stop with Ctrl-C.',
  ].join('\n')
}
