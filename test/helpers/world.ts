/**
 * What a test of the whole needs: a gateway process under the shipped policy or a changed one, a raw upstream behind it,
 * an issuer whose tokens it believes, and canaries.
 */
import type { DetectDocument } from '../../src/rules/policy/detect-document.ts'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { createCanaries, type Canaries } from './canaries.ts'
import {
  shippedPolicy,
  startGatewayProcess,
  type GatewayOptions,
  type GatewayProcess,
} from './gateway.ts'
import { startJwksServer, type JwksMode, type JwksServer } from './jwks-server.ts'
import { accessClaims, makeKey, signToken, type TestKey } from './keys.ts'
import type { TestScope } from './process.ts'
import { startRawUpstream, type RawUpstream } from './upstream.ts'

/** Claims of a token beside those that every token has. */
export interface TokenOptions {
  readonly roles?: readonly string[]
  readonly subject?: string
  readonly claims?: Readonly<Record<string, unknown>>
}

/** All that takes part. */
export interface World {
  readonly gateway: GatewayProcess
  readonly upstream: RawUpstream
  readonly issuer: JwksServer
  readonly key: TestKey
  readonly canaries: Canaries
  /** A token of the issuer; of an agent unless told otherwise. */
  readonly token: (options?: TokenOptions) => Promise<string>
}

/** How it differs from the shipped one. */
export interface WorldOptions extends Pick<
  GatewayOptions,
  'files' | 'store' | 'env' | 'waitUntilReady'
> {
  readonly change?: (shipped: PolicyDocument) => PolicyDocument
  readonly seed?: number
  /** How the issuer behaves while the gateway starts. */
  readonly issuerMode?: JwksMode
}

/** Starts everything; it is ended with the test. */
export async function startWorld(t: TestScope, options: WorldOptions = {}): Promise<World> {
  const { change = (shipped) => shipped, seed, issuerMode = 'ok', ...gatewayOptions } = options
  const key = await makeKey('ES256')
  const [upstream, issuer] = await Promise.all([startRawUpstream(t), startJwksServer(t, [key])])
  await issuer.setMode(issuerMode)
  const gateway = await startGatewayProcess(t, {
    ...gatewayOptions,
    policy: change(shippedPolicy()),
    upstreamUrl: upstream.url,
    issuer: issuer.issuer,
  })
  return {
    gateway,
    upstream,
    issuer,
    key,
    canaries: createCanaries(seed),
    token: ({ roles = ['agent'], subject = 'agent-1', claims = {} } = {}) => {
      const all = accessClaims(issuer.issuer, { sub: subject, realm_access: { roles }, ...claims })
      return signToken(all, { key })
    },
  }
}

/** The policy with other timeouts for its upstream. */
export function withTimeouts(
  policy: PolicyDocument,
  timeouts: { readonly connect: string; readonly answer: string },
): PolicyDocument {
  const upstreams = Object.entries(policy.upstreams).map(([name, upstream]) => [
    name,
    { ...upstream, timeouts },
  ])
  return { ...policy, upstreams: Object.fromEntries(upstreams) }
}

/** Its rules that count search terms: a policy that lets searches by whole values through must have them. */
export function searchBudgets({ detect = [] }: PolicyDocument): readonly DetectDocument[] {
  return detect.filter(({ count }) => count.distinct === 'searchTerm')
}
