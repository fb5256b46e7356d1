/**
 * One Fastify application for one policy: the pipeline of its requests. It never listens; the listener hands requests to
 * the application in force, so that a reload swaps everything at once and requests under way end as they began.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import fastify from 'fastify'
import type { FastifyReply } from 'fastify'
import { systemRandom } from '../core/random.ts'
import type { Upstream } from '../rules/compiled-policy.ts'
import { buildPath } from '../rules/routing/route-template.ts'
import { carryExchange, exchangeOn } from './exchange.ts'
import type { Exchange, SelfTestCall } from './exchange.ts'
import { internalPrefixes, registerForward } from './forward.ts'
import type { RequestWithRaw } from './forward.ts'
import { recordAbort, sendNotice, sendPreflight, sendRefusal } from './outcome.ts'
import { receive, receiverOf } from './receivers/receive.ts'
import { RefusedError } from './refused.ts'
import { claimedAddress } from './request/claimed-address.ts'
import { parseTarget } from '../rules/request/target.ts'
import { asksToContinue } from './request/framing.ts'
import { REQUEST_STEPS } from './request/steps.ts'
import { innerServer } from './listener.ts'
import type { Check } from './self-test/check.ts'
import { callOn } from './self-test/inner-call.ts'
import { createSelfTest } from './self-test/self-test.ts'
import type { SelfTest } from './self-test/self-test.ts'
import type { Services } from './services.ts'
import { leadToLogin } from './sessions/lead-to-login.ts'
import { openDoor, sessionDoorOf } from './sessions/session-doors.ts'
import { certificateOf } from './tls/tls-connections.ts'
import { createUpstreamClients } from './upstream-clients.ts'

/** Where requests go that no route matches: the steps refuse them before they get there. */
const REFUSED_PATH = '/refused'

export interface App {
  readonly handle: RequestListener
  /** Closes the connections to upstreams as soon as no request is under way; resolves then. */
  readonly closeWhenIdle: () => Promise<void>
  /** Of this policy; undefined: it has none. Not started yet. */
  readonly selfTest: SelfTest | undefined
}

/** What an application is made with. */
export type AppServices = Omit<Services, 'clients' | 'breaker'>

/** `failed`: what the self-test of the policy before has found. */
export async function createApp(given: AppServices, failed: readonly Check[] = []): Promise<App> {
  const services: Services = {
    ...given,
    clients: createUpstreamClients(given.policy.upstreams.values()),
    breaker: { open: new Set() },
  }
  const prefixes = internalPrefixes(services.policy.upstreams.values())
  const prefixOf = ({ name }: Upstream) => prefixes.get(name) ?? REFUSED_PATH
  let handle: RequestListener | undefined
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: false,
    bodyLimit: 1,
    routerOptions: {
      maxParamLength: 16_384,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      caseSensitive: true,
    },
    serverFactory: (listener) => {
      handle = listener
      return createServer()
    },
    // Called before routing, so that Fastify's router only ever sees paths that were built here.
    rewriteUrl: (raw) => {
      const call = callOn(raw)
      const exchange = createExchange(raw, call, services)
      if (call !== undefined) call.exchange = exchange
      carryExchange(exchange)
      return internalPath(exchange, prefixOf)
    },
  })
  app.addHook('onRequest', (request, reply) => runSteps(request, reply, services))
  app.setErrorHandler(async (error, request, reply) => {
    await sendRefusal(exchangeOf(request), reply, services, error)
    return reply
  })
  app.setNotFoundHandler(async (request, reply) =>
    refuseUnrouted(exchangeOf(request), reply, services),
  )
  for (const upstream of services.policy.upstreams.values()) {
    await registerForward(app, { upstream, services, exchangeOf, prefix: prefixOf(upstream) })
  }
  await app.ready()
  if (handle === undefined) throw new RefusedError('internal-error')
  const counted = whenIdle(handle, () => app.close())
  const selfTest = selfTestOf(services, counted.handle, failed)
  return {
    handle: counted.handle,
    closeWhenIdle: async () => {
      await selfTest?.stop()
      await counted.closeWhenIdle()
    },
    selfTest,
  }
}

function selfTestOf(
  services: Services,
  handle: RequestListener,
  failed: readonly Check[],
): SelfTest | undefined {
  const rules = services.policy.selfTest
  if (rules === undefined) {
    services.metrics.selfTest(undefined)
    return undefined
  }
  return createSelfTest({
    rules,
    server: innerServer(handle),
    services,
    random: systemRandom,
    failed,
  })
}

