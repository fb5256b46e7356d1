/**
 * Forwards to one upstream through @fastify/http-proxy: the target is rebuilt from the route's template, the headers
 * from a list, and the answer is taken over before a byte of it could be sent.
 */
import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { formatPairs } from '../rules/request/pairs.ts'
import type { Upstream } from '../rules/compiled-policy.ts'
import { onAnswer } from './answer/on-answer.ts'
import type { UpstreamAnswer } from './answer/on-answer.ts'
import type { Exchange } from './exchange.ts'
import { sendRefusal } from './outcome.ts'
import type { Services } from './services.ts'
import { upstreamFailure } from './upstream-failure.ts'
import { forwardHeaders } from './upstream-headers.ts'

/** Any of the library's request types: only the raw request tells exchanges apart. */
export interface RequestWithRaw {
  readonly raw: object
}

export interface ForwardOptions {
  readonly upstream: Upstream
  readonly services: Services
  readonly exchangeOf: (request: RequestWithRaw) => Exchange
  /** Of internal paths; see {@link internalPrefixes}. */
  readonly prefix: string
}

/**
 * The internal prefix under which the proxy of each upstream is registered, by name. No caller can address it. It is short: the
 * library reads it with each request, character by character.
 */
export function internalPrefixes(upstreams: Iterable<Upstream>): ReadonlyMap<string, string> {
  return new Map([...upstreams].map(({ name }, index) => [name, `/${index}`]))
}

export async function registerForward(
  app: FastifyInstance,
  options: ForwardOptions,
): Promise<void> {
  const { upstream, services, exchangeOf, prefix } = options
  await app.register(httpProxy, {
    upstream: upstream.origin,
    prefix,
    rewritePrefix: '',
    httpMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    routes: ['/*'],
    websocket: false,
    // Where a redirect leads is for the answer side to decide.
    internalRewriteLocationHeader: false,
    disableCache: true,
    retryMethods: [],
    disableRequestLogging: true,
    undici: services.clients.of(upstream),
    destroyAgent: true,
    handler: (request, reply, target, hooks) => {
      const { body } = exchangeOf(request)
      // With a content type of its own, the library sends the bytes as they are.
      reply.from(
        target,
        body === undefined ? hooks : { ...hooks, body: body.bytes, contentType: body.contentType },
      )
      // Nothing is given back: Fastify would wait for the end of the reply, which costs, and is nobody's to know.
    },
    replyOptions: {
      retriesCount: 0,
      queryString: (_search: string | undefined, _url: string, request: RequestWithRaw) =>
        formatPairs(exchangeOf(request).parameters),
      rewriteRequestHeaders: (request: RequestWithRaw) =>
        forwardHeaders(upstream, exchangeOf(request)),
      rewriteHeaders: () => ({}),
      onResponse: (request, reply, answer: unknown) => {
        void onAnswer(exchangeOf(request), plainReply(reply), services, answer as UpstreamAnswer)
      },
      onError: (reply, { error }) => {
        const refused = upstreamFailure(error)
        void sendRefusal(exchangeOf(reply.request), plainReply(reply), services, refused)
      },
    },
  })
}

// The plugin's types also allow for HTTP/2, which this gateway does not listen for.
function plainReply(reply: unknown): FastifyReply {
  return reply as FastifyReply
}
