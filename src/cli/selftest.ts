/** `celosia selftest`: what the gateway asks itself for, once, before it is put into service. */
import { destination as pinoDestination } from 'pino'
import type { ChainedWriter } from '../audit/chain/chain-writer.ts'
import { systemClock } from '../core/clock.ts'
import { uuidV7 } from '../core/ids.ts'
import { createMemoryLookupCounter } from '../detection/memory-lookup-counter.ts'
import { createMemorySessionStore } from '../identity/sessions/memory-session-store.ts'
import { createMemorySpentProofs } from '../identity/dpop/memory-spent-proofs.ts'
import { createIssuerKeys } from '../identity/issuer-keys.ts'
import { createMemoryLog } from '../identity/shared-log/memory-shared-log.ts'
import type { SharedLog } from '../identity/shared-log/shared-log.ts'
import { createTokenVerifier } from '../identity/token-verifier.ts'
import type { LoadedPolicy } from '../gateway.ts'
import { createApp } from '../proxy/app.ts'
import type { App } from '../proxy/app.ts'
import { createLogger } from '../proxy/logger.ts'
import type { Check } from '../proxy/self-test/check.ts'
import { sharedServices } from '../proxy/shared-services.ts'
import { createStoreWatch } from '../proxy/store-watch.ts'
import { requiredOption, UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { jsonText, tableLines } from './table.ts'

const HEADER = ['state', 'check', 'record', 'as', 'classes', 'why'] as const
/** What is gone is gone: nobody asks a second time. */
const GONE_RUNS = 1

const EXIT = { passed: 0, failed: 4, unknown: 5 } as const

export const selftest: Command = {
  name: 'selftest',
  summary: 'Ask for the records of selfTest once, as each role, and print what came of it.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    json: { type: 'boolean', help: 'print one JSON line instead of a table' },
  },
  notes: [
    'It takes the way of a request without a gateway that listens: for a deployment, before callers come. It writes no audit, since nobody is told anything.',
    'Exit 0 where everything passed, 4 where something failed, 5 where something could not be found out.',
  ].join('\n'),
  run: async (values, _operands, io) => {
    const file = requiredOption(values, 'config')
    const policy = loadPolicy({ file, environment: io.environment, mode: 'serve' })
    const app = await appOf(policy)
    const { selfTest } = app
    if (selfTest === undefined) throw new UsageError('the policy has no selfTest')
    const checks = await selfTest.run(GONE_RUNS)
    await app.closeWhenIdle()
    if (values['json'] === true) await writeLine(io.stdout, jsonText(checks))
    else for (const line of tableLines(HEADER, checks.map(row))) await writeLine(io.stdout, line)
    return EXIT[worst(checks)]
  },
}

function row({ state, kind, name, roles, classes, note }: Check): readonly string[] {
  return [state, kind, name, roles.join('+') || '-', classes.join(' ') || '-', note]
}

function worst(checks: readonly Check[]): Check['state'] {
  const states = new Set(checks.map(({ state }) => state))
  if (states.has('failed')) return 'failed'
  return states.has('unknown') ? 'unknown' : 'passed'
}

// Nothing is shared with a gateway that runs, and nothing is kept.
async function appOf(policy: LoadedPolicy): Promise<App> {
  const log = createLogger(pinoDestination({ dest: 2, sync: true }), 'silent', systemClock)
  const audit = forgetting()
  const { compiled } = policy
  const services = sharedServices(
    {
      audit,
      counter: createMemoryLookupCounter(),
      logs: { revocations: empty(), grants: empty(), unblocks: empty() },
      proofs: createMemorySpentProofs(systemClock),
      sessions: createMemorySessionStore(systemClock),
      log,
      clock: systemClock,
      ids: uuidV7,
    },
    createStoreWatch({ audit, log, relaxedAllowed: () => true }),
    () => compiled,
  )
  const keys = createIssuerKeys(systemClock)
  return createApp({
    ...services,
    policy: compiled,
    verifier: createTokenVerifier({ policy: compiled, keys, clock: systemClock }),
    login: undefined,
    auditPseudonymizer: policy.auditPseudonymizer,
    sealer: policy.sealer,
  })
}

function empty(): SharedLog {
  return createMemoryLog().open()
}

function forgetting(): ChainedWriter {
  return {
    append: () => Promise.resolve(),
    health: () => Promise.resolve({ ok: true, problem: undefined, durability: 'relaxed' }),
    problem: () => undefined,
    close: () => Promise.resolve(),
    configure: () => undefined,
    checkpointTimes: () => ({ lastMs: undefined, anchoredMs: undefined }),
    spooledBytes: () => 0,
    writer: () => '',
  }
}
