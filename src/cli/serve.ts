/** `celosia serve`: the gateway, until it is asked to end. SIGHUP reloads the policy. */
import { once } from 'node:events'
import { systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import { CelosiaError } from '../core/errors.ts'
import { startGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import { countChanges, policyDiff } from '../insight/policy-diff/policy-diff.ts'
import { createLogger } from '../proxy/logger.ts'
import type { Logger } from '../proxy/logger.ts'
import { PolicyInvalidError } from '../rules/policy/fault.ts'
import { portOption, requiredOption, writeLine } from './command.ts'
import type { Command, CommandIo, CommandOption } from './command.ts'
import { openAuditRetention } from './audit-retention.ts'
import { gatewayShipping } from './gateway-shipping.ts'
import { loadPolicy } from './load-policy.ts'
import type { LoadResult } from './load-policy.ts'
import { logDestination } from './log-destination.ts'
import { serviceOptions } from './service-options.ts'
import { openStores, SPOOL_OPTION, spoolDirectory, STORE_OPTIONS, storePlace } from './stores.ts'

/** Options of the two listeners, and of the log. */
export const LISTEN_OPTIONS: Readonly<Record<string, CommandOption>> = {
  host: { type: 'string', value: 'ADDRESS', help: 'address for callers', default: '127.0.0.1' },
  port: {
    type: 'string',
    value: 'PORT',
    help: 'port for callers; 0 chooses a free one',
    default: '8080',
  },
  ...serviceOptions(9090),
}

export const serve: Command = {
  name: 'serve',
  summary: 'Run the gateway.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    ...LISTEN_OPTIONS,
    ...STORE_OPTIONS,
    ...SPOOL_OPTION,
  },
  notes: [
    'SIGHUP reloads the policy: a good one takes its place whole, a bad one changes nothing and says why.',
    'SIGTERM and SIGINT stop accepting, finish what is under way, and end.',
    'The log goes to standard output as JSON lines.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const file = requiredOption(values, 'config')
    const policy = loadPolicy({ file, environment: io.environment, mode: 'serve' })
    const log = createLogger(logDestination(), requiredOption(values, 'log-level'), systemClock)
    const place = storePlace(values, io)
    const stores = await openStores({
      place,
      spool: spoolDirectory(values, io),
      settings: policy.audit.store,
      notes: (problem) => log.warn('audit', { problem }),
    })
    const gateway = await startGateway({
      policy,
      ...stores,
      retention: await openAuditRetention(place),
      shipping: gatewayShipping(place, io, log),
      listen: { host: requiredOption(values, 'host'), port: portOption(values, 'port') },
      admin: { host: requiredOption(values, 'admin-host'), port: portOption(values, 'admin-port') },
      allowRelaxed: false,
      log,
      clock: systemClock,
      ids: uuidV7,
    })
    log.info('listening', {
      policy: policy.compiled.sha256,
      address: gateway.url,
      adminAddress: gateway.adminUrl,
    })
    const reload = reloader({ file, gateway, io, log, inForce: policy })
    process.on('SIGHUP', reload)
    if (!io.signal.aborted) await once(io.signal, 'abort')
    process.off('SIGHUP', reload)
    await gateway.close()
    return 0
  },
}

/** Positions and selectors of queries that are looked at for the record of a reload: requests wait for it, a fraction of a second. */
const RELOAD_STEPS_MAX = 1_000_000

interface Reloading {
  readonly file: string
  readonly gateway: Gateway
  readonly io: CommandIo
  readonly log: Logger
  /** What the next one is compared with. */
  inForce: LoadResult
}

// One after the other, so that each is compared with the one before.
function reloader(reloading: Reloading): () => void {
  let last = Promise.resolve()
  return () => {
    last = last.then(() => reloadPolicy(reloading))
  }
}

// The old policy stays in force until the new one is whole; what is wrong goes to standard error, where operators look.
async function reloadPolicy(reloading: Reloading): Promise<void> {
  const { file, gateway, io, log } = reloading
  try {
    const policy = loadPolicy({ file, environment: io.environment, mode: 'serve' })
    const changes = countChanges(policyDiff(reloading.inForce, policy, RELOAD_STEPS_MAX))
    await gateway.reload(policy, changes)
    reloading.inForce = policy
    log.info('policy reloaded', { policy: policy.compiled.sha256, ...changes })
  } catch (error) {
    const faults = error instanceof PolicyInvalidError ? error.faults.length : 1
    if (error instanceof CelosiaError)
      await writeLine(
        io.stderr,
        `policy not reloaded, the old one stays in force:\n${error.message}`,
      )
    log.failure('policy refused, the old one stays in force', error, { faults })
    await gateway.reloadRefused(faults)
  }
}
