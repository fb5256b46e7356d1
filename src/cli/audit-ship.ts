/** `celosia audit ship`: sends the audit to where security teams look, until it is asked to end. */
import { once } from 'node:events'
import { hostname } from 'node:os'
import { destination as pinoDestination } from 'pino'
import { systemClock } from '../core/clock.ts'
import { CelosiaError } from '../core/errors.ts'
import { systemRandom } from '../core/random.ts'
import { startAdmin } from '../proxy/admin.ts'
import { createLogger, type Logger } from '../proxy/logger.ts'
import { startShipper, type ShipperOptions } from '../shipping/shipper.ts'
import { createShippingMetrics } from '../shipping/shipping-metrics.ts'
import { createShippingService, type ShippingService } from '../shipping/shipping-service.ts'
import { loadShipFile, type LoadedShipFile } from '../shipping/ship-file/load-ship-file.ts'
import type { ShipPlan } from '../shipping/ship-file/plan.ts'
import type { Start } from '../shipping/sources/start.ts'
import { portOption, requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo, OptionValues } from './command.ts'
import { serviceOptions } from './service-options.ts'
import { resendDeadLetters, showDeadLetters } from './ship-dead-letters.ts'
import { previewShipping } from './ship-preview.ts'
import { shipSources } from './ship-sources.ts'
import { STORE_OPTIONS, storePlace } from './stores.ts'
import { version } from './version.ts'

const PREVIEW_MAX = 100_000

export const auditShip: Command = {
  name: 'audit ship',
  summary: 'Send the audit to a SIEM: syslog, Splunk, OpenTelemetry, webhook, file, Redis list.',
  operands: '',
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'where to send it',
      default: 'config/ship.yaml',
    },
    ...STORE_OPTIONS,
    state: {
      type: 'string',
      value: 'DIR',
      help: 'with a journal: positions and dead letters; else ship in the journal',
    },
    sink: { type: 'string', value: 'NAME', help: 'only this sink of the file' },
    from: {
      type: 'string',
      value: 'PLACE',
      help: 'where a sink begins: oldest, newest, or a time as 2026-11-25T08:00:00Z',
      default: 'oldest',
    },
    again: { type: 'boolean', help: 'begin there also where the sink has come further' },
    once: {
      type: 'boolean',
      help: 'send what is there, and end; fails where a sink does not take it',
    },
    'dead-letters': {
      type: 'boolean',
      help: 'send what was put aside once more, and end; with --dry-run show it',
    },
    'dry-run': { type: 'boolean', help: 'print what would be sent next, and send nothing' },
    limit: {
      type: 'string',
      value: 'N',
      help: 'with --dry-run: how many records of each sink, at most',
      default: '10',
    },
    ...serviceOptions(9091),
  },
  notes: [
    'SIGHUP reads the file anew: a good one takes its place whole, a bad one changes nothing and says why.',
    'SIGTERM and SIGINT end what is under way, acknowledge it, and end.',
    'The log goes to standard error as JSON lines; standard output is for a stdout sink. See docs/siem.md.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const load = () => loadPlan(values, io, 'ship').plan
    if (values['dry-run'] === true) {
      await preview(values, io)
      return 0
    }
    const log = createLogger(
      pinoDestination({ dest: 2, sync: true }),
      requiredOption(values, 'log-level'),
      systemClock,
    )
    if (values['dead-letters'] === true) {
      const { openSource: _, ...options } = shipperOptions(values, io, log)
      return resendDeadLetters(sourceOptions(values, io, load()), options, io)
    }
    if (values['once'] === true) await shipOnce(values, io, load(), log)
    else await shipOn(values, io, load, log)
    return 0
  },
}

async function preview(values: OptionValues, io: CommandIo): Promise<void> {
  const limit = limitOption(values)
  const { plan, missing } = loadPlan(values, io, 'author')
  for (const name of missing)
    await writeLine(io.stderr, `note: ${name} is not set here; shipping needs it`)
  const source = sourceOptions(values, io, plan)
  if (values['dead-letters'] === true) await showDeadLetters(source, limit, io)
  else await previewShipping({ ...source, tools: tools(io), limit }, io)
}

