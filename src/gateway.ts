/**
 * The composition root: wires stores, counters, identity and the proxy under one policy, and swaps the policy whole.
 * The only file that knows every folder below it.
 */
import type { AuditSettings, ChainedWriter } from './audit/chain/chain-writer.ts'
import type { OrphanSource } from './audit/reconcile/reconciler.ts'
import type { RetentionTarget } from './audit/retention/retention-target.ts'
import type { PolicyChangeCounts } from './core/audit-facts.ts'
import type { Clock } from './core/clock.ts'
import type { IdSource } from './core/ids.ts'
import type { LookupCounter } from './detection/lookup-counter.ts'
import type { SpentProofs } from './identity/dpop/spent-proofs.ts'
import { createIssuerKeys } from './identity/issuer-keys.ts'
import type { IssuerKeys } from './identity/issuer-keys.ts'
import { createLoginClient } from './identity/sessions/login-client.ts'
import type { SessionStore } from './identity/sessions/session-store.ts'
import { createTokenVerifier } from './identity/token-verifier.ts'
import type { TokenVerifier } from './identity/token-verifier.ts'
import type { SharedLog, SharedLogs } from './identity/shared-log/shared-log.ts'
import { warmUp } from './json/warm-up.ts'
import { startAdmin } from './proxy/admin.ts'
import { createApp } from './proxy/app.ts'
import type { App } from './proxy/app.ts'
import { watchOrphans } from './proxy/orphan-watch.ts'
import { createIssuerWatch } from './proxy/issuer-watch.ts'
import { listen } from './proxy/listener.ts'
import type { Listener } from './proxy/listener.ts'
import type { Logger } from './proxy/logger.ts'
import { listenerRefusals } from './proxy/listener-refusals.ts'
import { policyRecorder } from './proxy/policy-recorder.ts'
import { readinessOf } from './proxy/readiness.ts'
import type { Repetition } from './proxy/repeat.ts'
import { createRetentionWatch } from './proxy/retention-watch.ts'
import type { RetentionWatch } from './proxy/retention-watch.ts'
import { sharedServices } from './proxy/shared-services.ts'
import type { SharedServices } from './proxy/shared-services.ts'
import { createStoreWatch } from './proxy/store-watch.ts'
import type { StoreWatch } from './proxy/store-watch.ts'
import type { TlsSettings } from './proxy/tls/tls-settings.ts'
import { watchTlsFiles } from './proxy/tls/tls-watch.ts'
import type { ShippingService } from './shipping/shipping-service.ts'
import type { ShipPlan } from './shipping/ship-file/plan.ts'
import type { CompiledPolicy } from './rules/compiled-policy.ts'
import type { Pseudonymizer } from './rules/pseudonymizer.ts'
import type { Sealer } from './rules/sealer.ts'

/** Wait for requests under way when closing. */
const GRACE_MS = 10_000

/** A policy with the keys it names. */
export interface LoadedPolicy {
  readonly compiled: CompiledPolicy
  readonly auditPseudonymizer: Pseudonymizer | undefined
  readonly sealer: Sealer | undefined
  readonly audit: AuditSettings
  /** Where the audit is sent to by the gateway itself. */
  readonly shipPlan: ShipPlan | undefined
  /** What callers connect with; undefined: without TLS. */
  readonly tls: TlsSettings | undefined
}

/** Retention of the audit, which knows of the sinks that must have had a record first. */
export interface AuditRetention extends RetentionTarget {
  readonly useShipPlan: (plan: ShipPlan | undefined) => void
}

export interface GatewayOptions {
  readonly policy: LoadedPolicy
  /** Closed with the gateway, as is the counter; also where it does not start. */
  readonly audit: ChainedWriter
  readonly counter: LookupCounter
  /** Closed with the gateway, too. */
  readonly logs: SharedLogs
  /** Closed with the gateway, too. */
  readonly proofs: SpentProofs
  /** Closed with the gateway, too. */
  readonly sessions: SessionStore
  /** Where accesses are found that a dead gateway left open. Closed with the gateway. */
  readonly orphans: OrphanSource
  /** What makes old records go. Closed with the gateway. */
  readonly retention: AuditRetention
  /** Closed with the gateway, too. */
  readonly shipping: ShippingService
  readonly listen: { readonly host: string; readonly port: number }
  readonly admin: { readonly host: string; readonly port: number }
  /** Start on a store that may lose acknowledged records also where the policy does not say so. */
  readonly allowRelaxed: boolean
  readonly log: Logger
  readonly clock: Clock
  readonly ids: IdSource
}

export interface Gateway {
  readonly url: string
  readonly adminUrl: string
  /**
   * Puts another policy in force, as a whole. Requests under way end under the one they began with. The record
   * of it has `changes`, what it is beside the one before.
   */
  readonly reload: (policy: LoadedPolicy, changes?: PolicyChangeCounts) => Promise<void>
  /** Records that a policy was refused; the one in force stays. */
  readonly reloadRefused: (faults: number) => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Starts listening. Throws ListenError, or AuditUnavailableError where the store is weaker than the policy demands. A
 * store or an issuer that is away is no error: the gateway is then not ready, refuses, and recovers by itself.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const closers = new AsyncDisposableStack()
  closers.defer(
    async () =>
      void (await Promise.all([
        options.audit.close(),
        options.counter.close(),
        ...Object.values(options.logs).map((log: SharedLog) => log.close()),
        options.proofs.close(),
        options.sessions.close(),
        options.orphans.close(),
        options.retention.close(),
        options.shipping.close(),
      ])),
  )
  try {
    return await start(options, closers)
  } catch (error) {
    await closers.disposeAsync()
    throw error
  }
}