function exchangeOf({ raw }: RequestWithRaw): Exchange {
  const exchange = exchangeOn(raw)
  if (exchange === undefined) throw new RefusedError('internal-error')
  return exchange
}

// Counts requests under way, so that a replaced application is closed neither too early nor never.
function whenIdle(
  handle: RequestListener,
  close: () => Promise<void>,
): Pick<App, 'handle' | 'closeWhenIdle'> {
  let underWay = 0
  let idle: (() => void) | undefined
  return {
    handle: (request, response) => {
      underWay += 1
      response.on('close', () => {
        underWay -= 1
        if (underWay === 0) idle?.()
      })
      handle(request, response)
    },
    closeWhenIdle: async () => {
      if (underWay > 0) await new Promise<void>((resolve) => (idle = resolve))
      await close()
    },
  }
}

function createExchange(
  raw: IncomingMessage,
  selfTest: SelfTestCall | undefined,
  services: Services,
): Exchange {
  const { clock, ids, policy } = services
  const target = parseTarget(raw.url ?? '')
  const address = raw.socket.remoteAddress ?? ''
  const { forwarded } = policy
  return {
    requestId: ids(),
    recordId: ids(),
    raw,
    address,
    claimedAddress: forwarded && claimedAddress(raw.headers[forwarded.header], address, forwarded),
    certificate: certificateOf(raw.socket),
    timeMs: clock.nowMs(),
    startedMs: clock.monotonicMs(),
    selfTest,
    target,
    match: target === undefined ? undefined : policy.routes.find(routedMethod(raw), target.parts),
    subject: undefined,
    ambient: undefined,
    roles: [],
    effect: 'deny',
    reasons: [],
    masking: undefined,
    purpose: undefined,
    reveal: undefined,
    maskedFor: [],
    preflight: undefined,
    parameters: [],
    intentId: undefined,
    wantBody: nothing,
    body: undefined,
    inbound: [],
    unlisted: undefined,
    terms: [],
    recordWrite: undefined,
    unchecked: [],
    upstreamStatus: undefined,
    report: undefined,
    searches: false,
    crossings: [],
    heldLookups: [],
    lookupsUnknown: false,
    part: undefined,
    storeWaitMs: 0,
    heldBytes: 0,
    settled: false,
  }
}

function nothing(): void {}

// RFC 9110 9.3.2: HEAD is GET without content, so it takes the route of GET with all that holds there.
function routedMethod({ method = '' }: IncomingMessage): string {
  return method === 'HEAD' ? 'GET' : method
}

function internalPath({ match }: Exchange, prefixOf: (upstream: Upstream) => string): string {
  if (match === undefined) return REFUSED_PATH
  const { upstream, template } = match.route
  return prefixOf(upstream) + upstream.pathPrefix + buildPath(template, match.parameters)
}

async function runSteps(
  request: RequestWithRaw,
  reply: FastifyReply,
  services: Services,
): Promise<void> {
  const exchange = exchangeOf(request)
  // Comes once; a listener that takes itself off costs an object more.
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) void recordAbort(exchange, services)
  })
  // Only then: a way from each exchange to its answer lets what is over outlive the quick collections of garbage, too.
  if (asksToContinue(exchange.raw)) exchange.wantBody = () => reply.raw.writeContinue()
  try {
    const receiver = receiverOf(exchange, services)
    if (receiver !== undefined) {
      await receive(receiver, exchange, reply, services)
      return
    }
    const door = sessionDoorOf(exchange, services)
    if (door !== undefined) {
      sendNotice(exchange, reply, services, await openDoor(door, exchange, services))
      return
    }
    for (const step of REQUEST_STEPS) {
      // Most steps have nothing to wait for, and waiting for nothing costs.
      const pending = step.run(exchange, services)
      if (pending !== undefined) await pending
      if (exchange.preflight !== undefined) {
        sendPreflight(exchange, reply, services, exchange.preflight)
        return
      }
    }
    // The caller went away meanwhile, which is on record: the upstream is not asked any more.
    if (exchange.settled) reply.hijack()
  } catch (error) {
    await sendRefusal(exchange, reply, services, leadToLogin(error, exchange, services))
  }
}

// Only reached if a step let through what has no route: that is a fault of ours, and still a refusal.
async function refuseUnrouted(
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
): Promise<FastifyReply> {
  await sendRefusal(exchange, reply, services, new RefusedError('internal-error'))
  return reply
}