async function shipOnce(
  values: OptionValues,
  io: CommandIo,
  plan: ShipPlan,
  log: Logger,
): Promise<void> {
  const shipper = await startShipper({ ...shipperOptions(values, io, log), plan, once: true })
  const stop = (): void => void shipper.stop(0)
  io.signal.addEventListener('abort', stop)
  await shipper.done
  io.signal.removeEventListener('abort', stop)
}

async function shipOn(
  values: OptionValues,
  io: CommandIo,
  load: () => ShipPlan,
  log: Logger,
): Promise<void> {
  let plan = load()
  const options = shipperOptions(values, io, log)
  const service = createShippingService(options)
  const admin = await startAdmin({
    host: requiredOption(values, 'admin-host'),
    port: portOption(values, 'admin-port'),
    readiness: async () => {
      const problems = service.problems()
      return { ready: problems.length === 0, problems, shipping: plan.sha256 }
    },
    metrics: options.metrics.text,
    metricsContentType: options.metrics.contentType,
  })
  try {
    await service.use(plan)
    log.info('listening', { adminAddress: admin.url })
    const reload = (): void =>
      void reloadPlan(service, load, log, io).then((loaded) => (plan = loaded ?? plan))
    process.on('SIGHUP', reload)
    if (!io.signal.aborted) await once(io.signal, 'abort')
    process.off('SIGHUP', reload)
  } finally {
    await service.close()
    await admin.close()
  }
}

async function reloadPlan(
  service: ShippingService,
  load: () => ShipPlan,
  log: Logger,
  io: CommandIo,
): Promise<ShipPlan | undefined> {
  try {
    const plan = load()
    await service.use(plan)
    log.info('shipping file reloaded', { shipping: plan.sha256 })
    return plan
  } catch (error) {
    if (error instanceof CelosiaError)
      await writeLine(
        io.stderr,
        `shipping file not reloaded, the old one is at work:\n${error.message}`,
      )
    log.failure('shipping file refused, the old one is at work', error)
    return undefined
  }
}

function loadPlan(
  values: OptionValues,
  { environment }: CommandIo,
  mode: 'ship' | 'author',
): LoadedShipFile {
  const loaded = loadShipFile({ file: requiredOption(values, 'config'), environment, mode })
  const only = textOption(values, 'sink')
  const names = loaded.plan.sinks.map(({ name }) => name)
  if (only !== undefined && !names.includes(only))
    throw new UsageError(`--sink: the file has ${names.join(', ')}`)
  const sinks = loaded.plan.sinks.filter(({ name }) => only === undefined || name === only)
  return { ...loaded, plan: { ...loaded.plan, sinks } }
}

function shipperOptions(
  values: OptionValues,
  io: CommandIo,
  log: Logger,
): Omit<ShipperOptions, 'plan' | 'once'> {
  // Once for each sink: a file that is read anew is no reason to send everything again.
  const begun = new Set<string>()
  return {
    openSource: async (sink, plan) => {
      const source = sourceOptions(values, io, plan)
      const restart = source.restart && !begun.has(sink.name)
      const opened = await shipSources({ ...source, restart })(sink)
      begun.add(sink.name)
      return opened
    },
    tools: tools(io),
    metrics: createShippingMetrics(systemClock.nowMs),
    log,
    clock: systemClock,
    random: systemRandom,
  }
}

function sourceOptions(values: OptionValues, io: CommandIo, plan: ShipPlan) {
  return {
    plan,
    place: storePlace(values, io),
    state: textOption(values, 'state'),
    start: startOption(values),
    restart: values['again'] === true,
    follow: values['once'] !== true,
  }
}

function tools({ stdout }: CommandIo) {
  return { clock: systemClock, stdout, productVersion: version(), hostname: hostname() }
}

function startOption(values: OptionValues): Start {
  const text = requiredOption(values, 'from')
  if (text === 'oldest' || text === 'newest') return { at: text }
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/.test(text)
  const sinceMs = isTime ? Date.parse(text) : Number.NaN
  if (Number.isNaN(sinceMs))
    throw new UsageError('--from is oldest, newest, or a time in UTC as 2026-11-25T08:00:00Z')
  return { at: 'time', sinceMs }
}

function limitOption(values: OptionValues): number {
  const limit = Number(requiredOption(values, 'limit'))
  if (!Number.isInteger(limit) || limit < 1 || limit > PREVIEW_MAX)
    throw new UsageError(`--limit is a number from 1 to ${PREVIEW_MAX}`)
  return limit
}