// What is deferred last is closed first: what takes requests goes before what answers them needs.
async function start(options: GatewayOptions, closers: AsyncDisposableStack): Promise<Gateway> {
  const { audit, allowRelaxed, log, shipping } = options
  let snapshot: Snapshot | undefined
  let closing = false
  const inForce = () => snapshot?.policy.compiled
  const problems = () => [
    ...[store, issuers].flatMap((watch) => watch.problems()),
    ...(closing ? ['closing'] : []),
  ]
  const store = createStoreWatch({
    audit,
    log,
    relaxedAllowed: () => allowRelaxed || inForce()?.audit.durability === 'relaxed',
  })
  const issuers = createIssuerWatch(async () => snapshot?.verifier.prepare(), log)
  const retention = retentionWatch(options, () => snapshot?.policy)
  const services = sharedServices(options, store, inForce, retention.lastMs)
  closers.defer(() => followed(services).forEach((one) => one.stop()))
  const keys = createIssuerKeys(options.clock)
  const record = policyRecorder(services, inForce)

  snapshot = await takeSnapshot(options.policy, services, keys)
  const orphans = await prepareStores(options, store, services)
  warmUp()
  const admin = await startAdmin({
    ...options.admin,
    readiness: async () => readinessOf({ ...snapshot, services, problems: problems() }),
    ...metricsOf(services, shipping),
  })
  closers.defer(admin.close)
  closers.defer(async () => snapshot?.app.closeWhenIdle())
  for (const { stop } of [services.refusals, services.late]) closers.defer(stop)
  const listener = await openListener(options, snapshot.app, services)
  closers.defer(() => listener.close(GRACE_MS))
  await ship(options, options.policy)
  await issuers.prepare()
  const tls = watchTlsFiles({ inForce: () => snapshot?.policy.tls, use: listener.useTls, log })
  const watches = [store.start(), issuers.start(), orphans, tls]
  closers.defer(() => {
    closing = true
    for (const watch of watches) watch.stop()
  })
  services.refusals.start()
  snapshot.app.selfTest?.start()
  closers.defer(retention.start(services))
  await record('loaded', 0)

  return {
    url: listener.url,
    adminUrl: admin.url,
    reload: async (policy, changes) => {
      listener.checkTls(policy.tls)
      const next = await takeSnapshot(policy, services, keys, snapshot)
      await ship(options, policy)
      const previous = snapshot
      snapshot = next
      audit.configure(policy.audit)
      listener.use(next.app.handle)
      listener.useTls(policy.tls)
      next.app.selfTest?.start()
      keys.retain(keyOwners(policy.compiled))
      await issuers.prepare()
      await record('reloaded', 0, changes)
      void previous?.app.closeWhenIdle()
    },
    reloadRefused: (faults) => record('refused', faults),
    close: () => closers.disposeAsync(),
  }
}

function retentionWatch(
  { retention: target, audit, clock, ids, log }: GatewayOptions,
  policy: () => LoadedPolicy | undefined,
): RetentionWatch {
  const order = () => {
    const { retention: periods, checkpoints } = policy()?.audit ?? {}
    const signer = checkpoints?.signer
    return periods === undefined || signer === undefined ? undefined : { periods, signer }
  }
  return createRetentionWatch({ target, spooledBytes: audit.spooledBytes, order, clock, ids, log })
}

function openListener(
  { listen: place, policy: { tls } }: GatewayOptions,
  { handle }: App,
  services: SharedServices,
): Promise<Listener> {
  return listen({ ...place, tls, handle, ...listenerRefusals(services) })
}

async function ship({ shipping, retention }: GatewayOptions, policy: LoadedPolicy): Promise<void> {
  await shipping.use(policy.shipPlan)
  retention.useShipPlan(policy.shipPlan)
}

const followed = ({ revocations, grants, unblocks }: SharedServices) =>
  [revocations, grants, unblocks] as const

// Whether the audit is sent on has no say in whether requests are answered: it is in the metrics, not in readiness.
function metricsOf({ metrics }: SharedServices, shipping: ShippingService) {
  return {
    metrics: async () => `${await metrics.text()}${await shipping.metrics()}`,
    metricsContentType: metrics.contentType,
  }
}

// Before the first request: what is asked of the audit holds, and what others left open in it is closed.
async function prepareStores(
  { audit, policy, orphans }: GatewayOptions,
  store: StoreWatch,
  services: SharedServices,
): Promise<Repetition> {
  audit.configure(policy.audit)
  await store.demand()
  await Promise.all(followed(services).map((one) => one.start()))
  return watchOrphans(orphans, services)
}

/** Whose keys a policy needs. */
function keyOwners({ issuers, revocation }: CompiledPolicy) {
  return [...issuers, ...(revocation?.transmitters ?? [])]
}

/** One policy with what was made for it. */
interface Snapshot {
  readonly policy: LoadedPolicy
  readonly verifier: TokenVerifier
  readonly app: App
}

async function takeSnapshot(
  policy: LoadedPolicy,
  services: SharedServices,
  keys: IssuerKeys,
  previous?: Snapshot,
): Promise<Snapshot> {
  const { compiled, auditPseudonymizer, sealer } = policy
  const verifier = createTokenVerifier({ policy: compiled, keys, clock: services.clock })
  const { session } = compiled
  const login = session && createLoginClient({ rules: session, keys, clock: services.clock })
  const own = { policy: compiled, verifier, login, auditPseudonymizer, sealer }
  const app = await createApp({ ...services, ...own }, previous?.app.selfTest?.failed())
  return { policy, verifier, app }
}
