/**
 * One target of the benchmark as a process of its own, before `UPSTREAM` on `PORT`. The whole gateway is `celosia serve`.
 *
 * `plain` is @fastify/http-proxy with the connections that the gateway uses, and passes everything on. `held` is the same, but
 * an answer is held whole before it leaves, as it must be where no byte may leave before its record. `plain-jwt` verifies the
 * signature of the token. `checks` is the pipeline of the gateway with all that is looked at on the way of a request and of its
 * answer, but with a store that takes records at once, a subject without cryptography, neither log nor metrics, and a program
 * that hands bytes on instead of masking them.
 */
import type { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import fastify from 'fastify'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import type { Exposures, Rewriter } from '../../src/json/program-source.ts'
import { createApp } from '../../src/proxy/app.ts'
import type { Metrics } from '../../src/proxy/metrics.ts'
import type { CompiledPolicy } from '../../src/rules/compiled-policy.ts'
import { LOOPBACK } from '../../test/helpers/free-port.ts'
import { pipelineServices } from '../../test/helpers/pipeline.ts'
import { BENCH_SUBJECT } from './bench-subject.ts'
import { listenAt } from './listen-at.ts'

const env = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
const kind = process.argv[2] ?? ''
const port = Number(env('PORT'))

interface PlainOptions {
  readonly verify: boolean
  readonly hold: boolean
}

async function plain({ verify, hold }: PlainOptions): Promise<void> {
  const app = fastify({ logger: false })
  if (verify) {
    const issuer = env('OIDC_ISSUER')
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    const options = { issuer, audience: 'celosia', algorithms: ['ES256'] }
    app.addHook('onRequest', async ({ headers }) => {
      await jwtVerify((headers.authorization ?? '').slice('Bearer '.length), keys, options)
    })
  }
  await app.register(httpProxy, {
    upstream: env('UPSTREAM'),
    disableCache: true,
    undici: { connections: 128, pipelining: 1, keepAliveTimeout: 10_000 },
    ...(hold && {
      replyOptions: {
        onResponse: (_request, reply, answer) => {
          const parts: Buffer[] = []
          // The library's types give the stream, and hand over what has it.
          const { stream } = answer as unknown as { readonly stream: Readable }
          stream.on('data', (part: Buffer) => parts.push(part))
          stream.on('end', () => void reply.send(Buffer.concat(parts)))
        },
      },
    }),
  })
  await app.listen({ host: LOOPBACK, port })
}

async function checks(): Promise<void> {
  const { compiled: policy } = loadPolicy({
    file: env('POLICY'),
    environment: process.env,
    mode: 'author',
  })
  const audit = {
    append: () => Promise.resolve(),
    health: () => Promise.resolve({ ok: true, problem: undefined, durability: 'strict' } as const),
    problem: () => undefined,
    close: () => Promise.resolve(),
  }
  const services = pipelineServices(withoutMasking(policy), audit)
  const verifier = { ...services.verifier, verify: () => Promise.resolve(BENCH_SUBJECT) }
  const app = await createApp({
    ...services,
    verifier,
    metrics: { ...services.metrics, ...SILENT },
  })
  await listenAt(port, app)
}

const SILENT: Partial<Metrics> = { request: () => undefined, exposures: () => undefined }

/** Its routes, each with a program that hands on the bytes it is given. */
function withoutMasking(policy: CompiledPolicy): CompiledPolicy {
  const bare = new Map(
    policy.routeList.map((route) => {
      const masking = route.maskingFor(['agent'])
      return [route, { ...route, maskingFor: () => ({ ...masking, start: handOn }) }]
    }),
  )
  const find: CompiledPolicy['routes']['find'] = (method, parts) => {
    const match = policy.routes.find(method, parts)
    return match && { ...match, route: bare.get(match.route) ?? match.route }
  }
  return { ...policy, routes: { ...policy.routes, find } }
}

const NOTHING = Buffer.alloc(0)
const NONE: Exposures = { counters: [0], subjects: [], unscoped: [0], scopesOverflowed: false }

function handOn(): Rewriter {
  const parts: Buffer[] = []
  return {
    push: (bytes) => {
      parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      return { kind: 'bytes', bytes: NOTHING }
    },
    take: () => Buffer.concat(parts),
    takeParts: () => parts.splice(0),
    waiting: () => parts.reduce((sum, part) => sum + part.length, 0),
    exposures: () => NONE,
    drain: () => NONE,
    subjectCount: () => 0,
  }
}

if (kind === 'checks') await checks()
else await plain({ verify: kind === 'plain-jwt', hold: kind === 'held' })
console.log('listening')

// A profile is written where the process ends by itself.
process.on('SIGTERM', () => process.exit(0))
