/**
 * Forwards to one upstream through @fastify/http-proxy: the target is rebuilt from the route's template, the headers
 * from a list, and the answer is taken over before a byte of it could be sent.
 */
import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { formatPairs } from '../rules/request/pairs.ts'
import type { Upstream } from '../rules/compiled-policy.ts'
import { answerFormat } from './answer/answer-formats.ts'
import { onAnswer } from './answer/on-answer.ts'
import type { UpstreamAnswer } from './answer/on-answer.ts'
import type { Exchange } from './exchange.ts'
import { sendRefusal } from './outcome.ts'
import { RefusedError } from './refused.ts'
import type { Services } from './services.ts'

/** Connections to one upstream. */
const CONNECTIONS_MAX = 128
/** Header section of an answer. */
const HEADER_BYTES_MAX = 65_536
const KEEP_ALIVE_MS = 10_000

/** Any of the library's request types: only the raw request tells exchanges apart. */
export interface RequestWithRaw {
  readonly raw: object
}

export interface ForwardOptions {
  readonly upstream: Upstream
  readonly services: Services
  readonly exchangeOf: (request: RequestWithRaw) => Exchange
}

/** The internal prefix under which the proxy of an upstream is registered. No caller can address it. */
export function internalPrefix(upstream: Upstream): string {
  return `/upstream/${upstream.name}`
}

export async function registerForward(
  app: FastifyInstance,
  options: ForwardOptions,
): Promise<void> {
  const { upstream, services, exchangeOf } = options
  await app.register(httpProxy, {
    upstream: upstream.origin,
    prefix: internalPrefix(upstream),
    rewritePrefix: '',
    httpMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    routes: ['/*'],
    websocket: false,
    // Where a redirect leads is for the answer side to decide.
    internalRewriteLocationHeader: false,
    disableCache: true,
    retryMethods: [],
    disableRequestLogging: true,
    undici: {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: upstream.answerTimeoutMs,
      bodyTimeout: upstream.answerTimeoutMs,
      maxHeaderSize: HEADER_BYTES_MAX,
      connect: { timeout: upstream.connectTimeoutMs },
    },
    destroyAgent: true,
    handler: (request, reply, target, hooks) => {
      const { body } = exchangeOf(request)
      // With a content type of its own, the library sends the bytes as they are.
      return reply.from(
        target,
        body === undefined ? hooks : { ...hooks, body: body.bytes, contentType: body.contentType },
      )
    },
    replyOptions: {
      retriesCount: 0,
      queryString: (_search: string | undefined, _url: string, request: RequestWithRaw) =>
        formatPairs(exchangeOf(request).parameters),
      rewriteRequestHeaders: (request: RequestWithRaw) =>
        upstreamHeaders(upstream, exchangeOf(request)),
      rewriteHeaders: () => ({}),
      onResponse: (request, reply, answer: unknown) => {
        void onAnswer(exchangeOf(request), plainReply(reply), services, answer as UpstreamAnswer)
      },
      onError: (reply, { error }) => {
        const refused = new RefusedError(
          isTimeout(error) ? 'upstream-timeout' : 'upstream-unreachable',
          { cause: error },
        )
        void sendRefusal(exchangeOf(reply.request), plainReply(reply), services, refused)
      },
    },
  })
}

// The plugin's types also allow for HTTP/2, which this gateway does not listen for.
function plainReply(reply: unknown): FastifyReply {
  return reply as FastifyReply
}

// A fixed list, none of the caller's bytes: what helps the upstream is the gateway's own.
function upstreamHeaders(upstream: Upstream, exchange: Exchange): Record<string, string> {
  return {
    host: new URL(upstream.origin).host,
    accept: answerFormat(exchange.match?.route.format ?? { kind: 'json' }).accept,
    'accept-encoding': upstream.codings.length === 0 ? 'identity' : upstream.codings.join(', '),
    'user-agent': 'celosia',
    'x-request-id': exchange.requestId,
    ...(exchange.body !== undefined && { 'content-type': exchange.body.contentType }),
    ...upstream.headers,
  }
}

function isTimeout(error: Error): boolean {
  const codes = [error, error.cause].map((one) => (one as { code?: unknown } | undefined)?.code)
  return (
    codes.some(
      (code) => typeof code === 'string' && /TIMEOUT|TIMED_?OUT|FST_REPLY_FROM_TIMEOUT/.test(code),
    ) || (error as { statusCode?: unknown }).statusCode === 504
  )
}
