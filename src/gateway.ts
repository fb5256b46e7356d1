/**
 * The composition root: wires stores, counters, identity and the proxy under one policy, and swaps the policy whole.
 * The only file that knows every folder below it.
 */
import type { AuditHealth, AuditWriter } from './audit/audit-store.ts'
import { AuditUnavailableError } from './audit/errors.ts'
import { policyActivity } from './audit/policy-activity.ts'
import type { Clock } from './core/clock.ts'
import type { IdSource } from './core/ids.ts'
import type { LookupCounter } from './detection/lookup-counter.ts'
import { createTokenVerifier } from './identity/token-verifier.ts'
import type { TokenVerifier } from './identity/token-verifier.ts'
import { warmUp } from './json/warm-up.ts'
import { startAdmin } from './proxy/admin.ts'
import type { Readiness } from './proxy/admin.ts'
import { createApp } from './proxy/app.ts'
import type { App } from './proxy/app.ts'
import { createHeldBytes } from './proxy/held-bytes.ts'
import { listen } from './proxy/listener.ts'
import type { Logger } from './proxy/logger.ts'
import { createMetrics } from './proxy/metrics.ts'
import { createRefusalCounts } from './proxy/refusal-counts.ts'
import { repeat } from './proxy/repeat.ts'
import type { CompiledPolicy } from './rules/compiled-policy.ts'
import type { Pseudonymizer } from './rules/pseudonymizer.ts'

/** How often the store and the issuers are looked at while all is well, and while it is not. */
const CHECK_MS = 30_000
const RECHECK_MS = 2_000
/** Wait for requests under way when closing. */
const GRACE_MS = 10_000

/** A policy with the keys it names. */
export interface LoadedPolicy {
  readonly compiled: CompiledPolicy
  readonly auditPseudonymizer: Pseudonymizer | undefined
}

export interface GatewayOptions {
  readonly policy: LoadedPolicy
  readonly audit: AuditWriter
  readonly counter: LookupCounter
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
  /** Puts another policy in force, as a whole. Requests under way end under the one they began with. */
  readonly reload: (policy: LoadedPolicy) => Promise<void>
  /** Records that a policy was refused; the one in force stays. */
  readonly reloadRefused: (faults: number) => Promise<void>
  readonly close: () => Promise<void>
}

interface Snapshot {
  readonly policy: LoadedPolicy
  readonly verifier: TokenVerifier
  readonly app: App
}

/**
 * Starts listening. Throws ListenError, or AuditUnavailableError where the store is weaker than the policy demands. A
 * store or an issuer that is away is no error: the gateway is then not ready, refuses, and recovers by itself.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { audit, counter, log, clock, ids } = options
  let snapshot: Snapshot | undefined
  let health: AuditHealth = {
    ok: false,
    problem: 'the store has not been looked at',
    durability: 'relaxed',
  }
  let issuersKnown = false
  let closing = false

  const relaxedAllowed = () =>
    options.allowRelaxed || snapshot?.policy.compiled.durability === 'relaxed'
  const guardedAudit: AuditWriter = {
    health: () => audit.health(),
    close: () => audit.close(),
    append: async (records) => {
      if (health.durability === 'relaxed' && !relaxedAllowed()) throw weakStore()
      await audit.append(records)
    },
  }
  const heldBytes = createHeldBytes(() => snapshot?.policy.compiled.limits.heldBytesAllMax ?? 0)
  const metrics = createMetrics(heldBytes.held)
  const refusals = createRefusalCounts({
    audit: guardedAudit,
    clock,
    ids,
    log,
    policy: () => snapshot?.policy.compiled.sha256 ?? '',
  })

  const takeSnapshot = async (policy: LoadedPolicy): Promise<Snapshot> => {
    const verifier = createTokenVerifier(policy.compiled.issuers, clock)
    const app = await createApp({
      policy: policy.compiled,
      auditPseudonymizer: policy.auditPseudonymizer,
      audit: guardedAudit,
      durability: () => health.durability,
      verifier,
      counter,
      heldBytes,
      refusals,
      metrics,
      log,
      clock,
      ids,
    })
    return { policy, verifier, app }
  }
  const recordPolicy = async (activity: 'loaded' | 'reloaded' | 'refused', faults: number) => {
    metrics.policyLoaded(activity !== 'refused', clock.nowMs())
    const policy = snapshot?.policy.compiled.sha256
    try {
      await guardedAudit.append([
        policyActivity({ id: ids(), timeMs: clock.nowMs(), activity, policy, faults }),
      ])
    } catch (error) {
      log.failure('policy change not recorded', error)
    }
  }
  const checkStore = async () => {
    health = await audit.health()
    if (!health.ok) log.warn('audit store not healthy', { problem: health.problem })
    return health.ok
  }
  const checkIssuers = async () => {
    try {
      await snapshot?.verifier.prepare()
      issuersKnown = true
    } catch (error) {
      issuersKnown = false
      log.failure('issuer keys not available', error)
    }
    return issuersKnown
  }
  const readiness = async (): Promise<Readiness> => {
    const problems = [
      ...(health.ok ? [] : [`audit: ${health.problem ?? 'not available'}`]),
      ...(health.ok && health.durability === 'relaxed' && !relaxedAllowed()
        ? ['audit: the store is weaker than the policy demands']
        : []),
      ...(issuersKnown ? [] : ['identity: the keys of an issuer are not available']),
      ...(closing ? ['closing'] : []),
    ]
    return {
      ready: problems.length === 0,
      problems,
      policy: snapshot?.policy.compiled.sha256 ?? '',
    }
  }

  snapshot = await takeSnapshot(options.policy)
  await checkStore()
  if (health.ok && health.durability === 'relaxed' && !relaxedAllowed()) throw weakStore()
  warmUp()
  const listener = await listen({ ...options.listen, handle: snapshot.app.handle })
  const admin = await startAdmin({
    ...options.admin,
    readiness,
    metrics: metrics.text,
    metricsContentType: metrics.contentType,
  })
  const storeChecks = repeat(checkStore, CHECK_MS, RECHECK_MS)
  await checkIssuers()
  const issuerChecks = repeat(
    async () => issuersKnown || (await checkIssuers()),
    CHECK_MS,
    RECHECK_MS,
  )
  refusals.start()
  await recordPolicy('loaded', 0)

  return {
    url: listener.url,
    adminUrl: admin.url,
    reload: async (policy) => {
      const previous = snapshot
      snapshot = await takeSnapshot(policy)
      listener.use(snapshot.app.handle)
      issuersKnown = false
      await checkIssuers()
      await recordPolicy('reloaded', 0)
      if (previous !== undefined) void previous.app.closeWhenIdle()
    },
    reloadRefused: (faults) => recordPolicy('refused', faults),
    close: async () => {
      closing = true
      storeChecks.stop()
      issuerChecks.stop()
      await listener.close(GRACE_MS)
      await refusals.stop()
      await snapshot?.app.closeWhenIdle()
      await admin.close()
      await Promise.all([audit.close(), counter.close()])
    },
  }
}

function weakStore(): AuditUnavailableError {
  return new AuditUnavailableError(
    'the audit store may lose acknowledged records (Redis: set appendonly yes and appendfsync always), and the policy does not say `audit: { durability: relaxed }`',
  )
}
